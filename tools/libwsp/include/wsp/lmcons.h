/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long names are. */
#pragma GCC system_header
#ifndef WSP_LMCONS_H
#define WSP_LMCONS_H

#define UNLEN		256
#define DNLEN		15
#define CNLEN		15

#endif /* WSP_LMCONS_H */
