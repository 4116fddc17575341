/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls that network programs make of Windows itself (W-05). A handle is a
 * descriptor: an event is what WSACreateEvent makes, and a thread's becomes
 * readable when the thread ends.
 */
#pragma GCC system_header
#ifndef WSP_WINBASE_H
#define WSP_WINBASE_H

#include <string.h>
#include "windef.h"
#include "winerror.h"
#include "wspbase.h"

#define INVALID_HANDLE_VALUE	((HANDLE)(LONG_PTR)-1)
#define INFINITE		0xffffffffU

#define MAXIMUM_WAIT_OBJECTS	64
#define WAIT_OBJECT_0		0
#define WAIT_ABANDONED		0x80
#define WAIT_ABANDONED_0	0x80
#define WAIT_IO_COMPLETION	192
#define WAIT_FAILED		0xffffffffU
#define STILL_ACTIVE		259

#define HANDLE_FLAG_INHERIT	0x0001
#define CREATE_SUSPENDED	0x0004
#define STACK_SIZE_PARAM_IS_A_RESERVATION	0x00010000

#define HEAP_ZERO_MEMORY	0x0008
#define LMEM_FIXED		0x0000
#define LMEM_ZEROINIT		0x0040
#define LPTR			(LMEM_FIXED | LMEM_ZEROINIT)
#define GMEM_FIXED		0x0000
#define GMEM_ZEROINIT		0x0040
#define GPTR			(GMEM_FIXED | GMEM_ZEROINIT)

#define FORMAT_MESSAGE_ALLOCATE_BUFFER	0x0100
#define FORMAT_MESSAGE_IGNORE_INSERTS	0x0200
#define FORMAT_MESSAGE_FROM_STRING	0x0400
#define FORMAT_MESSAGE_FROM_HMODULE	0x0800
#define FORMAT_MESSAGE_FROM_SYSTEM	0x1000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY	0x2000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK	0x00ff
#define MAKELANGID(language, sub)	((WORD)((sub) << 10 | (language)))
#define LANG_NEUTRAL			0x00
#define LANG_ENGLISH			0x09
#define SUBLANG_NEUTRAL			0x00
#define SUBLANG_DEFAULT			0x01
#define SUBLANG_SYS_DEFAULT		0x02
#define SUBLANG_ENGLISH_US		0x01

#define CP_ACP			0
#define CP_UTF8			65001
#define MB_ERR_INVALID_CHARS	0x08
#define WC_ERR_INVALID_CHARS	0x80

#define ZeroMemory(to, size)		memset(to, 0, size)
#define FillMemory(to, size, byte)	memset(to, byte, size)
#define CopyMemory(to, from, size)	memcpy(to, from, size)
#define MoveMemory(to, from, size)	memmove(to, from, size)
#define RtlZeroMemory			ZeroMemory
#define RtlFillMemory			FillMemory
#define RtlCopyMemory			CopyMemory
#define RtlMoveMemory			MoveMemory

typedef struct _SECURITY_ATTRIBUTES {
	DWORD nLength;
	LPVOID lpSecurityDescriptor;
	BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

typedef struct _SYSTEMTIME {
	WORD wYear;
	WORD wMonth;
	WORD wDayOfWeek;
	WORD wDay;
	WORD wHour;
	WORD wMinute;
	WORD wSecond;
	WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef DWORD (WINAPI *LPTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef LPTHREAD_START_ROUTINE PTHREAD_START_ROUTINE;

typedef struct _SYSTEM_INFO {
	__extension__ union {
		DWORD dwOemId;
		struct {
			WORD wProcessorArchitecture;
			WORD wReserved;
		};
	};
	DWORD dwPageSize;
	LPVOID lpMinimumApplicationAddress;
	LPVOID lpMaximumApplicationAddress;
	DWORD_PTR dwActiveProcessorMask;
	DWORD dwNumberOfProcessors;
	DWORD dwProcessorType;
	DWORD dwAllocationGranularity;
	WORD wProcessorLevel;
	WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

typedef WSAOVERLAPPED OVERLAPPED, *LPOVERLAPPED;

#ifndef STATUS_PENDING
#define STATUS_PENDING		((DWORD)0x00000103)
#endif

/* What has been received, and how much, is read after it. */
#define HasOverlappedIoCompleted(overlapped) \
	((DWORD)__atomic_load_n((volatile ULONG_PTR *)&(overlapped)->Internal, \
				__ATOMIC_ACQUIRE) != STATUS_PENDING)

/* Room for a mutex of the platform's. */
typedef struct _RTL_CRITICAL_SECTION {
	__extension__ long long room[8];
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION, RTL_CRITICAL_SECTION;

#define WSP_WINDOWS(name)	__asm__("windows_" #name)

WSP_BEGIN

/* One value with WSAGetLastError. */
DWORD WINAPI GetLastError(void) __asm__("WSAGetLastError");
void WINAPI SetLastError(DWORD dwErrCode) __asm__("WSASetLastError");

void WINAPI Sleep(DWORD dwMilliseconds) WSP_WINDOWS(Sleep);
DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable) WSP_WINDOWS(SleepEx);

/* Of sockets. */
BOOL WINAPI CancelIo(HANDLE hFile) WSP_WINDOWS(CancelIo);
BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped)
		WSP_WINDOWS(CancelIoEx);
BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped,
				LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
		WSP_WINDOWS(GetOverlappedResult);

DWORD WINAPI GetTickCount(void) WSP_WINDOWS(GetTickCount);
ULONGLONG WINAPI GetTickCount64(void) WSP_WINDOWS(GetTickCount64);
BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
		WSP_WINDOWS(QueryPerformanceCounter);
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
		WSP_WINDOWS(QueryPerformanceFrequency);
void WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
		WSP_WINDOWS(GetSystemTimeAsFileTime);
void WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime) WSP_WINDOWS(GetSystemTime);
void WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime) WSP_WINDOWS(GetLocalTime);

#define TIME_ZONE_ID_INVALID	0xffffffff
#define TIME_ZONE_ID_UNKNOWN	0	/* no summer time there */
#define TIME_ZONE_ID_STANDARD	1
#define TIME_ZONE_ID_DAYLIGHT	2

/* Biases are minutes, to be added to local time for UTC. */
typedef struct _TIME_ZONE_INFORMATION {
	LONG Bias;
	WCHAR StandardName[32];
	SYSTEMTIME StandardDate;	/* zeros: the rule is not told */
	LONG StandardBias;
	WCHAR DaylightName[32];
	SYSTEMTIME DaylightDate;
	LONG DaylightBias;
} TIME_ZONE_INFORMATION, *PTIME_ZONE_INFORMATION, *LPTIME_ZONE_INFORMATION;

/* By TZ or /etc/localtime: TIME_ZONE_ID_UNKNOWN, _STANDARD or _DAYLIGHT. */
DWORD WINAPI GetTimeZoneInformation(LPTIME_ZONE_INFORMATION lpTimeZoneInformation)
		WSP_WINDOWS(GetTimeZoneInformation);

/* Events have no names. One that resets itself is taken by one waiter. */
HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes,
			   BOOL bManualReset, BOOL bInitialState, LPCSTR lpName)
		WSP_WINDOWS(CreateEvent);
HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes,
			   BOOL bManualReset, BOOL bInitialState, LPCWSTR lpName)
		WSP_WINDOWS(CreateEvent);
BOOL WINAPI SetEvent(HANDLE hEvent) WSP_WINDOWS(SetEvent);
BOOL WINAPI ResetEvent(HANDLE hEvent) WSP_WINDOWS(ResetEvent);
BOOL WINAPI CloseHandle(HANDLE hObject) WSP_WINDOWS(CloseHandle);

/* HANDLE_FLAG_INHERIT: whether programs that this one runs have it, sockets too. */
BOOL WINAPI SetHandleInformation(HANDLE hObject, DWORD dwMask, DWORD dwFlags)
		WSP_WINDOWS(SetHandleInformation);
BOOL WINAPI GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags)
		WSP_WINDOWS(GetHandleInformation);

/* dwCreationFlags has to be 0: ERROR_NOT_SUPPORTED otherwise. */
HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes,
			   SIZE_T dwStackSize,
			   LPTHREAD_START_ROUTINE lpStartAddress,
			   LPVOID lpParameter, DWORD dwCreationFlags,
			   LPDWORD lpThreadId) WSP_WINDOWS(CreateThread);
/* A thread that waits, or next comes to a call that can, ends there. */
BOOL WINAPI TerminateThread(HANDLE hThread, DWORD dwExitCode)
		WSP_WINDOWS(TerminateThread);

/* Nobody here can handle one, so it ends the process. */
#define EXCEPTION_NONCONTINUABLE	1
#define RaiseException(code, flags, count, arguments)			\
	((void)(code), (void)(flags), (void)(count), (void)(arguments),	\
	 __builtin_abort())
void WINAPI ExitThread(DWORD dwExitCode) WSP_WINDOWS(ExitThread)
		__attribute__((__noreturn__));
BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
		WSP_WINDOWS(GetExitCodeThread);
DWORD WINAPI GetCurrentThreadId(void) WSP_WINDOWS(GetCurrentThreadId);
DWORD WINAPI GetCurrentProcessId(void) WSP_WINDOWS(GetCurrentProcessId);

/* For events and threads. */
DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
		WSP_WINDOWS(WaitForSingleObject);
DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds,
				   BOOL bAlertable)
		WSP_WINDOWS(WaitForSingleObjectEx);
DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles,
				    BOOL bWaitAll, DWORD dwMilliseconds)
		WSP_WINDOWS(WaitForMultipleObjects);
DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles,
				      BOOL bWaitAll, DWORD dwMilliseconds,
				      BOOL bAlertable)
		WSP_WINDOWS(WaitForMultipleObjectsEx);

void WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
		WSP_WINDOWS(InitializeCriticalSection);
BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section,
						  DWORD dwSpinCount)
		WSP_WINDOWS(InitializeCriticalSectionAndSpinCount);
void WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
		WSP_WINDOWS(EnterCriticalSection);
BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
		WSP_WINDOWS(TryEnterCriticalSection);
void WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
		WSP_WINDOWS(LeaveCriticalSection);
void WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
		WSP_WINDOWS(DeleteCriticalSection);

/* The size of a page and the number of processors. */
void WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo) WSP_WINDOWS(GetSystemInfo);

/* The host's name; without enough room, ERROR_BUFFER_OVERFLOW and how much is needed. */
BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
		WSP_WINDOWS(GetComputerNameA);

BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName)
		WSP_WINDOWS(SetCurrentDirectoryA);

/* How long the text is; without enough room, how much is needed. */
DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
		WSP_WINDOWS(GetEnvironmentVariableA);

#define MEM_COMMIT		0x1000
#define MEM_RESERVE		0x2000
#define MEM_DECOMMIT		0x4000
#define MEM_RELEASE		0x8000
#define MEM_TOP_DOWN		0x100000
#define PAGE_NOACCESS		0x01
#define PAGE_READONLY		0x02
#define PAGE_READWRITE		0x04

/*
 * VirtualAlloc - pages of memory, of the protections above
 * @lpAddress: NULL, or within what has been reserved, to have it committed
 * @dwSize: bytes
 * @flAllocationType: MEM_COMMIT, MEM_RESERVE or both; MEM_TOP_DOWN is ignored
 *
 * Returns NULL and ERROR_INVALID_PARAMETER, ERROR_INVALID_ADDRESS or
 * ERROR_NOT_ENOUGH_MEMORY.
 */
LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType,
			   DWORD flProtect) WSP_WINDOWS(VirtualAlloc);
/* MEM_RELEASE, with @dwSize 0 and the beginning, or MEM_DECOMMIT. */
BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
		WSP_WINDOWS(VirtualFree);

HANDLE WINAPI GetProcessHeap(void) WSP_WINDOWS(GetProcessHeap);
LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
		WSP_WINDOWS(HeapAlloc);
LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem,
			  SIZE_T dwBytes) WSP_WINDOWS(HeapReAlloc);
BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
		WSP_WINDOWS(HeapFree);
HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes) WSP_WINDOWS(LocalAlloc);
HLOCAL WINAPI LocalFree(HLOCAL hMem) WSP_WINDOWS(LocalFree);
HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes) WSP_WINDOWS(LocalAlloc);
HGLOBAL WINAPI GlobalFree(HGLOBAL hMem) WSP_WINDOWS(LocalFree);

/* What a code says in words; no inserts. */
DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
			    DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
			    va_list *Arguments) WSP_WINDOWS(FormatMessageA);
DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
			    DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
			    va_list *Arguments) WSP_WINDOWS(FormatMessageW);

/* Every code page is UTF-8. */
int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags,
			       LPCCH lpMultiByteStr, int cbMultiByte,
			       LPWSTR lpWideCharStr, int cchWideChar)
		WSP_WINDOWS(MultiByteToWideChar);
int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags,
			       LPCWCH lpWideCharStr, int cchWideChar,
			       LPSTR lpMultiByteStr, int cbMultiByte,
			       LPCCH lpDefaultChar, LPBOOL lpUsedDefaultChar)
		WSP_WINDOWS(WideCharToMultiByte);
int WINAPI lstrlenW(LPCWSTR lpString) WSP_WINDOWS(lstrlenW);
LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
		WSP_WINDOWS(lstrcpyW);
LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
		WSP_WINDOWS(lstrcatW);
int WINAPI lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2) WSP_WINDOWS(lstrcmpW);

#ifdef UNICODE
HANDLE WINAPI CreateEvent(LPSECURITY_ATTRIBUTES lpEventAttributes,
			  BOOL bManualReset, BOOL bInitialState, LPCWSTR lpName)
		WSP_WINDOWS(CreateEvent);
DWORD WINAPI FormatMessage(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
			   DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
			   va_list *Arguments) WSP_WINDOWS(FormatMessageW);
int WINAPI lstrlen(LPCWSTR lpString) WSP_WINDOWS(lstrlenW);
LPWSTR WINAPI lstrcpy(LPWSTR lpString1, LPCWSTR lpString2)
		WSP_WINDOWS(lstrcpyW);
LPWSTR WINAPI lstrcat(LPWSTR lpString1, LPCWSTR lpString2)
		WSP_WINDOWS(lstrcatW);
int WINAPI lstrcmp(LPCWSTR lpString1, LPCWSTR lpString2) WSP_WINDOWS(lstrcmpW);
#else
HANDLE WINAPI CreateEvent(LPSECURITY_ATTRIBUTES lpEventAttributes,
			  BOOL bManualReset, BOOL bInitialState, LPCSTR lpName)
		WSP_WINDOWS(CreateEvent);
DWORD WINAPI FormatMessage(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
			   DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
			   va_list *Arguments) WSP_WINDOWS(FormatMessageA);
BOOL WINAPI SetCurrentDirectory(LPCSTR lpPathName)
		WSP_WINDOWS(SetCurrentDirectoryA);
BOOL WINAPI GetComputerName(LPSTR lpBuffer, LPDWORD nSize)
		WSP_WINDOWS(GetComputerNameA);
DWORD WINAPI GetEnvironmentVariable(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
		WSP_WINDOWS(GetEnvironmentVariableA);
int WINAPI lstrlen(LPCSTR lpString) WSP_WINDOWS(lstrlenA);
LPSTR WINAPI lstrcpy(LPSTR lpString1, LPCSTR lpString2) __asm__("strcpy");
LPSTR WINAPI lstrcat(LPSTR lpString1, LPCSTR lpString2) __asm__("strcat");
int WINAPI lstrcmp(LPCSTR lpString1, LPCSTR lpString2) __asm__("strcmp");
#endif
int WINAPI lstrlenA(LPCSTR lpString) WSP_WINDOWS(lstrlenA);
LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2) __asm__("strcpy");
LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2) __asm__("strcat");
int WINAPI lstrcmpA(LPCSTR lpString1, LPCSTR lpString2) __asm__("strcmp");
int WINAPI lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2) __asm__("strcasecmp");
DWORD WINAPI timeGetTime(void) WSP_WINDOWS(GetTickCount);

WSP_END

#define MemoryBarrier()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

/*
 * Windows' are full barriers. Where a processor has loads that acquire and stores that
 * release, the platform's let what follows be read before they have stored.
 */
#if defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 8)
#define WSP_FULL_BARRIER()	MemoryBarrier()
#else
#define WSP_FULL_BARRIER()	((void)0)
#endif

static __inline__ LONG InterlockedIncrement(LONG volatile *Addend)
{
	const LONG wsp_value = __atomic_add_fetch(Addend, 1, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG InterlockedDecrement(LONG volatile *Addend)
{
	const LONG wsp_value = __atomic_sub_fetch(Addend, 1, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG InterlockedExchange(LONG volatile *Target, LONG Value)
{
	const LONG wsp_value = __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG InterlockedExchangeAdd(LONG volatile *Addend, LONG Value)
{
	const LONG wsp_value = __atomic_fetch_add(Addend, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG InterlockedCompareExchange(LONG volatile *Destination,
						  LONG Exchange, LONG Comperand)
{
	WSP_FULL_BARRIER();	/* it may fail, and store nothing */
	__atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	WSP_FULL_BARRIER();
	return Comperand;
}

static __inline__ LONG InterlockedAnd(LONG volatile *Destination, LONG Value)
{
	const LONG wsp_value = __atomic_fetch_and(Destination, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG InterlockedOr(LONG volatile *Destination, LONG Value)
{
	const LONG wsp_value = __atomic_fetch_or(Destination, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG64 InterlockedIncrement64(LONG64 volatile *Addend)
{
	const LONG64 wsp_value = __atomic_add_fetch(Addend, 1, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG64 InterlockedDecrement64(LONG64 volatile *Addend)
{
	const LONG64 wsp_value = __atomic_sub_fetch(Addend, 1, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG64 InterlockedExchange64(LONG64 volatile *Target,
					       LONG64 Value)
{
	const LONG64 wsp_value = __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG64 InterlockedExchangeAdd64(LONG64 volatile *Addend,
						  LONG64 Value)
{
	const LONG64 wsp_value = __atomic_fetch_add(Addend, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ LONG64
InterlockedCompareExchange64(LONG64 volatile *Destination, LONG64 Exchange,
			     LONG64 Comperand)
{
	WSP_FULL_BARRIER();	/* it may fail, and store nothing */
	__atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	WSP_FULL_BARRIER();
	return Comperand;
}

#define InterlockedAdd64(addend, value) \
	(InterlockedExchangeAdd64(addend, value) + (value))
/* A loop of it sees what others store. */
static __inline__ void YieldProcessor(void)
{
#if __has_builtin(__builtin_ia32_pause)
	__asm__ __volatile__("pause" : : : "memory");
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
	__asm__ __volatile__("yield" : : : "memory");
#else
	__asm__ __volatile__("" : : : "memory");
#endif
}

static __inline__ PVOID InterlockedExchangePointer(PVOID volatile *Target,
						   PVOID Value)
{
	const PVOID wsp_value = __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);

	WSP_FULL_BARRIER();
	return wsp_value;
}

static __inline__ PVOID
InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange,
				  PVOID Comperand)
{
	WSP_FULL_BARRIER();	/* it may fail, and store nothing */
	__atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	WSP_FULL_BARRIER();
	return Comperand;
}

#endif /* WSP_WINBASE_H */
