/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structures from here to <poppack.h> are aligned to 8 at most. */
#pragma pack(push, 8)
