/*
 * Trees to text through yajl's generator. It prints a few bytes at a time, so
 * they are gathered before they go to the caller's buffer.
 */
#include "lib/json_write.h"

#include <yajl/yajl_gen.h>

enum {
	TO_STR_MAX = 64 << 20,
	GATHER = 2048, /* bytes */
};

struct sink {
	struct buf *out;
	size_t n;
	char bytes[GATHER];
};

static bool write_value(yajl_gen g, const struct json *v);

/* Text for yajl, which does not take NULL for nothing. */
static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

static bool write_array(yajl_gen g, const struct json *v)
{
	if (yajl_gen_array_open(g) != yajl_gen_status_ok)
		return false;
	json_each_item(item, v)
		if (!write_value(g, item))
			return false;
	return yajl_gen_array_close(g) == yajl_gen_status_ok;
}

static bool write_object(yajl_gen g, const struct json *v)
{
	if (yajl_gen_map_open(g) != yajl_gen_status_ok)
		return false;
	json_each_member(m, v) {
		if (yajl_gen_string(g, bytes(m->key), m->key.n) !=
		    yajl_gen_status_ok)
			return false;
		if (!write_value(g, &m->value))
			return false;
	}
	return yajl_gen_map_close(g) == yajl_gen_status_ok;
}

/* As a number, yajl writes any text as it is. */
static bool write_raw(yajl_gen g, struct str s)
{
	return yajl_gen_number(g, s.p, s.n) == yajl_gen_status_ok;
}

/*
 * False when yajl refuses the depth, which also ends the recursion. Empty
 * collections are written raw because yajl would break the line in them.
 */
static bool write_value(yajl_gen g, const struct json *v)
{
	switch (json_type(v)) {
	case JSON_MISSING:
		BUG("json_write of a missing value");
	case JSON_NULL:
		return yajl_gen_null(g) == yajl_gen_status_ok;
	case JSON_BOOL:
		return yajl_gen_bool(g, v->u.boolean) == yajl_gen_status_ok;
	case JSON_NUMBER:
		return write_raw(g, v->u.text);
	case JSON_STRING:
		return yajl_gen_string(g, bytes(v->u.text), v->u.text.n) ==
		       yajl_gen_status_ok;
	case JSON_ARRAY:
		return v->n ? write_array(g, v) : write_raw(g, STR("[]"));
	case JSON_OBJECT:
		return v->n ? write_object(g, v) : write_raw(g, STR("{}"));
	}
	BUG("json_write of no type");
}

static void flush(struct sink *sink)
{
	buf_add(sink->out, (struct str){ sink->bytes, sink->n });
	sink->n = 0;
}

static void print(void *ctx, const char *p, size_t n)
{
	struct sink *sink = ctx;

	if (n > sizeof(sink->bytes) - sink->n)
		flush(sink);
	if (n > sizeof(sink->bytes)) {
		buf_add(sink->out, (struct str){ p, n });
		return;
	}
	memcpy(sink->bytes + sink->n, p, n);
	sink->n += n;
}

static void write_tree(struct buf *out, const struct json *v, bool pretty)
{
	yajl_gen g = yajl_gen_alloc(NULL);
	struct sink sink;

	if (!g)
		BUG("out of memory");
	sink.out = out;
	sink.n = 0;
	yajl_gen_config(g, yajl_gen_print_callback, print, &sink);
	if (pretty) {
		yajl_gen_config(g, yajl_gen_beautify, 1);
		yajl_gen_config(g, yajl_gen_indent_string, "  ");
	}
	if (!write_value(g, v))
		out->failed = true;
	flush(&sink);
	yajl_gen_free(g);
}

void json_write(struct buf *out, const struct json *v)
{
	write_tree(out, v, false);
}

void json_write_pretty(struct buf *out, const struct json *v)
{
	write_tree(out, v, true);
}

struct str json_to_str(struct arena *a, const struct json *v)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TO_STR_MAX);

	json_write(&out, v);
	if (buf_failed(&out))
		BUG("json_to_str above its limit");
	return arena_str(a, buf_str(&out));
}
