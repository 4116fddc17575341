/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Windows' C library checks in its debugging build: nothing in others. */
#pragma GCC system_header
#ifndef WSP_CRTDBG_H
#define WSP_CRTDBG_H

#define _ASSERT(condition)	((void)0)
#define _ASSERTE(condition)	((void)0)
#define _CrtDumpMemoryLeaks()	0
#define _CrtSetDbgFlag(flag)	0
#define _CrtCheckMemory()	1
#define _CRTDBG_ALLOC_MEM_DF	0x01
#define _CRTDBG_LEAK_CHECK_DF	0x20

#endif /* WSP_CRTDBG_H */
