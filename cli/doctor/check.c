/* How checks say what they found. */
#include "cli/doctor/check.h"

#include <stdio.h>

#include "lib/timestamp.h"

const char *doctor_status_name(enum doctor_status status)
{
	switch (status) {
	case DOCTOR_PASS:
		return "pass";
	case DOCTOR_SKIP:
		return "skip";
	case DOCTOR_WARN:
		return "warn";
	case DOCTOR_FAIL:
		return "fail";
	}
	BUG("status");
}

enum { LINE_BYTES = 1024 };

static void say(struct arena *a, struct doctor_result *r,
		enum doctor_status status, const char *fix, const char *line)
{
	if (r->found.n && status <= r->status)
		return;
	*r = (struct doctor_result){ status, arena_str(a, str_of(line)),
				     str_of(fix) };
}

#define SAY(status, fix)                                                       \
	do {                                                                   \
		char line[LINE_BYTES];                                         \
		va_list args;                                                  \
                                                                               \
		va_start(args, fmt);                                           \
		vsnprintf(line, sizeof(line), fmt, args);                      \
		va_end(args);                                                  \
		say(a, r, (status), (fix), line);                              \
	} while (0)

void doctor_pass(struct arena *a, struct doctor_result *r, const char *fmt, ...)
{
	SAY(DOCTOR_PASS, "");
}

void doctor_skip(struct arena *a, struct doctor_result *r, const char *fmt, ...)
{
	SAY(DOCTOR_SKIP, "");
}

void doctor_warn(struct arena *a, struct doctor_result *r, const char *fix,
		 const char *fmt, ...)
{
	SAY(DOCTOR_WARN, fix);
}

void doctor_fail(struct arena *a, struct doctor_result *r, const char *fix,
		 const char *fmt, ...)
{
	SAY(DOCTOR_FAIL, fix);
}

bool doctor_unread(struct arena *a, const struct doctor_facts *f,
		   enum doctor_fact fact, struct doctor_result *r)
{
	const struct doctor_list *list = &f->lists[fact];

	switch (list->outcome) {
	case LIVE_READ:
		return false;
	case LIVE_NOT_SERVED:
		doctor_skip(a, r, "the cluster does not serve %s",
			    doctor_fact_name(fact));
		return true;
	case LIVE_FORBIDDEN:
		doctor_skip(a, r, "you may not read %s",
			    doctor_fact_name(fact));
		return true;
	case LIVE_FAILED:
		doctor_skip(a, r, "%.*s", STR_ARG(list->why));
		return true;
	}
	BUG("outcome");
}

enum { NAMES_SHOWN = 5 };

void doctor_name(struct doctor_names *names, struct str name)
{
	if (names->n++ >= NAMES_SHOWN)
		return;
	names->text =
		arena_printf(names->arena, "%.*s%s%.*s", STR_ARG(names->text),
			     names->text.n ? ", " : "", STR_ARG(name));
}

struct str doctor_names_str(const struct doctor_names *names)
{
	if (names->n <= NAMES_SHOWN)
		return names->text;
	return arena_printf(names->arena, "%.*s and %zu more",
			    STR_ARG(names->text), names->n - NAMES_SHOWN);
}

struct str doctor_title(struct arena *a, const struct json *item)
{
	struct str ns = json_str(json_at(item, "metadata", "namespace"));
	struct str name = json_str(json_at(item, "metadata", "name"));

	return arena_printf(a, "%.*s%s%.*s", STR_ARG(ns), ns.n ? "/" : "",
			    STR_ARG(name));
}

struct str doctor_condition(const struct json *item, const char *type)
{
	json_each_item(c, json_at(item, "status", "conditions"))
		if (json_str_is(json_at(c, "type"), str_of(type)))
			return json_str(json_at(c, "status"));
	return STR("");
}

bool doctor_time(const struct json *v, int64_t *seconds)
{
	struct error err = ERROR_INIT;

	return timestamp_parse(json_str(v), seconds, &err) == 0;
}

bool doctor_has(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) < text.n;
}
