/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structures from here to <poppack.h> are aligned to 2 at most. */
#pragma pack(push, 2)
