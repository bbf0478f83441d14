/*
 * A YAML stream as kubectl cuts it: into documents at each line that begins
 * with "---", before any YAML is understood. And places in that text, which
 * libyaml counts in characters and people in lines.
 *
 * All text is borrowed. Not locked.
 */
#ifndef LIB_YAML_SOURCE_H
#define LIB_YAML_SOURCE_H

#include "lib/error.h"
#include "lib/json.h"

struct yaml_source {
	struct str rest;
	uint32_t line; /* of the first character of rest, from 1 */
};

struct yaml_chunk {
	struct str text;
	uint32_t line; /* of its first character */
};

/* -1 for UTF-16. text ends with a line feed (kubectl adds one). */
int yaml_source_open(struct yaml_source *src, struct str text,
		     struct error *err) MUST_CHECK;

/*
 * The next chunk that has more in it than comments: 1; at the end 0; on an
 * error, which concerns this chunk alone, -1.
 */
int yaml_source_next(struct yaml_source *src, struct yaml_chunk *chunk,
		     struct error *err) MUST_CHECK;

/* A place in a chunk that moves forward cheaply. Lines end with LF only. */
struct yaml_cursor {
	struct yaml_chunk chunk;
	size_t byte, index; /* offset in bytes, in characters */
	struct json_mark mark;
};

struct yaml_cursor yaml_cursor_at_start(struct yaml_chunk chunk);

/* To the character with this number, from 0. */
void yaml_cursor_to_index(struct yaml_cursor *c, size_t index);

/* To the character that holds this byte. */
void yaml_cursor_to_byte(struct yaml_cursor *c, size_t byte);

/* Behind the last character before c that is no blank and no line break. */
struct json_mark yaml_cursor_text_end(const struct yaml_cursor *c);

#endif
