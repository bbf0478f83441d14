/* Running the checks over the facts, and telling. */
#include "cli/doctor/report.h"

#include "cli/reports/escape.h"

static bool is_wanted(const struct texts *ids, const struct doctor_check *check)
{
	for (size_t i = 0; i < ids->n; i++)
		if (str_is(ids->v[i], check->id))
			return true;
	return !ids->n;
}

void doctor_examine(struct arena *a, const struct doctor_facts *f,
		    const struct texts *ids, struct doctor_report *out)
{
	size_t n = 0;

	while (doctor_checks[n])
		n++;
	*out = (struct doctor_report){
		.context = f->context,
		.unreachable = f->unreachable.n > 0,
		.v = arena_new(a, struct doctor_finding, n),
	};
	for (size_t i = 0; i < n; i++) {
		struct doctor_finding *finding = &out->v[out->n];

		/* Of a server that does not answer there is one thing to say */
		if (!is_wanted(ids, doctor_checks[i]) ||
		    (out->unreachable && i > 0))
			continue;
		finding->check = doctor_checks[i];
		doctor_checks[i]->run(a, f, &finding->result);
		out->counts[finding->result.status]++;
		out->n++;
	}
}

/* ---- text ---- */

static const struct {
	const char *word, *color;
} words[] = {
	[DOCTOR_PASS] = { "PASS", "\033[32m" },
	[DOCTOR_SKIP] = { "SKIP", "\033[2m" },
	[DOCTOR_WARN] = { "WARN", "\033[33m" },
	[DOCTOR_FAIL] = { "FAIL", "\033[1;31m" },
};

enum { ID_COLUMN = 23 };

static void put_finding(struct buf *out, const struct doctor_finding *f,
			bool color)
{
	enum doctor_status status = f->result.status;

	buf_printf(out, "%s%s%s  %-*s ", color ? words[status].color : "",
		   words[status].word, color ? "\033[0m" : "", ID_COLUMN,
		   f->check->id);
	escape_line(out, f->result.found);
	buf_putc(out, '\n');
	if (!f->result.fix.n)
		return;
	buf_puts(out, "      fix: ");
	escape_line(out, f->result.fix);
	buf_putc(out, '\n');
}

void doctor_report_text(struct buf *out, const struct doctor_report *r,
			bool titled, bool color)
{
	if (titled) {
		buf_puts(out, "context ");
		escape_line(out, r->context);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < r->n; i++)
		put_finding(out, &r->v[i], color);
	buf_printf(out, "%zu passed, %zu warned, %zu failed, %zu skipped\n",
		   r->counts[DOCTOR_PASS], r->counts[DOCTOR_WARN],
		   r->counts[DOCTOR_FAIL], r->counts[DOCTOR_SKIP]);
}

/* ---- a document ---- */

static void add(struct arena *a, struct json *object, const char *key,
		struct str text)
{
	json_add(a, object, str_of(key),
		 json_make_string(escape_utf8(a, text)));
}

struct json doctor_report_json(struct arena *a, const struct doctor_report *r)
{
	struct json report = json_make_object(), list = json_make_array();
	struct json summary = json_make_object();

	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->v[i];
		struct json one = json_make_object();

		add(a, &one, "id", str_of(f->check->id));
		add(a, &one, "title", str_of(f->check->title));
		add(a, &one, "status",
		    str_of(doctor_status_name(f->result.status)));
		add(a, &one, "found", f->result.found);
		if (f->result.fix.n)
			add(a, &one, "fix", f->result.fix);
		json_append(a, &list, one);
	}
	for (int s = DOCTOR_PASS; s <= DOCTOR_FAIL; s++)
		json_add(a, &summary,
			 str_of(doctor_status_name((enum doctor_status)s)),
			 json_make_int(a, (int64_t)r->counts[s]));
	add(a, &report, "context", r->context);
	json_add(a, &report, STR("checks"), list);
	json_add(a, &report, STR("summary"), summary);
	return report;
}

void doctor_list(struct buf *out)
{
	for (size_t i = 0; doctor_checks[i]; i++)
		buf_printf(out, "%-*s %s\n", ID_COLUMN, doctor_checks[i]->id,
			   doctor_checks[i]->title);
	buf_puts(out, "\nWhat you see, and the check that finds its cause:\n");
	for (const struct doctor_symptom *s = doctor_symptoms; s->symptom; s++)
		buf_printf(out, "%-*s %s\n", ID_COLUMN, s->check, s->symptom);
}
