/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The platform's, which many of its headers include, without what Winsock has
 * by the same names: <winsock2.h>.
 */
#pragma GCC system_header
#include <features.h>

#ifndef WSP_SYS_SELECT_H
#define WSP_SYS_SELECT_H

/* How many sockets an fd_set takes is for the program to say. */
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE
#define fd_set			wsp_platform_fd_set
#define pselect			wsp_platform_pselect
#define select			wsp_platform_select
#include_next <sys/select.h>
#undef fd_set
#undef pselect
#undef select
#undef FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")

#undef FD_CLR
#undef FD_ISSET
#undef FD_SET
#undef FD_ZERO
#undef NFDBITS

#endif /* WSP_SYS_SELECT_H */
