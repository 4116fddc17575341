/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* There is no console but the terminal, which is the program's input. */
#pragma GCC system_header
#ifndef WSP_CONIO_H
#define WSP_CONIO_H

#include "wspabsent.h"

WSP_ABSENT(_getch);
WSP_ABSENT(_kbhit);
WSP_ABSENT(getch);

#endif /* WSP_CONIO_H */
