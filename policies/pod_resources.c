/*
 * Adds up one resource over the containers of a Pod, as component-helpers'
 * PodRequests and PodLimits do (without overhead).
 */
#include "policies/pod_resources.h"

const char *pod_side_name(enum pod_side side)
{
	return side == POD_REQUESTS ? "requests" : "limits";
}

bool pod_resources_at_pod_level(struct str resource)
{
	return str_is(resource, "cpu") || str_is(resource, "memory") ||
	       str_starts(resource, STR("hugepages-"));
}

bool pod_resources_exact(struct str resource)
{
	bool native =
		str_find(resource, '/') == resource.n ||
		str_find_str(resource, STR("kubernetes.io/")) < resource.n;

	return !native || str_starts(resource, STR("hugepages-"));
}

static struct str side_key(enum pod_side side)
{
	return side == POD_REQUESTS ? STR("requests") : STR("limits");
}

const struct json *pod_resources_value(const struct json *holder,
				       enum pod_side side, struct str resource)
{
	const struct json *resources = json_get(holder, STR("resources"));

	return json_get(json_get(resources, side_key(side)), resource);
}

/* "limits is a list, not an object" */
static int wrong_type(const struct json *v, const char *what,
		      const char *wanted, struct error *err)
{
	static const char *const found[] = {
		[JSON_MISSING] = "not there", [JSON_NULL] = "null",
		[JSON_BOOL] = "a boolean",    [JSON_NUMBER] = "a number",
		[JSON_STRING] = "a string",   [JSON_ARRAY] = "a list",
		[JSON_OBJECT] = "an object",
	};

	return error_set(err, ERR_INPUT, "%s is %s, not %s", what,
			 found[json_type(v)], wanted);
}

static bool is_object_or_unset(const struct json *v)
{
	return !json_is_set(v) || json_is(v, JSON_OBJECT);
}

static bool is_array_or_unset(const struct json *v)
{
	return !json_is_set(v) || json_is(v, JSON_ARRAY);
}

int pod_resources_parse(const struct json *v, struct quantity *q,
			struct error *err)
{
	if (!json_is(v, JSON_STRING) && !json_is(v, JSON_NUMBER))
		return wrong_type(v, "it", "a quantity", err);
	if (quantity_parse(json_text(v), q, err) < 0)
		return -1;
	if (q->nano < 0)
		return error_set(err, ERR_INPUT, "\"%.*s\" is negative",
				 STR_ARG(json_text(v)));
	return 0;
}

int pod_resources_read(const struct json *holder, enum pod_side side,
		       struct str resource, struct quantity *q,
		       struct error *err)
{
	const struct json *resources, *list, *v;

	*q = (struct quantity){ .set = false };
	if (!json_is(holder, JSON_OBJECT))
		return wrong_type(holder, "it", "an object", err);
	resources = json_get(holder, STR("resources"));
	if (!is_object_or_unset(resources))
		return wrong_type(resources, "resources", "an object", err);
	list = json_get(resources, side_key(side));
	if (!is_object_or_unset(list))
		return wrong_type(list, pod_side_name(side), "an object", err);
	v = json_get(list, resource);
	if (!json_is_set(v))
		return 0;
	return pod_resources_parse(v, q, err);
}

struct tally {
	enum pod_side side;
	struct str resource;
	struct pod_amount *amount;
	struct quantity running;  /* containers and sidecars */
	struct quantity sidecars; /* started so far */
	struct quantity starting; /* the most that an init container needs */
	struct pod_place peak;
};

static int read_at(struct tally *t, const struct json *container,
		   struct pod_place place, struct quantity *q,
		   struct error *err)
{
	if (pod_resources_read(container, t->side, t->resource, q, err) < 0)
		return -1;
	if (!q->set && t->amount->unset++ == 0)
		t->amount->first_unset = place;
	return 0;
}

static void add(struct quantity *sum, struct quantity q)
{
	if (q.set)
		*sum = sum->set ? quantity_add(*sum, q) : q;
}

static int count_main(struct tally *t, const struct json *list,
		      struct pod_place *bad, struct error *err)
{
	struct pod_place place = { "containers", 0 };
	struct quantity q;

	json_each_item(item, list) {
		*bad = place;
		if (read_at(t, item, place, &q, err) < 0)
			return -1;
		add(&t->running, q);
		place.index++;
	}
	return 0;
}

static void count_start(struct tally *t, const struct json *container,
			struct pod_place place, struct quantity q)
{
	struct quantity needs = q;

	if (json_str_is(json_get(container, STR("restartPolicy")),
			STR("Always"))) {
		add(&t->running, q);
		add(&t->sidecars, q);
		needs = t->sidecars;
	} else {
		add(&needs, t->sidecars);
	}
	if (!needs.set ||
	    (t->starting.set && quantity_cmp(needs, t->starting) <= 0))
		return;
	t->starting = needs;
	t->peak = place;
}

static int count_init(struct tally *t, const struct json *list,
		      struct pod_place *bad, struct error *err)
{
	struct pod_place place = { "initContainers", 0 };
	struct quantity q;

	json_each_item(item, list) {
		*bad = place;
		if (read_at(t, item, place, &q, err) < 0)
			return -1;
		count_start(t, item, place, q);
		place.index++;
	}
	return 0;
}

int pod_resources_count(const struct json *pod_spec, enum pod_side side,
			struct str resource, struct pod_amount *amount,
			struct pod_place *bad, struct error *err)
{
	const struct json *main = json_get(pod_spec, STR("containers"));
	const struct json *init = json_get(pod_spec, STR("initContainers"));
	struct tally t = { .side = side,
			   .resource = resource,
			   .amount = amount };

	*amount = (struct pod_amount){ .of_pod = false };
	*bad = (struct pod_place){ NULL, 0 };
	if (pod_resources_at_pod_level(resource)) {
		if (pod_resources_read(pod_spec, side, resource, &amount->total,
				       err) < 0)
			return -1;
		amount->of_pod = amount->total.set;
		if (amount->of_pod)
			return 0;
	}
	if (!is_array_or_unset(main))
		return wrong_type(main, "containers", "a list", err);
	if (!is_array_or_unset(init))
		return wrong_type(init, "initContainers", "a list", err);
	if (count_main(&t, main, bad, err) < 0 ||
	    count_init(&t, init, bad, err) < 0)
		return -1;
	amount->total = t.running;
	if (t.starting.set &&
	    (!t.running.set || quantity_cmp(t.starting, t.running) > 0)) {
		amount->total = t.starting;
		amount->peak = t.peak;
	}
	return 0;
}
