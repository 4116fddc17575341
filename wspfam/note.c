// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "note.h"

#define WSP_NOTE_BITS	8

static struct wsp_notes {
	spinlock_t lock;	/* guards the list */
	struct hlist_head list;
} wsp_notes[1 << WSP_NOTE_BITS];

static struct wsp_notes *wsp_notes_of(const struct socket *sock)
{
	return &wsp_notes[hash_ptr(sock, WSP_NOTE_BITS)];
}

static struct wsp_note *wsp_note_seek(const struct wsp_notes *notes,
				      const struct socket *sock)
{
	struct wsp_note *note;

	hlist_for_each_entry(note, &notes->list, node) {
		if (note->sock == sock)
			return note;
	}
	return NULL;
}

/* Puts @note, or nothing, in the place of any former note. */
static void wsp_note_replace(const struct socket *sock, struct wsp_note *note)
{
	struct wsp_notes *notes = wsp_notes_of(sock);
	struct wsp_note *former;

	spin_lock(&notes->lock);
	former = wsp_note_seek(notes, sock);
	if (former)
		hlist_del(&former->node);
	if (note)
		hlist_add_head(&note->node, &notes->list);
	spin_unlock(&notes->lock);
	kfree(former);
}

/*
 * There may be one of a socket that had the same place before, and whose table
 * somebody else replaced, so that it was never told to drop it.
 */
void wsp_note_keep(const struct socket *sock, struct wsp_note *note)
{
	note->sock = sock;
	wsp_note_replace(sock, note);
}

void wsp_note_drop(const struct socket *sock)
{
	wsp_note_replace(sock, NULL);
}

/* For those whose table says so; the inode's lock keeps it. */
struct wsp_note *wsp_note_find(const struct socket *sock)
{
	struct wsp_notes *notes = wsp_notes_of(sock);
	struct wsp_note *note;

	spin_lock(&notes->lock);
	note = wsp_note_seek(notes, sock);
	spin_unlock(&notes->lock);
	return note;
}

void __init wsp_notes_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(wsp_notes); i++) {
		spin_lock_init(&wsp_notes[i].lock);
		INIT_HLIST_HEAD(&wsp_notes[i].list);
	}
}

/* No socket is left; what is was never dropped. */
void wsp_notes_exit(void)
{
	struct hlist_node *next;
	struct wsp_note *note;
	int i;

	for (i = 0; i < ARRAY_SIZE(wsp_notes); i++) {
		hlist_for_each_entry_safe(note, next, &wsp_notes[i].list, node) {
			hlist_del(&note->node);
			kfree(note);
		}
	}
}
