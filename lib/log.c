/*
 * Log lines are built on the stack and written at once, so that threads never
 * mix theirs. A value that is too long is cut; a field that has no room left
 * is dropped; the line stays one JSON object.
 */
#include "lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 16 << 10,
	TAIL = 64, /* kept for cutting off and closing */
};

static _Atomic int lowest = LOG_INFO;

struct line {
	size_t n;
	char p[LINE_MAX_BYTES];
};

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&lowest, (int)level, memory_order_relaxed);
}

static size_t room(const struct line *l)
{
	return l->n + TAIL < sizeof(l->p) ? sizeof(l->p) - TAIL - l->n : 0;
}

/* For short text that the tail has room for. */
static void put(struct line *l, struct str s)
{
	if (s.n > sizeof(l->p) - l->n)
		BUG("log line overflow");
	memcpy(l->p + l->n, s.p, s.n);
	l->n += s.n;
}

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the UTF-8 character at p, 0 when it is none (RFC 3629). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	if (p[0] == 0xed)
		high = 0x9f;
	if (p[0] == 0xf0)
		low = 0x90;
	if (p[0] == 0xf4)
		high = 0x8f;
	if (n > left || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_continuation(p[i]))
			return 0;
	return n;
}

/* The character at s as it stands in a JSON string; *used bytes of s. */
static struct str escape(struct str s, char scratch[8], size_t *used)
{
	size_t n = utf8_length((const unsigned char *)s.p, s.n);
	unsigned char c = (unsigned char)s.p[0];

	*used = n ? n : 1;
	if (!n)
		return STR("\xef\xbf\xbd");
	if (c == '\n')
		return STR("\\n");
	if (c == '\t')
		return STR("\\t");
	if (c < ' ' || c == 0x7f)
		snprintf(scratch, 8, "\\u%04x", c);
	else if (c == '"' || c == '\\')
		snprintf(scratch, 8, "\\%c", c);
	else
		return str_sub(s, 0, n);
	return str_of(scratch);
}

static void put_string(struct line *l, struct str s)
{
	char scratch[8];
	size_t used;

	put(l, STR("\""));
	for (; s.n; s = str_sub(s, used, s.n)) {
		struct str piece = escape(s, scratch, &used);

		if (piece.n > room(l)) {
			put(l, STR("..."));
			break;
		}
		put(l, piece);
	}
	put(l, STR("\""));
}

static void put_time(struct line *l)
{
	char text[40];
	struct timespec now;
	struct tm tm;
	size_t n;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    !gmtime_r(&now.tv_sec, &tm))
		BUG("clock_gettime");
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03dZ",
		 (int)(now.tv_nsec / 1000000));
	put_string(l, str_of(text));
}

static void put_value(struct line *l, const struct log_field *f)
{
	char text[24];

	switch (f->type) {
	case LOG_FIELD_STR:
		put_string(l, f->text);
		return;
	case LOG_FIELD_INT:
		snprintf(text, sizeof(text), "%" PRId64, f->number);
		put(l, str_of(text));
		return;
	case LOG_FIELD_BOOL:
		put(l, f->number ? STR("true") : STR("false"));
		return;
	}
	BUG("log field type");
}

static void put_field(struct line *l, const struct log_field *f)
{
	struct str key = str_of(f->key);

	/* A key may grow sixfold by escaping, and is never cut. */
	if (6 * key.n + TAIL > room(l))
		return;
	put(l, STR(","));
	put_string(l, key);
	put(l, STR(":"));
	put_value(l, f);
}

static struct str level_name(enum log_level level)
{
	switch (level) {
	case LOG_DEBUG:
		return STR("debug");
	case LOG_INFO:
		return STR("info");
	case LOG_WARN:
		return STR("warn");
	case LOG_ERROR:
		return STR("error");
	}
	BUG("log level");
}

void log_fields(enum log_level level, const struct log_field *fields)
{
	struct line l;

	if ((int)level < atomic_load_explicit(&lowest, memory_order_relaxed))
		return;
	l.n = 0;
	put(&l, STR("{\"time\":"));
	put_time(&l);
	put(&l, STR(",\"level\":"));
	put_string(&l, level_name(level));
	for (; fields->key; fields++)
		put_field(&l, fields);
	put(&l, STR("}\n"));
	/* Nobody is left to tell when this fails. */
	while (write(STDERR_FILENO, l.p, l.n) < 0 && errno == EINTR)
		;
}
