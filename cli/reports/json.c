/* The report as JSON: one object a line, for programs and for grep. */
#include "cli/reports/all.h"
#include "cli/reports/document.h"
#include "lib/json_write.h"

static void put_head(struct buf *out, const struct report *r)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json head = document_head(&a, r);

	buf_putc(out, '{');
	json_each_member(m, &head) {
		struct json key = json_make_string(m->key);

		json_write(out, &key);
		buf_putc(out, ':');
		json_write(out, &m->value);
		buf_puts(out, ",\n");
	}
}

static void put_item(struct buf *out, bool *first, const struct json *v)
{
	buf_puts(out, *first ? "\n" : ",\n");
	*first = false;
	json_write(out, v);
}

static void write(struct buf *out, const struct report *r)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	bool first = true;
	struct json v;

	put_head(out, r);
	buf_puts(out, "\"objects\":[");
	for (size_t i = 0; i < r->n_objects; i++) {
		if (!r->objects[i].known)
			continue;
		v = document_object(&a, &r->objects[i]);
		put_item(out, &first, &v);
		arena_reset(&a);
	}
	buf_puts(out, "],\n\"problems\":[");
	first = true;
	for (size_t i = 0; i < r->n_problems; i++) {
		v = document_problem(&a, &r->problems[i]);
		put_item(out, &first, &v);
		arena_reset(&a);
	}
	buf_puts(out, "]}\n");
}

const struct report_format report_json = {
	.name = "json",
	.doc = "for programs; docs/report.schema.json describes it",
	.write = write,
};
