/* A tier in YAML, by the table of its fields. */
#include "cli/tier_page.h"

#include "lib/yamldoc.h"
#include "policies/kinds.h"

enum { INDENT = 2, VALUE_MAX = 1 << 20 };

struct page {
	struct arena *arena;
	struct buf *out;
	const struct tier *tier;
};

/* "key: value" in block style, each line moved right. */
static void put_value(struct page *p, size_t indent, const char *key,
		      const struct json *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VALUE_MAX);
	struct json pair = json_make_object();
	struct str rest, line;

	json_add(p->arena, &pair, str_of(key), *value);
	yamldoc_write(&text, &pair);
	rest = str_trim(buf_str(&text));
	while (str_split(&rest, '\n', &line)) {
		buf_fill(p->out, ' ', line.n ? indent : 0);
		buf_add(p->out, line);
		buf_putc(p->out, '\n');
	}
}

static const void *place(const struct page *p, const struct field *f)
{
	return (const char *)p->tier + f->offset;
}

/* What a field that was left out means; missing: nothing. */
static struct json fallback(const struct page *p, const struct field *f)
{
	const char *const *names = f->param;
	struct str text;

	if (f->offset == offsetof(struct tier, pod.level))
		names = pod_level_names;
	if (f->decode == decode_enum || names == pod_level_names)
		return json_make_string(
			str_of(names[*(const int *)place(p, f)]));
	if (f->decode == decode_bool)
		return json_make_bool(*(const bool *)place(p, f));
	if (f->decode == decode_int)
		return json_make_int(p->arena, *(const int64_t *)place(p, f));
	text = f->decode == decode_str ? *(const struct str *)place(p, f)
				       : STR_NONE;
	return text.n ? json_make_string(text) : json_missing;
}

/* The table nests a few levels; it is ours. */
static void put_fields(struct page *p, size_t indent,
		       const struct field *fields, const struct json *written)
{
	for (const struct field *f = fields; f->name; f++) {
		const struct json *value = json_get(written, str_of(f->name));
		struct json otherwise;

		buf_fill(p->out, ' ', indent);
		buf_printf(p->out, "# %s\n", f->help ? f->help : f->name);
		if (f->decode == decode_struct) {
			buf_fill(p->out, ' ', indent);
			buf_printf(p->out, "%s:\n", f->name);
			put_fields(p, indent + INDENT, f->param, value);
			continue;
		}
		otherwise = json_is_set(value) ? *value : fallback(p, f);
		if (json_exists(&otherwise)) {
			put_value(p, indent, f->name, &otherwise);
			continue;
		}
		buf_fill(p->out, ' ', indent);
		buf_printf(p->out, "# %s: is not set\n", f->name);
	}
}

void tier_page(struct arena *a, struct buf *out, const struct tier *tier)
{
	struct page p = { a, out, tier };
	struct json name = json_make_string(tier->name);

	buf_puts(out, "apiVersion: " GROUP_BULKHEAD "/v1alpha1\n"
		      "kind: IsolationTier\n"
		      "metadata:\n");
	put_value(&p, INDENT, "name", &name);
	buf_puts(out, "spec:\n");
	put_fields(&p, INDENT, tier_spec_fields, tier->spec);
}

void tier_page_network(struct arena *a, struct buf *out,
		       const struct tier *tier)
{
	struct json spec = json_make_object(), selector = json_make_object();
	struct json labels = json_make_object();

	json_add(a, &labels, STR(LABEL_TIER), json_make_string(tier->name));
	json_add(a, &selector, STR("matchLabels"), labels);
	json_add(a, &spec, STR("podSelector"), selector);
	json_each_member(m, tier->network_policy)
		json_add(a, &spec, m->key, m->value);
	yamldoc_write(out, &spec);
}
