/* SPDX-License-Identifier: GPL-2.0 */
/* Between Linux's errnos and Winsock's codes, of their arguments alone. */
#ifndef _WSPFAM_CODES_H
#define _WSPFAM_CODES_H

#include <linux/types.h>

u32 wsp_code(int error);
int wsp_errno(u32 code);

#define WSP_ROWS	19	/* one for each code */
unsigned int wsp_row(int error);
int wsp_stack_error(int error, bool bound);
u16 wsp_close_code(int error);
u16 wsp_lost_code(int error);

#endif /* _WSPFAM_CODES_H */
