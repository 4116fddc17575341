// SPDX-License-Identifier: LGPL-2.1-or-later
/* Time, and waiting for it alone. */
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include "../winsock/winsock.h"

#include "parts.h"

/* Between Windows' epoch, 1601, and the platform's, in units of 100 ns. */
#define EPOCHS		116444736000000000LL

static LONGLONG nanoseconds(clockid_t clock)
{
	struct timespec now = {};

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

ULONGLONG windows_milliseconds(void)
{
	return (ULONGLONG)(nanoseconds(CLOCK_MONOTONIC) / 1000000);
}

void Sleep(DWORD dwMilliseconds)
{
	SleepEx(dwMilliseconds, FALSE);
}

/* Completion routines run where events are waited for (O-04). */
static DWORD sleep_alertably(DWORD ms)
{
	WSAEVENT never = WSACreateEvent();
	DWORD outcome = WSAWaitForMultipleEvents(1, &never, FALSE, ms, TRUE);

	WSACloseEvent(never);
	return outcome == WAIT_IO_COMPLETION ? outcome : 0;
}

DWORD SleepEx(DWORD dwMilliseconds, BOOL bAlertable)
{
	struct timespec left = {
		.tv_sec = (time_t)(dwMilliseconds / 1000),
		.tv_nsec = (long)(dwMilliseconds % 1000 * 1000000),
	};

	if (bAlertable)
		return sleep_alertably(dwMilliseconds);
	if (!dwMilliseconds)
		sched_yield();
	if (dwMilliseconds == INFINITE)
		for (;;)
			pause();
	while (nanosleep(&left, &left))
		;
	return 0;
}

DWORD GetTickCount(void)
{
	return (DWORD)windows_milliseconds();
}

ULONGLONG GetTickCount64(void)
{
	return windows_milliseconds();
}

BOOL QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
	lpPerformanceCount->QuadPart = nanoseconds(CLOCK_MONOTONIC);
	return TRUE;
}

BOOL QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
	lpFrequency->QuadPart = 1000000000;
	return TRUE;
}

void GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
	LARGE_INTEGER now;

	now.QuadPart = nanoseconds(CLOCK_REALTIME) / 100 + EPOCHS;
	lpSystemTimeAsFileTime->dwLowDateTime = now.LowPart;
	lpSystemTimeAsFileTime->dwHighDateTime = (DWORD)now.HighPart;
}

static void fill(LPSYSTEMTIME to, struct tm *(*convert)(const time_t *, struct tm *))
{
	struct timespec now = {};
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	convert(&now.tv_sec, &tm);
	to->wYear = (WORD)(tm.tm_year + 1900);
	to->wMonth = (WORD)(tm.tm_mon + 1);
	to->wDayOfWeek = (WORD)tm.tm_wday;
	to->wDay = (WORD)tm.tm_mday;
	to->wHour = (WORD)tm.tm_hour;
	to->wMinute = (WORD)tm.tm_min;
	to->wSecond = (WORD)tm.tm_sec;
	to->wMilliseconds = (WORD)(now.tv_nsec / 1000000);
}

void GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
	fill(lpSystemTime, gmtime_r);
}

void GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
	fill(lpSystemTime, localtime_r);
}

static void put_name(WCHAR *to, size_t room, const char *name)
{
	if (winsock_to_wide(name, to, room) > room)
		to[0] = 0;
}

DWORD GetTimeZoneInformation(LPTIME_ZONE_INFORMATION lpTimeZoneInformation)
{
	TIME_ZONE_INFORMATION *zone = lpTimeZoneInformation;
	const time_t now = time(NULL);
	struct tm tm;

	tzset();
	localtime_r(&now, &tm);
	memset(zone, 0, sizeof(*zone));
	zone->Bias = (LONG)(timezone / 60);
	put_name(zone->StandardName, 32, tzname[0]);
	if (!daylight)
		return TIME_ZONE_ID_UNKNOWN;
	put_name(zone->DaylightName, 32, tzname[1]);
	zone->DaylightBias = tm.tm_isdst > 0 ? (LONG)(-tm.tm_gmtoff / 60) - zone->Bias : -60;
	return tm.tm_isdst > 0 ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
}
