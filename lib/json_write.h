/*
 * A tree to JSON text. The only user of yajl's generator.
 *
 * Writing cannot fail on a tree from a reader or from json_make_*; what does
 * not fit the buffer is the buffer's sticky failure (buf.h). Members keep
 * their order; numbers are written as their text; UTF-8 stays unescaped.
 */
#ifndef LIB_JSON_WRITE_H
#define LIB_JSON_WRITE_H

#include "lib/buf.h"
#include "lib/json.h"

/* One line, no spaces, no newline at the end. */
void json_write(struct buf *out, const struct json *v);

/* Two-space indentation and a newline at the end. */
void json_write_pretty(struct buf *out, const struct json *v);

/* As json_write, into the arena; BUG above 64 MiB. */
struct str json_to_str(struct arena *a, const struct json *v);

#endif
