/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks on parts of files there are not. */
