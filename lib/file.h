/*
 * Files: read whole with a cap, write whole or not at all, list a folder.
 * Plain blocking calls. Errors are ERR_IO (or ERR_LIMIT) and name the path.
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "lib/arena.h"
#include "lib/error.h"

/* "-" is standard input. The text is NUL-terminated behind its end. */
int file_read(struct arena *a, const char *path, size_t max, struct str *text,
	      struct error *err) MUST_CHECK;

/*
 * Replaces path by a temporary file in the same folder, synced and renamed:
 * after a crash the old or the new text is there, never a part. Keeps the mode
 * of a file that was there; 0644 otherwise. "-" is standard output.
 */
int file_write(const char *path, struct str text, struct error *err) MUST_CHECK;

/* The same for what only the owner may read: mode 0600, whatever was there. */
int file_write_private(const char *path, struct str text,
		       struct error *err) MUST_CHECK;

struct file_list {
	struct str *paths; /* NUL-terminated behind their ends */
	size_t n, cap;
};

/*
 * Adds path itself when it is a file (any name), or all regular files below it
 * whose name ends in one of suffixes (ended by NULL), sorted bytewise by path,
 * hidden files and folders left out. Symbolic links are followed to files, not
 * to folders. At most FILE_LIST_MAX files.
 */
enum { FILE_LIST_MAX = 100000 };
int file_list(struct arena *a, const char *path, const char *const *suffixes,
	      struct file_list *list, struct error *err) MUST_CHECK;

#endif
