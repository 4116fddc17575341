// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSABUFs as the kernel takes them. */
#include <stdlib.h>

#include "transfer.h"

void wsp_free_vector(const struct wsp_vector *vector)
{
	free(vector->many);
}

bool wsp_make_room_for_many(struct wsp_vector *vector, DWORD count)
{
	vector->many = calloc(count, sizeof(*vector->many));
	vector->iov = vector->many;
	return vector->iov;
}

/* What is allocated has the new one as its owner. */
void wsp_move_vector(struct wsp_vector *to, struct wsp_vector *from)
{
	*to = *from;
	if (!from->many)
		to->iov = to->few + (from->iov - from->few);
	from->many = NULL;
}

bool wsp_advance(struct wsp_vector *vector, size_t n)
{
	while (vector->count && n >= vector->iov->iov_len) {
		n -= vector->iov->iov_len;
		vector->iov++;
		vector->count--;
	}
	if (!vector->count)
		return false;
	vector->iov->iov_base = (char *)vector->iov->iov_base + n;
	vector->iov->iov_len -= n;
	return true;
}
