/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, but for the flags that Winsock has by the same names. */
#pragma GCC system_header
#include "../wspifplatform.h"
#include_next <linux/if.h>
#include "../wspflags.h"
