/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may open a file is the file system's to say: no such calls. */
#pragma GCC system_header
#ifndef WSP_ACLAPI_H
#define WSP_ACLAPI_H

#include "windows.h"

WSP_ABSENT_AW(BuildExplicitAccessWithName);
WSP_ABSENT_AW(GetNamedSecurityInfo);
WSP_ABSENT_AW(SetEntriesInAcl);
WSP_ABSENT_AW(SetNamedSecurityInfo);
WSP_ABSENT(GetSecurityInfo);
WSP_ABSENT(SetSecurityInfo);

#endif /* WSP_ACLAPI_H */
