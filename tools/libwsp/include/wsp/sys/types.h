/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's types, but for u_long, which has 32 bits: <winsock2.h>. */
#pragma GCC system_header
#include <features.h>

#define u_long			wsp_platform_u_long
#include_next <sys/types.h>
#undef u_long
