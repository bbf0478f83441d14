/*
 * Text of others, made safe for where it is written. All take any bytes: what
 * is no UTF-8 becomes U+FFFD, a byte each.
 */
#ifndef CLI_REPORTS_ESCAPE_H
#define CLI_REPORTS_ESCAPE_H

#include "lib/arena.h"
#include "lib/buf.h"

/* Valid UTF-8: s itself, or a repaired copy in a. */
struct str escape_utf8(struct arena *a, struct str s);

/*
 * One line for terminals and logs. Controls (C1 too), line separators and
 * marks that turn the reading direction become "?": a name in a manifest may
 * neither colour the report nor forge a line of it.
 */
void escape_line(struct buf *out, struct str s);

/*
 * XML 1.0, for text and for attributes in double quotes: line breaks and tabs
 * as character references, since readers fold them in attributes. Characters
 * that XML cannot hold at all become U+FFFD.
 */
void escape_xml(struct buf *out, struct str s);

/* The message, and a property's value, of a GitHub workflow command. */
void escape_github_message(struct buf *out, struct str s);
void escape_github_property(struct buf *out, struct str s);

/*
 * A path as a URI reference: relative stays relative (without "./"), absolute
 * becomes file:///...
 */
void escape_uri(struct buf *out, struct str path);

#endif
