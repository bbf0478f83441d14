/*
 * One JSON object per line on stderr, for programs that run unattended. Called
 * by programs only, never by lib/ or policies/: those return errors.
 *
 *	log_event(LOG_WARN, "tier set refused",
 *		  LOG_STR("file", path), LOG_INT("line", 12));
 *
 * Each line has "time" (RFC 3339, UTC, milliseconds), "level", "msg" and the
 * fields. Never log secrets, tokens, object bodies. Lines are written by one
 * write(2) each and capped at 16 KiB. Thread-safe.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *key;
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_BOOL } type;
	struct str text;
	int64_t number;
};

#define LOG_STR(k, s)                                                          \
	((struct log_field){ .key = (k), .type = LOG_FIELD_STR, .text = (s) })
#define LOG_INT(k, v)                                                          \
	((struct log_field){ .key = (k), .type = LOG_FIELD_INT, .number = (v) })
#define LOG_BOOL(k, v)                                                         \
	((struct log_field){                                                   \
		.key = (k), .type = LOG_FIELD_BOOL, .number = (v) })

/* Lines below this level are dropped; LOG_INFO at the start. */
void log_set_level(enum log_level level);

/* The message is the first field, so that a comma stands before the others. */
#define log_event(level, msg, ...)                                             \
	log_fields((level),                                                    \
		   (const struct log_field[]){ LOG_STR("msg", str_of(msg)),    \
					       ##__VA_ARGS__,                  \
					       { .key = NULL } })
void log_fields(enum log_level level, const struct log_field *fields);

#endif
