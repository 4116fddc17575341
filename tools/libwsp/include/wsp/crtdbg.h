/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Windows' C library checks in its debugging build: nothing in others. */
#pragma GCC system_header
#ifndef WSP_CRTDBG_H
#define WSP_CRTDBG_H

#define _ASSERT(condition)	((void)0)
#define _ASSERTE(condition)	((void)0)
#define _CrtDumpMemoryLeaks()	((int)0)
#define _CrtSetDbgFlag(flag)	((int)0)
#define _CrtCheckMemory()	((int)1)
#define _CRTDBG_ALLOC_MEM_DF	0x01
#define _CRTDBG_LEAK_CHECK_DF	0x20

#endif /* WSP_CRTDBG_H */
