/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Windows' prototypes say of their parameters, to its own analysis. */
#pragma GCC system_header
#ifndef WSP_SAL_H
#define WSP_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _Inout_
#define _Inout_opt_
#define _Out_
#define _Out_opt_
#define _Outptr_
#define _Ret_maybenull_
#define _Success_(what)
#define _In_reads_(size)
#define _In_reads_bytes_(size)
#define _Out_writes_(size)
#define _Out_writes_bytes_(size)
#define _Printf_format_string_

#endif /* WSP_SAL_H */
