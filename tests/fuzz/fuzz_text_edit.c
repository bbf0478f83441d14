/* Text with nothing to add stays; what was added once is not added again. */
#include "cli/text_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* v with members, items and values for null more, as the bits say. */
static struct json grown(struct arena *a, const struct json *v, uint32_t *bits)
{
	struct json more = json_make_string(STR("- a: b #")), copy = *v;
	bool add = *bits & 1;

	*bits = *bits >> 1 | *bits << 31;
	if (json_is(v, JSON_NULL))
		return add ? more : copy;
	if (json_len(v) == 0 && !add)
		return copy;
	if (json_is(v, JSON_ARRAY)) {
		copy = json_make_array();
		json_each_item(item, v)
			json_append(a, &copy, grown(a, item, bits));
		if (add)
			json_append(a, &copy, more);
	} else if (json_is(v, JSON_OBJECT)) {
		copy = json_make_object();
		json_each_member(m, v)
			json_add(a, &copy, m->key, grown(a, &m->value, bits));
		if (add && !json_member(&copy, STR("more key")))
			json_add(a, &copy, STR("more key"), more);
	}
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str text = arena_str(&a, (struct str){ (const char *)data, n });
	struct error err = ERROR_INIT;
	uint32_t bits = (uint32_t)n * 2654435761U;
	struct json doc, wanted;
	struct str out, again;

	if (text_read_one(&a, text, NULL, &doc, &err) != 1)
		return 0;
	if (text_edit(&a, text, &doc, NULL, &out, &err) < 0 || out.p != text.p)
		BUG("nothing to add, yet not the same text");
	wanted = grown(&a, &doc, &bits);
	if (text_edit(&a, text, &wanted, NULL, &out, &err) == 0 &&
	    (text_edit(&a, out, &wanted, NULL, &again, &err) < 0 ||
	     again.p != out.p))
		BUG("added twice");
	return 0;
}
