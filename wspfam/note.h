/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a datagram socket's tables cannot say of the name that it was connected
 * by. Few sockets have such a note, and it is theirs until they close, are
 * connected by another name or disconnect.
 */
#ifndef _WSPFAM_NOTE_H
#define _WSPFAM_NOTE_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/socket.h>

/**
 * struct wsp_note - what a connect has made of its name
 * @node: its place in the table
 * @sock: whose it is
 * @device: the device that the name has bound the socket to, or 0
 * @before: the device that it was bound to before, or 0
 * @name: the name as the program gave it
 */
struct wsp_note {
	struct hlist_node node;
	const struct socket *sock;
	int device;
	int before;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} name;
};

void wsp_note_keep(const struct socket *sock, struct wsp_note *note);
struct wsp_note *wsp_note_find(const struct socket *sock);
void wsp_note_drop(const struct socket *sock);

void wsp_notes_init(void);
void wsp_notes_exit(void);

#endif /* _WSPFAM_NOTE_H */
