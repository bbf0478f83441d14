/* Tables of a policy set. */
#include "cli/tier_list.h"

#include "cli/reports/escape.h"
#include "lib/duration.h"
#include "lib/timestamp.h"

enum { COLUMNS = 7 };

struct table {
	struct arena *arena;
	struct str (*rows)[COLUMNS];
	size_t n, cap;
};

static struct str *add_row(struct table *t)
{
	t->rows =
		arena_grow(t->arena, t->rows, t->n, &t->cap, sizeof(*t->rows));
	return t->rows[t->n++];
}

/* Columns as wide as their longest cell; nothing behind the last one. */
static void put_table(struct buf *out, const struct table *t)
{
	size_t width[COLUMNS] = { 0 };

	for (size_t r = 0; r < t->n; r++)
		for (size_t c = 0; c < COLUMNS; c++)
			if (t->rows[r][c].n > width[c])
				width[c] = t->rows[r][c].n;
	for (size_t r = 0; r < t->n; r++) {
		size_t last = COLUMNS - 1;

		while (last && !t->rows[r][last].n)
			last--;
		for (size_t c = 0; c <= last; c++) {
			escape_line(out, t->rows[r][c]);
			if (c < last)
				buf_fill(out, ' ',
					 width[c] - t->rows[r][c].n + 2);
		}
		buf_putc(out, '\n');
	}
}

static struct str join(struct arena *a, const struct strs *list)
{
	struct str text = STR("");

	for (size_t i = 0; i < list->n; i++) {
		struct str one = list->v[i];

		if (!one.n)
			one = STR("(unset)");
		text = i ? arena_printf(a, "%.*s,%.*s", STR_ARG(text),
					STR_ARG(one))
			 : one;
	}
	return text;
}

static struct str duration(struct arena *a, int64_t ns)
{
	return ns ? duration_short(a, ns) : STR("-");
}

static struct str ttl(struct arena *a, const struct tier *t)
{
	struct str fallback = duration(a, t->lifecycle.ttl_default);
	struct str max = duration(a, t->lifecycle.ttl_max);

	return arena_printf(a, "%.*s..%.*s", STR_ARG(fallback), STR_ARG(max));
}

static void put_tiers(struct arena *a, struct buf *out,
		      const struct snapshot *s)
{
	static const char *const head[COLUMNS] = { "TIER",   "STRENGTH", "MODE",
						   "LEVEL",  "EGRESS",	 "TTL",
						   "RUNTIME" };
	struct table t = { .arena = a };
	struct str *row = add_row(&t);

	for (size_t i = 0; i < COLUMNS; i++)
		row[i] = str_of(head[i]);
	for (size_t i = 0; i < s->n_tiers; i++) {
		const struct tier *tier = s->tiers[i];

		row = add_row(&t);
		row[0] = tier->name;
		row[1] = arena_printf(a, "%lld", (long long)tier->strength);
		row[2] = str_of(enforcement_names[tier->enforcement]);
		row[3] = str_of(pod_level_names[tier->pod.level]);
		row[4] = str_of(egress_mode_names[tier->network.egress.mode]);
		row[5] = ttl(a, tier);
		row[6] = join(a, &tier->runtime.class_names);
	}
	put_table(out, &t);
}

static void add_policy(struct table *t, const struct policy *p)
{
	struct arena *a = t->arena;
	struct str *row;

	if (p->default_tier) {
		row = add_row(t);
		row[0] = p->name;
		row[1] = STR("defaultTier");
		row[2] = p->default_tier->name;
	}
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct policy_rule *r = &p->rules[i];

		row = add_row(t);
		row[0] = p->name;
		row[1] = r->name;
		row[2] = r->floor ? r->floor->name : STR("-");
		row[3] = r->allowed.n ? join(a, &r->allowed) : STR("any");
	}
}

static void put_policies(struct arena *a, struct buf *out,
			 const struct snapshot *s)
{
	struct table t = { .arena = a };
	struct str *row = add_row(&t);

	if (!s->n_policies)
		return;
	row[0] = STR("POLICY");
	row[1] = STR("RULE");
	row[2] = STR("FLOOR");
	row[3] = STR("ALLOWED");
	for (size_t i = 0; i < s->n_policies; i++)
		add_policy(&t, &s->policies[i]);
	buf_putc(out, '\n');
	put_table(out, &t);
}

static void put_exceptions(struct arena *a, struct buf *out,
			   const struct snapshot *s)
{
	struct table t = { .arena = a };
	struct str *row = add_row(&t);

	if (!s->n_exceptions)
		return;
	row[0] = STR("EXCEPTION");
	row[1] = STR("NAMESPACE");
	row[2] = STR("EXPIRES");
	row[3] = STR("RULES");
	row[4] = STR("REASON");
	for (size_t i = 0; i < s->n_exceptions; i++) {
		const struct exception *e = &s->exceptions[i];

		row = add_row(&t);
		row[0] = e->name;
		row[1] = e->ns;
		row[2] = timestamp_str(a, e->expires_at);
		row[3] = join(a, &e->rules);
		row[4] = e->reason;
	}
	buf_putc(out, '\n');
	put_table(out, &t);
}

void tier_list(struct arena *a, struct buf *out, const struct snapshot *s)
{
	put_tiers(a, out, s);
	put_policies(a, out, s);
	put_exceptions(a, out, s);
}
