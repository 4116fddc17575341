/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock of milliseconds, timeGetTime, which is as fine as it gets. */
#pragma GCC system_header
#ifndef WSP_MMSYSTEM_H
#define WSP_MMSYSTEM_H

#include "windows.h"

typedef UINT MMRESULT;

#define TIMERR_NOERROR	0

static __inline__ MMRESULT timeBeginPeriod(UINT uPeriod)
{
	(void)uPeriod;
	return TIMERR_NOERROR;
}

static __inline__ MMRESULT timeEndPeriod(UINT uPeriod)
{
	(void)uPeriod;
	return TIMERR_NOERROR;
}

#endif /* WSP_MMSYSTEM_H */
