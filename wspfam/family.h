/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_FAMILY_H
#define _WSPFAM_FAMILY_H

/* The number the family is registered under. */
unsigned int wsp_family(void);

#endif /* _WSPFAM_FAMILY_H */
