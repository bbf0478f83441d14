/*
 * Lines from a stream of bytes that arrive in pieces of any size: pure.
 *
 *	char *room = watch_lines_room(&lines, &n);
 *	watch_lines_fill(&lines, read(fd, room, n));
 *	while (watch_lines_next(&lines, &line, &err) > 0)
 *		use(line);
 *
 * One buffer that grows up to the cap; what is read is looked at once, and a
 * line is never copied, only moved to the front with what follows it. Text is
 * bytes here: what they mean is for the reader of the whole line.
 *
 * Heap memory, owned by the struct. Not locked.
 */
#ifndef KUBE_WATCH_LINES_H
#define KUBE_WATCH_LINES_H

#include "lib/error.h"
#include "lib/str.h"

struct watch_lines {
	char *p;
	size_t size;
	size_t max;	      /* bytes of one line, its end not counted */
	size_t at, seen, end; /* next line, looked at, filled: offsets */
};

#define WATCH_LINES_INIT(cap)                                                  \
	{                                                                      \
		.max = (cap)                                                   \
	}

void watch_lines_release(struct watch_lines *lines);

/*
 * Where to read to, *n at least 1. Ends the lives of lines that were handed
 * out. Only after watch_lines_next has said that there is none.
 */
char *watch_lines_room(struct watch_lines *lines, size_t *n);

/* So many bytes of the room are filled now. */
void watch_lines_fill(struct watch_lines *lines, size_t n);

/*
 * 1 with the next line, without the newline, borrowed until the next room; 0
 * when more bytes are needed; -1 with ERR_LIMIT for a line beyond the cap, now
 * and ever after.
 */
int watch_lines_next(struct watch_lines *lines, struct str *line,
		     struct error *err) MUST_CHECK;

/* Bytes of a line whose end has not come. */
static inline size_t watch_lines_rest(const struct watch_lines *lines)
{
	return lines->end - lines->at;
}

#endif
