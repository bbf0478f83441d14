/*
 * What reads is written, and reads back equal, on one line and indented; marks
 * change neither the result nor the place of an error.
 */
#include "lib/json_read.h"
#include "lib/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_back(struct arena *a, const struct json *doc,
		       void (*write)(struct buf *, const struct json *))
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(64 << 20);
	struct error err;
	struct json back;

	write(&out, doc);
	if (buf_failed(&out) ||
	    json_read(a, buf_str(&out), 0, NULL, &back, &err) < 0 ||
	    !json_equal(doc, &back))
		BUG("does not read back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str text = { (const char *)data, n };
	struct error e, f;
	struct json doc, marked;
	int r = json_read(&a, text, 0, NULL, &doc, &e);

	if (json_read(&a, text, JSON_READ_MARKS, NULL, &marked, &f) != r)
		BUG("marks change the result");
	if (r < 0 && (!e.line || e.line != f.line || e.column != f.column))
		BUG("marks change the place of an error");
	if (r < 0)
		return 0;
	if (!json_equal(&doc, &marked))
		BUG("marks change the tree");
	check_back(&a, &doc, json_write);
	check_back(&a, &marked, json_write_pretty);
	return 0;
}
