/*
 * Places of a parser (line and column, in characters) as offsets into the
 * text. Offsets that grow are found fast; others too, only slower.
 *
 * Borrows the text. Not locked.
 */
#ifndef CLI_TEXT_PLACE_H
#define CLI_TEXT_PLACE_H

#include "lib/json.h"

struct text_place {
	struct str text;
	const size_t *lines; /* offset of the first character of each */
	size_t n_lines;
	/* where the last search ended */
	struct json_mark mark;
	size_t at;
};

struct text_place text_place_new(struct arena *a, struct str text);

/* The end of the text for a mark that lies behind it. */
size_t text_place_offset(struct text_place *p, struct json_mark mark);

/* Behind the line break of the line that holds offset. */
size_t text_place_line_end(const struct text_place *p, size_t offset);

/* Its first character. */
size_t text_place_line_start(const struct text_place *p, size_t offset);

/* "\n" or "\r\n": how the line that ends at offset ends, else the first one. */
struct str text_place_eol(const struct text_place *p, size_t offset);

#endif
