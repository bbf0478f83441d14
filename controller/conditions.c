/* What holds now, beside what was written before. */
#include "controller/conditions.h"

#include "lib/timestamp.h"

static const char *const status_names[] = {
	[CONDITION_FALSE] = "False",
	[CONDITION_TRUE] = "True",
	[CONDITION_UNKNOWN] = "Unknown",
};

static const struct json *observed_of(const struct json *observed,
				      const char *type)
{
	json_each_item(c, observed) {
		if (json_str_is(json_get(c, STR("type")), str_of(type)))
			return c;
	}
	return &json_missing;
}

/* What is no time was not written by us: it begins now. */
static struct str transition(struct arena *a, const struct json *before,
			     const char *status, int64_t now)
{
	struct str since =
		json_str(json_get(before, STR("lastTransitionTime")));
	struct error err = ERROR_INIT;
	int64_t when;

	if (json_str_is(json_get(before, STR("status")), str_of(status)) &&
	    timestamp_parse(since, &when, &err) == 0)
		return arena_str(a, since);
	return timestamp_str(a, now);
}

static struct json make(struct arena *a, const struct condition *c,
			const struct json *observed, int64_t generation,
			int64_t now)
{
	const char *status = status_names[c->status];
	struct json out = json_make_object();

	json_add(a, &out, STR("type"), json_make_string(str_of(c->type)));
	json_add(a, &out, STR("status"), json_make_string(str_of(status)));
	json_add(a, &out, STR("observedGeneration"),
		 json_make_int(a, generation));
	json_add(a, &out, STR("lastTransitionTime"),
		 json_make_string(transition(a, observed_of(observed, c->type),
					     status, now)));
	json_add(a, &out, STR("reason"), json_make_string(str_of(c->reason)));
	json_add(a, &out, STR("message"), json_make_string(c->message));
	return out;
}

struct json conditions_make(struct arena *a, const struct condition *list,
			    size_t n, const struct json *observed,
			    int64_t generation, int64_t now)
{
	struct json out = json_make_array();

	for (size_t i = 0; i < n; i++)
		json_append(a, &out,
			    make(a, &list[i], observed, generation, now));
	return out;
}
