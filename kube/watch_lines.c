/*
 * A buffer with three places: where the next line begins, how far the search
 * for its end has come, and how far it is filled. A long line that arrives
 * byte by byte is so searched once, and moved only when the buffer is full.
 */
#include "kube/watch_lines.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST = 16 << 10, /* what one read of a TLS record gives */
	KEEP = 256 << 10, /* one huge line does not hold its memory for ever */
};

void watch_lines_release(struct watch_lines *lines)
{
	free(lines->p);
	lines->p = NULL;
	lines->size = lines->at = lines->seen = lines->end = 0;
}

static void to_front(struct watch_lines *lines)
{
	const size_t rest = watch_lines_rest(lines);

	if (lines->at == 0)
		return;
	if (rest)
		memmove(lines->p, lines->p + lines->at, rest);
	lines->seen -= lines->at;
	lines->at = 0;
	lines->end = rest;
}

static void grow(struct watch_lines *lines)
{
	const size_t most = lines->max + 1; /* the newline */
	size_t size = lines->size ? 2 * lines->size : FIRST;

	if (size > most)
		size = most;
	if (size <= lines->end)
		BUG("room is asked for before the lines are taken");
	lines->p = realloc(lines->p, size);
	if (!lines->p) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	lines->size = size;
}

char *watch_lines_room(struct watch_lines *lines, size_t *n)
{
	if (lines->at == lines->end && lines->size > KEEP)
		watch_lines_release(lines);
	if (lines->at == lines->end || lines->end == lines->size)
		to_front(lines);
	if (lines->end == lines->size)
		grow(lines);
	*n = lines->size - lines->end;
	return lines->p + lines->end;
}

void watch_lines_fill(struct watch_lines *lines, size_t n)
{
	if (n > lines->size - lines->end)
		BUG("more bytes than there was room for");
	lines->end += n;
}

int watch_lines_next(struct watch_lines *lines, struct str *line,
		     struct error *err)
{
	const size_t unseen = lines->end - lines->seen;
	const char *newline = NULL;
	size_t length;

	if (unseen)
		newline = memchr(lines->p + lines->seen, '\n', unseen);
	lines->seen = newline ? (size_t)(newline - lines->p) : lines->end;
	length = lines->seen - lines->at;
	if (length > lines->max)
		return error_set(err, ERR_LIMIT,
				 "a line of more than %zu bytes", lines->max);
	if (!newline)
		return 0;
	*line = (struct str){ lines->p + lines->at, length };
	lines->at = ++lines->seen;
	return 1;
}
