/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_PROCESS_H
#define WSP_PROCESS_H

#include "winbase.h"

WSP_BEGIN

/* As CreateThread; initflag has to be 0. 0 and errno if it fails. */
uintptr_t _beginthreadex(void *security, unsigned int stack_size,
			 unsigned int (__stdcall *start_address)(void *),
			 void *arglist, unsigned int initflag,
			 unsigned int *thrdaddr) WSP_WINDOWS(_beginthreadex);
void _endthreadex(unsigned int retval) WSP_WINDOWS(ExitThread)
		__attribute__((__noreturn__));

/* Its handle is closed when the thread ends. -1 and errno if it fails. */
uintptr_t _beginthread(void (__cdecl *start_address)(void *),
		       unsigned int stack_size, void *arglist)
		WSP_WINDOWS(_beginthread);
void _endthread(void) WSP_WINDOWS(_endthread) __attribute__((__noreturn__));

int _getpid(void) __asm__("getpid");
int getpid(void) __THROW;

WSP_END

#endif /* WSP_PROCESS_H */
