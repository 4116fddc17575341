// SPDX-License-Identifier: GPL-2.0
/* What kind of program a file is, as far as LD_PRELOAD is concerned. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "wspctl.h"

#define MAX_SCRIPTS	4	/* as the kernel has it */

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_part;

struct image {
	const unsigned char *data;
	size_t size;
};

static int try_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return RUN_NOT_FOUND;
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		return RUN_NOT_EXECUTABLE;
	return 0;
}

/* As execvp(3) would find it; 0, or a status of env(1). */
int find_program(const char *name, char *path, int size)
{
	const char *dir = getenv("PATH") ?: "/usr/local/bin:/bin:/usr/bin";
	int rc, found = RUN_NOT_FOUND;

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return try_program(path);
	}
	while (*name) {
		const int len = (int)strcspn(dir, ":");

		snprintf(path, size, "%.*s/%s", len ? len : 1, len ? dir : ".", name);
		rc = try_program(path);
		if (!rc)
			return 0;
		if (rc == RUN_NOT_EXECUTABLE)
			found = rc;
		if (!dir[len])
			break;
		dir += len + 1;
	}
	return found;
}

static struct image map_file(const char *path)
{
	struct image image = { 0 };
	struct stat st;
	void *data;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return image;
	if (!fstat(fd, &st) && st.st_size > 0) {
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data != MAP_FAILED) {
			image.data = data;
			image.size = st.st_size;
		}
	}
	close(fd);
	return image;
}

/* Does it gain privileges? The loader ignores LD_PRELOAD for it then. */
static bool is_privileged(const char *path)
{
	const mode_t setgid = S_ISGID | 0010;
	struct stat st;

	if (stat(path, &st))
		return false;
	if (st.st_mode & S_ISUID && st.st_uid != geteuid())
		return true;
	if ((st.st_mode & setgid) == setgid && st.st_gid != getegid())
		return true;
	return geteuid() && getxattr(path, "security.capability", NULL, 0) > 0;
}

/* A part of the file, if all of it is there. */
static struct image part_of(const struct image *image, const elf_part *ph)
{
	struct image part = { .data = image->data };

	if (ph->p_offset <= image->size && ph->p_filesz <= image->size - ph->p_offset) {
		part.data = image->data + ph->p_offset;
		part.size = ph->p_filesz;
	}
	return part;
}

/* Go's linker leaves a note, unless it is told not to, and a mark in the data. */
static bool is_go_note(const struct image *part)
{
	static const struct { ElfW(Word) type; char name[4]; } note = { 4, "Go" };

	return memmem(part->data, part->size, &note, sizeof(note));
}

static bool has_go_mark(const struct image *part)
{
	static const char mark[] = "\xff Go buildinf:";

	return memmem(part->data, part->size, mark, sizeof(mark) - 1);
}

extern const elf_header __ehdr_start;	/* NOLINT: wspctl's own, by the linker */

/* Is it a program of this machine's kind with a loader, not made by Go? */
static bool is_dynamic(const struct image *image)
{
	const elf_header *eh = (const void *)image->data;
	bool interpreted = false;
	struct image part;
	elf_part ph;

	if (image->size < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
	    eh->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
	    eh->e_machine != __ehdr_start.e_machine ||
	    eh->e_phentsize != sizeof(ph) || eh->e_phoff > image->size ||
	    eh->e_phnum * sizeof(ph) > image->size - eh->e_phoff)
		return false;

	for (int i = 0; i < eh->e_phnum; i++) {
		memcpy(&ph, image->data + eh->e_phoff + i * sizeof(ph), sizeof(ph));
		part = part_of(image, &ph);
		if (ph.p_type == PT_INTERP)
			interpreted = true;
		if (ph.p_type == PT_NOTE && is_go_note(&part))
			return false;
		if (ph.p_type == PT_LOAD && ph.p_flags & PF_W && has_go_mark(&part))
			return false;
	}
	return interpreted;
}

/* The interpreter of a script; false if it is none. */
static bool script_program(const struct image *image, char *path, size_t size)
{
	const char *line = (const char *)image->data;
	size_t at = 2, len = 0;

	if (image->size < 3 || memcmp(line, "#!", 2))
		return false;
	while (at < image->size && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (at + len < image->size && !strchr(" \t\n", line[at + len]))
		len++;
	snprintf(path, size, "%.*s", (int)len, line + at);
	return true;
}

/* Without a way to read it, it is taken for any other. */
enum program judge_program(const char *path)
{
	enum program kind = PROGRAM_DYNAMIC;
	char script[PATH_MAX];
	struct image image;

	snprintf(script, sizeof(script), "%s", path);
	for (int i = 0; i <= MAX_SCRIPTS; i++) {
		if (is_privileged(script))
			return PROGRAM_PRIVILEGED;
		image = map_file(script);
		if (!image.data)
			return PROGRAM_OTHER;
		if (!script_program(&image, script, sizeof(script))) {
			kind = is_dynamic(&image) ? PROGRAM_DYNAMIC : PROGRAM_OTHER;
			i = MAX_SCRIPTS;
		}
		munmap((void *)image.data, image.size);
	}
	return kind;
}
