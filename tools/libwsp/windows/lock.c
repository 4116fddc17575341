// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Critical sections: the platform's mutexes, which the same thread may lock anew. And
 * locks that need no handle: <synchapi.h>.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(CRITICAL_SECTION),
	       "a critical section has room for a mutex");

static pthread_mutex_t *mutex_of(LPCRITICAL_SECTION section)
{
	return (pthread_mutex_t *)(void *)section->room;
}

void InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(mutex_of(lpCriticalSection), &attr);
	pthread_mutexattr_destroy(&attr);
}

BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section,
					   DWORD dwSpinCount)
{
	(void)dwSpinCount;
	InitializeCriticalSection(section);
	return TRUE;
}

void EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	pthread_mutex_lock(mutex_of(lpCriticalSection));
}

BOOL TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	return !pthread_mutex_trylock(mutex_of(lpCriticalSection));
}

void LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	pthread_mutex_unlock(mutex_of(lpCriticalSection));
}

void DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	pthread_mutex_destroy(mutex_of(lpCriticalSection));
}

_Static_assert(sizeof(pthread_rwlock_t) <= sizeof(SRWLOCK),
	       "a slim lock has room for a lock of the platform's");

static pthread_rwlock_t *rwlock_of(PSRWLOCK lock)
{
	return (pthread_rwlock_t *)(void *)lock->room;
}

void InitializeSRWLock(PSRWLOCK SRWLock)
{
	memset(SRWLock, 0, sizeof(*SRWLock));	/* PTHREAD_RWLOCK_INITIALIZER */
}

void AcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
	pthread_rwlock_wrlock(rwlock_of(SRWLock));
}

void AcquireSRWLockShared(PSRWLOCK SRWLock)
{
	pthread_rwlock_rdlock(rwlock_of(SRWLock));
}

BOOLEAN TryAcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
	return !pthread_rwlock_trywrlock(rwlock_of(SRWLock));
}

BOOLEAN TryAcquireSRWLockShared(PSRWLOCK SRWLock)
{
	return !pthread_rwlock_tryrdlock(rwlock_of(SRWLock));
}

/* A reader's is given back the same way. */
void ReleaseSRWLockExclusive(PSRWLOCK SRWLock)
{
	pthread_rwlock_unlock(rwlock_of(SRWLock));
}

/*
 * A condition variable counts the times that somebody was to be woken: who has read
 * the number before letting go of the lock does not sleep once it is another.
 */
static uint32_t *wakes_of(PCONDITION_VARIABLE variable)
{
	return (uint32_t *)(void *)variable;
}

void InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	ConditionVariable->Ptr = NULL;
}

static void wake(PCONDITION_VARIABLE variable, int count)
{
	__atomic_add_fetch(wakes_of(variable), 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, wakes_of(variable), FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	wake(ConditionVariable, 1);
}

void WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	wake(ConditionVariable, INT_MAX);
}

static uint32_t count_wakes(PCONDITION_VARIABLE variable)
{
	return __atomic_load_n(wakes_of(variable), __ATOMIC_SEQ_CST);
}

static BOOL sleep_on(PCONDITION_VARIABLE variable, uint32_t before, DWORD ms)
{
	/* The system call's own, in which time_t has the size of a long. */
	const struct { long sec, nsec; } left = {
		(long)(ms / 1000), (long)(ms % 1000) * 1000000,
	};

	return !syscall(SYS_futex, wakes_of(variable), FUTEX_WAIT_PRIVATE, before,
			ms == INFINITE ? NULL : &left, NULL, 0) || errno != ETIMEDOUT;
}

BOOL SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable,
			      PCRITICAL_SECTION CriticalSection,
			      DWORD dwMilliseconds)
{
	const uint32_t before = count_wakes(ConditionVariable);
	BOOL woken;

	LeaveCriticalSection(CriticalSection);
	woken = sleep_on(ConditionVariable, before, dwMilliseconds);
	EnterCriticalSection(CriticalSection);
	return woken ? TRUE : windows_fail(ERROR_TIMEOUT);
}

BOOL SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable,
			       PSRWLOCK SRWLock, DWORD dwMilliseconds,
			       ULONG Flags)
{
	const uint32_t before = count_wakes(ConditionVariable);
	BOOL woken;

	pthread_rwlock_unlock(rwlock_of(SRWLock));
	woken = sleep_on(ConditionVariable, before, dwMilliseconds);
	if (Flags & CONDITION_VARIABLE_LOCKMODE_SHARED)
		AcquireSRWLockShared(SRWLock);
	else
		AcquireSRWLockExclusive(SRWLock);
	return woken ? TRUE : windows_fail(ERROR_TIMEOUT);
}

/* What is to be done once: not begun, at it, or done with the context beside it. */
enum { ONCE_BEGUN = 1, ONCE_DONE, ONCE_STATE };

static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t once_over = PTHREAD_COND_INITIALIZER;

static UINT_PTR get_once(PINIT_ONCE once)
{
	return (UINT_PTR)__atomic_load_n(&once->Ptr, __ATOMIC_ACQUIRE);
}

static void set_once(PINIT_ONCE once, UINT_PTR state)
{
	pthread_mutex_lock(&once_lock);
	__atomic_store_n(&once->Ptr, (PVOID)state, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&once_over);
	pthread_mutex_unlock(&once_lock);
}

/* False: it is done. */
static bool begin_once(PINIT_ONCE once)
{
	bool begun;

	pthread_mutex_lock(&once_lock);
	while ((get_once(once) & ONCE_STATE) == ONCE_BEGUN)
		pthread_cond_wait(&once_over, &once_lock);
	begun = !get_once(once);
	if (begun)
		__atomic_store_n(&once->Ptr, (PVOID)ONCE_BEGUN, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&once_lock);
	return begun;
}

BOOL InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn,
			 PVOID Parameter, LPVOID *Context)
{
	PVOID context = NULL;

	if ((get_once(InitOnce) & ONCE_STATE) != ONCE_DONE && begin_once(InitOnce)) {
		if (!InitFn(InitOnce, Parameter, &context)) {
			set_once(InitOnce, 0);
			return FALSE;
		}
		/* Its lowest bits are 0. */
		set_once(InitOnce, (UINT_PTR)context | ONCE_DONE);
	}
	if (Context)
		*Context = (PVOID)(get_once(InitOnce) & ~(UINT_PTR)ONCE_STATE);
	return TRUE;
}
