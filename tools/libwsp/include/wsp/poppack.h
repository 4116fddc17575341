/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As before the last <pshpack1.h>, or one of its kin. */
#pragma pack(pop)
