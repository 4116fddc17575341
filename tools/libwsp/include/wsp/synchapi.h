/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks that need no handle, as of Windows 6: all zero is one that is free. */
#pragma GCC system_header
#ifndef WSP_SYNCHAPI_H
#define WSP_SYNCHAPI_H

#include "winbase.h"

/* Room for a lock of the platform's. */
typedef struct _RTL_SRWLOCK {
	__extension__ long long room[8];
} SRWLOCK, *PSRWLOCK, RTL_SRWLOCK, *PRTL_SRWLOCK;

typedef struct _RTL_CONDITION_VARIABLE {
	PVOID Ptr;
} CONDITION_VARIABLE, *PCONDITION_VARIABLE, RTL_CONDITION_VARIABLE,
	*PRTL_CONDITION_VARIABLE;

typedef union _RTL_RUN_ONCE {
	PVOID Ptr;
} INIT_ONCE, *PINIT_ONCE, *LPINIT_ONCE, RTL_RUN_ONCE, *PRTL_RUN_ONCE;

#define SRWLOCK_INIT				{ { 0 } }
#define RTL_SRWLOCK_INIT			{ { 0 } }
#define CONDITION_VARIABLE_INIT			{ 0 }
#define RTL_CONDITION_VARIABLE_INIT		{ 0 }
#define INIT_ONCE_STATIC_INIT			{ 0 }
#define RTL_RUN_ONCE_INIT			{ 0 }
#define CONDITION_VARIABLE_LOCKMODE_SHARED	0x1
#define CRITICAL_SECTION_NO_DEBUG_INFO		0x01000000

typedef BOOL (WINAPI *PINIT_ONCE_FN)(PINIT_ONCE InitOnce, PVOID Parameter,
				     PVOID *Context);

WSP_BEGIN

void WINAPI InitializeSRWLock(PSRWLOCK SRWLock) WSP_WINDOWS(InitializeSRWLock);
void WINAPI AcquireSRWLockExclusive(PSRWLOCK SRWLock)
		WSP_WINDOWS(AcquireSRWLockExclusive);
void WINAPI AcquireSRWLockShared(PSRWLOCK SRWLock)
		WSP_WINDOWS(AcquireSRWLockShared);
BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK SRWLock)
		WSP_WINDOWS(TryAcquireSRWLockExclusive);
BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK SRWLock)
		WSP_WINDOWS(TryAcquireSRWLockShared);
void WINAPI ReleaseSRWLockExclusive(PSRWLOCK SRWLock)
		WSP_WINDOWS(ReleaseSRWLock);
void WINAPI ReleaseSRWLockShared(PSRWLOCK SRWLock) WSP_WINDOWS(ReleaseSRWLock);

/* They may wake without cause. FALSE and ERROR_TIMEOUT when the time is over. */
void WINAPI InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
		WSP_WINDOWS(InitializeConditionVariable);
BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable,
				     PCRITICAL_SECTION CriticalSection,
				     DWORD dwMilliseconds)
		WSP_WINDOWS(SleepConditionVariableCS);
BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable,
				      PSRWLOCK SRWLock, DWORD dwMilliseconds,
				      ULONG Flags)
		WSP_WINDOWS(SleepConditionVariableSRW);
void WINAPI WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
		WSP_WINDOWS(WakeConditionVariable);
void WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable)
		WSP_WINDOWS(WakeAllConditionVariable);

/* One that fails is tried again by the next call. */
BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn,
				PVOID Parameter, LPVOID *Context)
		WSP_WINDOWS(InitOnceExecuteOnce);

WSP_END

static __inline__ void InitOnceInitialize(PINIT_ONCE InitOnce)
{
	InitOnce->Ptr = NULL;
}

static __inline__ BOOL
InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection,
			    DWORD dwSpinCount, DWORD Flags)
{
	(void)Flags;
	return InitializeCriticalSectionAndSpinCount(lpCriticalSection,
						     dwSpinCount);
}

#endif /* WSP_SYNCHAPI_H */
