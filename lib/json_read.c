/*
 * yajl's callbacks to events of json_build.h, and the checks that yajl does
 * not make: surrogate escapes that yajl would decode to something else, white
 * space that RFC 8259 does not know, and text behind the value.
 */
#include "lib/json_read.h"

#include <yajl/yajl_parse.h>

/* A place in the text; only ever moves forward. */
struct place {
	size_t offset;
	struct json_mark mark;
};

struct reader {
	struct json_build *build;
	struct arena *arena;
	struct str text;
	struct error *err;
	yajl_handle yajl;
	bool marks;
	bool at_end;	    /* yajl was told that there is no more text */
	struct place place; /* how far marks were counted */
	size_t value_end;   /* offset behind the document's value */
};

/* yajl wants realloc, so each block of the arena remembers its size. */
struct block {
	size_t size;
	_Alignas(16) char data[];
};

static void *block_alloc(void *arena, size_t size)
{
	struct block *b = arena_raw(arena, 1, sizeof(*b) + size);

	b->size = size;
	return b->data;
}

static void *block_realloc(void *arena, void *old, size_t size)
{
	size_t had = 0;
	char *bigger;

	if (old)
		memcpy(&had, (char *)old - sizeof(struct block), sizeof(had));
	if (old && had >= size)
		return old;
	bigger = block_alloc(arena, size);
	if (had)
		memcpy(bigger, old, had);
	return bigger;
}

static void block_free(void *arena, void *old)
{
	(void)arena;
	(void)old;
}

static void place_advance(struct place *place, struct str text, size_t to)
{
	struct json_mark mark = place->mark;

	for (size_t i = place->offset; i < to; i++) {
		if (text.p[i] == '\n') {
			mark.line++;
			mark.column = 1;
		} else if ((text.p[i] & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	*place = (struct place){ to, mark };
}

static int fail_at(struct reader *r, size_t offset, const char *msg)
{
	struct place place = { 0, { 1, 1 } };

	place_advance(&place, r->text, offset);
	return error_at(r->err, ERR_INPUT, place.mark.line, place.mark.column,
			"%s", msg);
}

/* yajl's count starts anew with the end of the text. */
static size_t token_end(const struct reader *r)
{
	return r->at_end ? r->text.n : yajl_get_bytes_consumed(r->yajl);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' ||
	       c == '+' || c == '-' || c == '.';
}

/* Quotes inside of a string have a backslash before them, its first has not. */
static size_t string_start(struct str text, size_t last)
{
	while (last > 0) {
		last--;
		if (text.p[last] == '"' &&
		    (last == 0 || text.p[last - 1] != '\\'))
			break;
	}
	return last;
}

/* Where the token that ends before the offset began. */
static size_t token_start(struct str text, size_t end)
{
	size_t at = end;

	if (end == 0)
		return 0;
	if (text.p[end - 1] == '"')
		return string_start(text, end - 1);
	while (at > 0 && is_word(text.p[at - 1]))
		at--;
	return at < end ? at : end - 1;
}

static void mark_token(struct reader *r, struct json_mark *start,
		       struct json_mark *end)
{
	size_t behind;

	if (!r->marks)
		return;
	behind = token_end(r);
	place_advance(&r->place, r->text, token_start(r->text, behind));
	*start = r->place.mark;
	place_advance(&r->place, r->text, behind);
	*end = r->place.mark;
}

/* What a callback returns; gives an error its place when it has none. */
static int go_on(struct reader *r, int status)
{
	struct place place = { 0, { 1, 1 } };

	if (status == 0) {
		if (json_build_depth(r->build) == 0)
			r->value_end = token_end(r);
		return 1;
	}
	if (!r->err->line) {
		place_advance(&place, r->text,
			      token_start(r->text, token_end(r)));
		r->err->line = place.mark.line;
		r->err->column = place.mark.column;
	}
	return 0;
}

/* Text that yajl had to decode stands in a buffer that it uses again. */
static struct str keep(struct reader *r, const unsigned char *p, size_t n)
{
	struct str s = { (const char *)p, n };
	uintptr_t at = (uintptr_t)p, text = (uintptr_t)r->text.p;

	if (at >= text && at + n <= text + r->text.n)
		return s;
	return arena_str(r->arena, s);
}

static int add(struct reader *r, struct json v)
{
	mark_token(r, &v.start, &v.end);
	return go_on(r, json_build_scalar(r->build, v));
}

static int open_collection(struct reader *r, enum json_type type)
{
	struct json_mark start = { 0, 0 }, end;

	mark_token(r, &start, &end);
	return go_on(r,
		     json_build_open(r->build, type, JSON_STYLE_NONE, start));
}

static int close_collection(struct reader *r)
{
	struct json_mark start, end = { 0, 0 };

	mark_token(r, &start, &end);
	return go_on(r, json_build_close(r->build, end));
}

static int on_null(void *r)
{
	return add(r, (struct json){ .type = JSON_NULL });
}

static int on_boolean(void *r, int value)
{
	return add(r, json_make_bool(value));
}

static int on_number(void *r, const char *p, size_t n)
{
	return add(r, json_make_number(keep(r, (const unsigned char *)p, n)));
}

static int on_string(void *r, const unsigned char *p, size_t n)
{
	return add(r, json_make_string(keep(r, p, n)));
}

static int on_start_map(void *r)
{
	return open_collection(r, JSON_OBJECT);
}

static int on_map_key(void *ctx, const unsigned char *p, size_t n)
{
	struct reader *r = ctx;
	struct json_mark start = { 0, 0 }, end;

	mark_token(r, &start, &end);
	return go_on(r, json_build_key(r->build, keep(r, p, n), start));
}

static int on_end_map(void *r)
{
	return close_collection(r);
}

static int on_start_array(void *r)
{
	return open_collection(r, JSON_ARRAY);
}

static int on_end_array(void *r)
{
	return close_collection(r);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_integer = NULL,
	.yajl_double = NULL,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The code unit of a \u escape at i; -1 when there is none. */
static int code_unit(struct str text, size_t i)
{
	int unit = 0;

	if (text.n - i < 6 || text.p[i] != '\\' || text.p[i + 1] != 'u')
		return -1;
	for (size_t k = 2; k < 6; k++) {
		int digit = hex_digit(text.p[i + k]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/*
 * yajl decodes half a pair to other characters without a word, which cannot
 * be seen afterwards; so it is looked for in the raw text.
 */
static int check_surrogates(struct reader *r)
{
	struct str text = r->text;
	const char *slash = memchr(text.p, '\\', text.n);

	while (slash) {
		size_t i = (size_t)(slash - text.p);
		int unit = code_unit(text, i);
		size_t length = unit < 0 ? 2 : 6;

		if (unit >= 0xd800 && unit <= 0xdbff) {
			int low = code_unit(text, i + 6);

			if (low < 0xdc00 || low > 0xdfff)
				return fail_at(r, i,
					       "this \\u escape is the first "
					       "half of a surrogate pair "
					       "without its second half");
			length = 12;
		} else if (unit >= 0xdc00 && unit <= 0xdfff) {
			return fail_at(r, i,
				       "this \\u escape is the second half of "
				       "a surrogate pair without its first "
				       "half");
		}
		if (text.n - i <= length)
			return 0;
		slash = memchr(slash + length, '\\', text.n - i - length);
	}
	return 0;
}

/* Of the control characters yajl takes these two for white space. */
static int check_white_space(struct reader *r)
{
	const char *bad = memchr(r->text.p, '\v', r->text.n);

	if (!bad)
		bad = memchr(r->text.p, '\f', r->text.n);
	if (bad)
		return fail_at(r, (size_t)(bad - r->text.p),
			       "a control character that JSON does not allow: "
			       "remove it");
	return 0;
}

static int check_raw(struct reader *r, const struct json_limits *limits)
{
	static const struct str bom = STR_INIT("\xef\xbb\xbf");

	if (r->text.n > limits->bytes)
		return error_at(r->err, ERR_LIMIT, 1, 1,
				"%zu bytes of JSON, but %zu is the limit",
				r->text.n, limits->bytes);
	if (str_trim(r->text).n == 0)
		return fail_at(r, 0, "empty: a JSON value is wanted");
	if (str_starts(r->text, bom))
		return fail_at(r, 0,
			       "starts with a byte order mark: save it as "
			       "UTF-8 without one");
	if (check_white_space(r) < 0)
		return -1;
	return check_surrogates(r);
}

/*
 * Of a bad character yajl stops in front, but behind one that begins no token
 * at all; of an unwanted token it stops behind.
 */
static size_t error_offset(const struct reader *r, struct str msg)
{
	size_t offset = token_end(r);

	if (str_find_str(msg, STR("invalid char in json text")) < msg.n)
		return offset > 0 ? offset - 1 : 0;
	if (r->at_end || str_starts(msg, STR("lexical error")))
		return offset;
	return token_start(r->text, offset);
}

/* yajl's one-line reason, without its kind of error and its newline. */
static int syntax_error(struct reader *r)
{
	unsigned char *reason = yajl_get_error(r->yajl, 0, NULL, 0);
	struct str msg = str_trim(str_of((char *)reason));
	size_t offset = error_offset(r, msg);
	size_t colon = str_find_str(msg, STR(": "));

	if (str_find_str(msg, STR("comment")) < msg.n)
		return fail_at(r, offset,
			       "comments are not allowed in JSON: remove it");
	msg = str_sub(msg, colon < msg.n ? colon + 2 : 0, msg.n);
	return fail_at(
		r, offset,
		arena_printf(r->arena, "not JSON: %.*s", STR_ARG(msg)).p);
}

/* yajl does not see the beginning of a string that never ends. */
static int check_rest(struct reader *r)
{
	struct str rest = str_sub(r->text, r->value_end, r->text.n);

	if (str_trim(rest).n == 0)
		return 0;
	while (str_trim(str_sub(rest, 0, 1)).n == 0)
		rest = str_sub(rest, 1, rest.n);
	return fail_at(r, (size_t)(rest.p - r->text.p),
		       "something stands behind the JSON value: remove it");
}

static int parse(struct reader *r)
{
	yajl_status status = yajl_parse(
		r->yajl, (const unsigned char *)r->text.p, r->text.n);

	if (status == yajl_status_ok) {
		r->at_end = true;
		status = yajl_complete_parse(r->yajl);
	}
	if (status == yajl_status_error)
		return r->value_end ? check_rest(r) : syntax_error(r);
	return status == yajl_status_ok ? 0 : -1;
}

int json_read(struct arena *a, struct str text, unsigned flags,
	      const struct json_limits *limits, struct json *doc,
	      struct error *err)
{
	struct reader r = {
		.arena = a,
		.text = text.p ? text : STR(""),
		.err = err,
		.marks = flags & JSON_READ_MARKS,
		.place = { 0, { 1, 1 } },
	};
	yajl_alloc_funcs memory = { block_alloc, block_realloc, block_free, a };

	if (!limits)
		limits = &json_limits_default;
	*err = (struct error)ERROR_INIT;
	if (check_raw(&r, limits) < 0)
		return -1;
	r.build = json_build_new(a, limits, err);
	/* Never freed: all its memory is the arena's. */
	r.yajl = yajl_alloc(&callbacks, &memory, &r);
	/* The builder checks UTF-8, and better. */
	yajl_config(r.yajl, yajl_dont_validate_strings, 1);
	if (parse(&r) < 0 || check_rest(&r) < 0)
		return -1;
	return json_build_finish(r.build, doc);
}
