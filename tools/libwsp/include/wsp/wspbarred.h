/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions of the platform that a Winsock source cannot call, since their
 * types have Winsock's meaning in it: an error that says so.
 */
#pragma GCC system_header
#ifndef WSP_WSPBARRED_H
#define WSP_WSPBARRED_H

#ifdef __cplusplus
#define WSP_BARRED(name) extern "C" int name(...) __attribute__((__error__( \
	"not in a Winsock source, where socklen_t, fd_set ... are Winsock's")))
#else
#define WSP_BARRED(name) int name() __attribute__((__error__( \
	"not in a Winsock source, where socklen_t, fd_set ... are Winsock's")))
#endif

WSP_BARRED(accept4);
WSP_BARRED(gethostbyaddr_r);
WSP_BARRED(poll);
WSP_BARRED(ppoll);
WSP_BARRED(pselect);
WSP_BARRED(recvmmsg);
WSP_BARRED(recvmsg);
WSP_BARRED(sendmmsg);
WSP_BARRED(sendmsg);

#endif /* WSP_WSPBARRED_H */
