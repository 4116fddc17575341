/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, but for what is Winsock's: <winsock2.h>. */
#pragma GCC system_header
#include <features.h>

#define gethostname		wsp_platform_gethostname
#include_next <unistd.h>
#undef gethostname
