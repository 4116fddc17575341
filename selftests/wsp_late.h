/* SPDX-License-Identifier: GPL-2.0 */
/* Whatever the kernel holds while it copies to a program, it holds for as long as this. */
#ifndef WSP_LATE_H
#define WSP_LATE_H

#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Memory that is only there once it has been asked for, and given. */
struct late_page {
	int faults;		/* a userfaultfd, or -1 */
	void *page;
};

static inline bool late_page_open(struct late_page *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range.len = getpagesize(), .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	p->faults = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	p->page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	area.range.start = (uintptr_t)p->page;
	return p->faults >= 0 && p->page != MAP_FAILED &&
	       !ioctl(p->faults, UFFDIO_API, &api) &&
	       !ioctl(p->faults, UFFDIO_REGISTER, &area);
}

static inline void late_page_give(const struct late_page *p)
{
	struct uffdio_zeropage zeros = {
		.range = { (uintptr_t)p->page, getpagesize() },
	};

	ioctl(p->faults, UFFDIO_ZEROPAGE, &zeros);
}

static inline void late_page_close(const struct late_page *p)
{
	munmap(p->page, getpagesize());
	close(p->faults);
}

#endif /* WSP_LATE_H */
