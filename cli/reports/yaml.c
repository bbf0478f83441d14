/* The report as YAML: the document of json.c in other clothes. */
#include "cli/reports/all.h"
#include "cli/reports/document.h"
#include "lib/yamldoc.h"

/* As a list of one, whose dash stands at the left margin as its key does. */
static void put_item(struct arena *a, struct buf *out, bool *first,
		     struct json v)
{
	struct json list = json_make_array();

	json_append(a, &list, v);
	if (*first)
		buf_putc(out, '\n');
	*first = false;
	yamldoc_write(out, &list);
	arena_reset(a);
}

static void put_end(struct buf *out, bool empty)
{
	if (empty)
		buf_puts(out, " []\n");
}

static void write(struct buf *out, const struct report *r)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json head = document_head(&a, r);
	bool empty = true;

	yamldoc_write(out, &head);
	arena_reset(&a);
	buf_puts(out, "objects:");
	for (size_t i = 0; i < r->n_objects; i++)
		if (r->objects[i].known)
			put_item(&a, out, &empty,
				 document_object(&a, &r->objects[i]));
	put_end(out, empty);
	empty = true;
	buf_puts(out, "problems:");
	for (size_t i = 0; i < r->n_problems; i++)
		put_item(&a, out, &empty,
			 document_problem(&a, &r->problems[i]));
	put_end(out, empty);
}

const struct report_format report_yaml = {
	.name = "yaml",
	.doc = "the same as json, as YAML",
	.write = write,
};
