/*
 * Files, with plain blocking calls. A folder is walked by file descriptors, so
 * that what was looked at is what is opened; only regular files in it are
 * listed, because opening a FIFO or a device may hang or act.
 */
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_FIRST = 16 << 10,
	DEPTH_MAX = 64,
	MODE_NEW = 0644,
	MODE_PRIVATE = 0600,
	MODE_BITS = 07777,
};

static void close_fd(const int *fd)
{
	if (*fd > STDERR_FILENO)
		(void)close(*fd);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* ---- reading ---- */

/* read(2) until size bytes are there or the end is reached. */
static ssize_t read_full(int fd, char *p, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* Room for what is there and one byte more, which shows the end. */
static size_t first_size(const struct stat *st, size_t max)
{
	size_t want = READ_FIRST;

	if (S_ISREG(st->st_mode) && st->st_size > 0)
		want = (size_t)st->st_size + 1;
	return want > max ? max + 1 : want;
}

static int read_all(struct arena *a, int fd, const char *path, size_t max,
		    struct str *text, struct error *err)
{
	size_t size, n = 0;
	struct stat st;
	char *p;

	if (fstat(fd, &st) < 0)
		return error_set(err, ERR_IO, "cannot read %s: %m", path);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERR_IO,
				 "cannot read %s: it is a folder, not a file",
				 path);
	size = first_size(&st, max);
	p = arena_raw(a, size + 1, 1);
	for (;;) {
		ssize_t got = read_full(fd, p + n, size - n);
		char *bigger;

		if (got < 0)
			return error_set(err, ERR_IO, "cannot read %s: %m",
					 path);
		n += (size_t)got;
		if (n > max)
			return error_set(err, ERR_LIMIT,
					 "%s is larger than %zu bytes", path,
					 max);
		if (n < size)
			break;
		size = size > max / 2 ? max + 1 : 2 * size;
		bigger = arena_raw(a, size + 1, 1);
		memcpy(bigger, p, n);
		p = bigger;
	}
	p[n] = '\0';
	*text = (struct str){ p, n };
	return 0;
}

int file_read(struct arena *a, const char *path, size_t max, struct str *text,
	      struct error *err)
{
	CLEANUP(close_fd) int fd = STDIN_FILENO;

	if (max >= SIZE_MAX / 4)
		BUG("file_read without a cap");
	if (strcmp(path, "-") == 0)
		return read_all(a, fd, "standard input", max, text, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(err, ERR_IO, "cannot open %s: %m", path);
	return read_all(a, fd, path, max, text, err);
}

/* ---- writing ---- */

static int write_full(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text = str_sub(text, (size_t)n, text.n);
	}
	return 0;
}

/* Terminals, pipes and devices: nothing to replace. */
static int write_through(const char *path, struct str text, struct error *err)
{
	CLEANUP(close_fd)
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || write_full(fd, text) < 0)
		return error_set(err, ERR_IO, "cannot write %s: %m", path);
	return 0;
}

static int sync_folder(const char *folder)
{
	CLEANUP(close_fd)
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* Some file systems cannot sync a folder, and say so by EINVAL. */
	return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

static int fill_temporary(int fd, struct str text, mode_t mode)
{
	if (write_full(fd, text) < 0 || fchmod(fd, mode) < 0)
		return -1;
	return fsync(fd);
}

static int replace(const char *path, mode_t mode, struct str text,
		   struct error *err)
{
	const char *slash = strrchr(path, '/');
	int folder_n = slash ? (int)(slash - path) + 1 : 2;
	char folder[PATH_MAX], temporary[PATH_MAX];
	int saved, fd;

	if (strlen(path) + sizeof("./.new-XXXXXX") > PATH_MAX)
		return error_set(err, ERR_IO,
				 "cannot write %s: its path is too long", path);
	snprintf(folder, sizeof(folder), "%.*s", folder_n, slash ? path : "./");
	snprintf(temporary, sizeof(temporary), "%.*s.new-XXXXXX", folder_n,
		 folder);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERR_IO,
				 "cannot write %s: no new file in %s: %m", path,
				 folder);
	if (fill_temporary(fd, text, mode) < 0 || rename(temporary, path) < 0) {
		saved = errno;
		(void)unlink(temporary);
		(void)close(fd);
		errno = saved;
		return error_set(err, ERR_IO, "cannot write %s: %m", path);
	}
	if (close(fd) < 0 || sync_folder(folder) < 0)
		return error_set(err, ERR_IO, "cannot sync %s: %m", path);
	return 0;
}

/* mode 0: that of the file that was there, else the usual one. */
static int write_file(const char *path, mode_t mode, struct str text,
		      struct error *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (strcmp(path, "-") == 0) {
		if (write_full(STDOUT_FILENO, text) < 0)
			return error_set(err, ERR_IO,
					 "cannot write standard output: %m");
		return 0;
	}
	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return error_set(err, ERR_IO, "cannot write %s: %m",
					 path);
		return replace(path, mode ? mode : MODE_NEW, text, err);
	}
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERR_IO,
				 "cannot write %s: it is a folder, not a file",
				 path);
	if (!S_ISREG(st.st_mode))
		return write_through(path, text, err);
	/* The file behind a link is replaced, not the link. */
	if (!realpath(path, real))
		return error_set(err, ERR_IO, "cannot write %s: %m", path);
	return replace(real, mode ? mode : st.st_mode & MODE_BITS, text, err);
}

int file_write(const char *path, struct str text, struct error *err)
{
	return write_file(path, 0, text, err);
}

int file_write_private(const char *path, struct str text, struct error *err)
{
	return write_file(path, MODE_PRIVATE, text, err);
}

/* ---- listing ---- */

struct walk {
	struct arena *arena;
	const char *const *suffixes;
	struct file_list *list;
	struct error *err;
};

static bool has_suffix(struct str name, const char *const *suffixes)
{
	for (; *suffixes; suffixes++)
		if (str_ends(name, str_of(*suffixes)))
			return true;
	return false;
}

static int add_path(const struct walk *w, const char *path)
{
	struct file_list *l = w->list;

	if (l->n >= FILE_LIST_MAX)
		return error_set(w->err, ERR_LIMIT,
				 "more than %d files; name fewer folders",
				 FILE_LIST_MAX);
	l->paths = arena_grow(w->arena, l->paths, l->n, &l->cap,
			      sizeof(*l->paths));
	l->paths[l->n++] = arena_str(w->arena, str_of(path));
	return 0;
}

static int walk_folder(const struct walk *w, int fd, const char *path,
		       int depth);

/* One name in the folder that fd is open on. */
static int walk_entry(const struct walk *w, int fd, const char *path,
		      const char *name, int depth)
{
	bool wanted = has_suffix(str_of(name), w->suffixes);
	bool slash = str_ends(str_of(path), STR("/"));
	struct stat st;
	int child;

	path = arena_printf(w->arena, "%s%s%s", path, slash ? "" : "/", name).p;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(w->err, ERR_IO, "cannot read %s: %m", path);
	if (S_ISDIR(st.st_mode)) {
		child = openat(fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			return error_set(w->err, ERR_IO, "cannot open %s: %m",
					 path);
		return walk_folder(w, child, path, depth + 1);
	}
	if (!wanted)
		return 0;
	if (S_ISLNK(st.st_mode) && fstatat(fd, name, &st, 0) < 0)
		return error_set(w->err, ERR_IO, "cannot read %s: %m", path);
	return S_ISREG(st.st_mode) ? add_path(w, path) : 0;
}

/* Takes fd. */
static int walk_folder(const struct walk *w, int fd, const char *path,
		       int depth)
{
	CLEANUP(close_dir) DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		(void)close(fd);
		return error_set(w->err, ERR_IO, "cannot open %s: %m", path);
	}
	if (depth > DEPTH_MAX)
		return error_set(w->err, ERR_LIMIT,
				 "%s lies more than %d folders deep", path,
				 DEPTH_MAX);
	for (;;) {
		errno = 0;
		/* Safe on a stream that only this thread has. */
		entry = readdir(dir); /* NOLINT(concurrency-mt-unsafe) */
		if (!entry)
			break;
		if (entry->d_name[0] == '.')
			continue;
		if (walk_entry(w, fd, path, entry->d_name, depth) < 0)
			return -1;
	}
	if (errno)
		return error_set(w->err, ERR_IO, "cannot read %s: %m", path);
	return 0;
}

int file_list(struct arena *a, const char *path, const char *const *suffixes,
	      struct file_list *list, struct error *err)
{
	const struct walk w = { a, suffixes, list, err };
	size_t before = list->n;
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0)
		return add_path(&w, path);
	if (stat(path, &st) < 0)
		return error_set(err, ERR_IO, "cannot read %s: %m", path);
	if (!S_ISDIR(st.st_mode))
		return add_path(&w, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERR_IO, "cannot open %s: %m", path);
	if (walk_folder(&w, fd, path, 0) < 0)
		return -1;
	if (list->n > before)
		qsort(list->paths + before, list->n - before,
		      sizeof(*list->paths), str_cmp_qsort);
	return 0;
}
