/* What reads, writes; and what is written reads back as the same tree. */
#include "lib/yamldoc.h"

enum { OUT_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_back(struct arena *a, const struct json *doc)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);
	struct error err = ERROR_INIT;
	struct yamldoc *y;
	struct json back;

	yamldoc_write(&out, doc);
	if (buf_failed(&out) || buf_str(&out).n > json_limits_default.bytes)
		return;
	y = yamldoc_open(a, buf_str(&out), NULL);
	if (yamldoc_next(y, a, &back, &err) != 1)
		BUG("does not read back");
	if (!json_equal(doc, &back))
		BUG("reads back as something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char *p = arena_raw(&a, n + 2, 1);
	struct error err = ERROR_INIT;
	struct yamldoc *y;
	struct json doc;
	int r;

	/* A comment first: JSON keeps spellings of numbers that YAML has not.
	 */
	memcpy(p, "#\n", 2);
	if (n > 0)
		memcpy(p + 2, data, n);
	y = yamldoc_open(&a, (struct str){ p, n + 2 }, NULL);
	while ((r = yamldoc_next(y, &a, &doc, &err)) != 0) {
		if (r > 0)
			check_back(&a, &doc);
		else if (!err.line || !err.code)
			BUG("an error without a place");
		err = (struct error)ERROR_INIT;
	}
	return 0;
}
