/*
 * resources.defaults: every container has the limits that the tier names, so
 * that a sandbox can be priced and packed, and no value Kubernetes would
 * refuse.
 */
#include "policies/place.h"
#include "policies/pod_resources.h"
#include "policies/rules/all.h"
#include "policies/says.h"

/* One resource of one container while it is filled. */
struct slot {
	const struct fill *f;
	const struct container *container;
	struct str resource;
	struct json limit, request; /* missing: unset */
};

static bool parses(const struct json *v, struct quantity *q)
{
	struct error err; /* not read: the reason is asked for again */

	return pod_resources_parse(v, q, &err) == 0;
}

/* The Pod's own spec.resources speaks of it: then that is the bound, and a
 * value of ours could contradict it. */
static bool at_pod_level(const struct target *t, enum pod_side side,
			 struct str resource)
{
	return pod_resources_at_pod_level(resource) &&
	       json_is_set(pod_resources_value(t->pod_spec, side, resource));
}

static void set(const struct slot *s, enum pod_side side, struct json value)
{
	struct path resources = PATH_KEY(NULL, "resources");
	struct path list = path_key(&resources, str_of(pod_side_name(side)));
	struct path key = path_key(&list, s->resource);

	fill_container(s->f, s->container, &key, value);
}

/* The default, or what the other side says when the default does not fit. */
static struct json fit(const struct named_quantity *wanted,
		       const struct json *other, bool keep_when_below)
{
	struct quantity q;
	int cmp;

	if (!json_is_set(other) || !parses(other, &q))
		return json_make_string(wanted->text);
	cmp = quantity_cmp(wanted->quantity, q);
	if (keep_when_below ? cmp <= 0 : cmp >= 0)
		return json_make_string(wanted->text);
	return *other;
}

/* Request and limit are one number here: the written one, else the tier's. */
static void fill_exact(const struct slot *s,
		       const struct named_quantity *wanted)
{
	struct json value = json_make_string(wanted->text);

	if (json_is_set(&s->limit))
		value = s->limit;
	else if (json_is_set(&s->request))
		value = s->request;
	set(s, POD_LIMITS, value);
	set(s, POD_REQUESTS, value);
}

static void fill_slot(struct slot *s, const struct named_quantity *limit,
		      const struct named_quantity *request)
{
	if (pod_resources_exact(s->resource)) {
		fill_exact(s, limit ? limit : request);
		return;
	}
	if (!json_is_set(&s->limit) && limit) {
		s->limit = fit(limit, &s->request, false);
		set(s, POD_LIMITS, s->limit);
	}
	if (!json_is_set(&s->request) && request)
		set(s, POD_REQUESTS, fit(request, &s->limit, true));
}

static void fill_one(const struct fill *f, const struct container *container,
		     struct str resource)
{
	const struct tier *tier = f->target->tier;
	struct slot s = {
		.f = f,
		.container = container,
		.resource = resource,
		.limit = *pod_resources_value(container->json, POD_LIMITS,
					      resource),
		.request = *pod_resources_value(container->json, POD_REQUESTS,
						resource),
	};

	if (at_pod_level(f->target, POD_LIMITS, resource) ||
	    at_pod_level(f->target, POD_REQUESTS, resource))
		return;
	fill_slot(&s,
		  quantities_find(&tier->resources.default_limits, resource),
		  quantities_find(&tier->resources.default_requests, resource));
}

static void fill(const struct fill *f)
{
	const struct tier *tier = f->target->tier;
	const struct quantities *limits = &tier->resources.default_limits;
	const struct quantities *requests = &tier->resources.default_requests;

	target_each_container(c, f->target)
	{
		if (c->type == CONTAINER_EPHEMERAL)
			continue;
		for (size_t i = 0; i < limits->n; i++)
			fill_one(f, c, limits->v[i].name);
		for (size_t i = 0; i < requests->n; i++)
			if (!quantities_find(limits, requests->v[i].name))
				fill_one(f, c, requests->v[i].name);
	}
}

/* Whose resources are judged: a container's, or (NULL) the Pod's own. */
struct holder {
	const struct check *c;
	const struct container *container;
	const struct json *json;
};

static void report(const struct holder *h, const char *side,
		   struct str resource, struct says says)
{
	struct path resources = PATH_KEY(NULL, "resources");
	struct path list = path_key(&resources, str_of(side ? side : ""));
	struct path key = path_key(&list, resource);
	const struct path *path = resource.p ? &key : side ? &list : &resources;

	place_report(&(struct place){ .check = h->c,
				      .container = h->container,
				      .path = *path },
		     says);
}

static bool report_type(const struct holder *h, const char *side,
			const struct json *v)
{
	if (!json_is_set(v) || json_is(v, JSON_OBJECT))
		return false;
	report(h, side, STR_NONE,
	       (struct says){
		       .found = says_is(h->c->target->arena, v),
		       .wanted = STR("a map of resource names to quantities"),
	       });
	return true;
}

static void report_malformed(const struct holder *h, enum pod_side side,
			     struct str resource, const struct json *v)
{
	struct arena *a = h->c->target->arena;
	struct error err = ERROR_INIT;
	struct says says = { .wanted = STR_NONE };
	struct quantity q;

	if (pod_resources_parse(v, &q, &err) == 0)
		BUG("quantity parses after all");
	if (json_text(v).p) {
		says.found = str_of(err.msg);
	} else {
		says.found = says_is(a, v);
		says.wanted = STR("a quantity such as 500m or 1Gi");
	}
	report(h, pod_side_name(side), resource, says);
}

static void report_above(const struct holder *h, struct str resource,
			 const struct json *request, const struct json *limit)
{
	struct arena *a = h->c->target->arena;
	bool exact = pod_resources_exact(resource);

	if (!json_is_set(limit)) {
		report(h, "limits", resource,
		       (struct says){
			       .found = STR("is not set beside the request"),
			       .wanted = arena_printf(
				       a, "the same as the request, %.*s",
				       STR_ARG(json_text(request))),
		       });
		return;
	}
	report(h, "requests", resource,
	       (struct says){
		       .found = arena_printf(a, "is %.*s",
					     STR_ARG(json_text(request))),
		       .wanted = arena_printf(a, "%s the limit, %.*s",
					      exact ? "exactly" : "at most",
					      STR_ARG(json_text(limit))),
		       .fix = exact ? STR("make them equal")
				    : STR("lower the request or raise the "
					  "limit"),
	       });
}

static bool check_value(const struct holder *h, enum pod_side side,
			struct str resource, const struct json *v,
			struct quantity *q)
{
	if (parses(v, q))
		return true;
	report_malformed(h, side, resource, v);
	return false;
}

/* Every value is read once: limits with their requests, then the rest. */
static void check_limit(const struct holder *h, struct str resource,
			const struct json *limit, const struct json *request)
{
	struct quantity l, r;
	bool readable = check_value(h, POD_LIMITS, resource, limit, &l);
	int cmp;

	if (!json_is_set(request) ||
	    !check_value(h, POD_REQUESTS, resource, request, &r) || !readable)
		return;
	cmp = quantity_cmp(r, l);
	if (cmp > 0 || (cmp < 0 && pod_resources_exact(resource)))
		report_above(h, resource, request, limit);
}

static void check_request(const struct holder *h, struct str resource,
			  const struct json *request)
{
	struct quantity q;

	if (check_value(h, POD_REQUESTS, resource, request, &q) &&
	    pod_resources_exact(resource))
		report_above(h, resource, request, &json_missing);
}

/* True when requests and limits can be looked into. */
static bool check_values(const struct holder *h)
{
	const struct json *resources = json_get(h->json, STR("resources"));
	const struct json *requests = json_get(resources, STR("requests"));
	const struct json *limits = json_get(resources, STR("limits"));

	if (report_type(h, NULL, resources) ||
	    report_type(h, "requests", requests) ||
	    report_type(h, "limits", limits))
		return false;
	json_each_member(m, limits) {
		if (json_is_set(&m->value))
			check_limit(h, m->key, &m->value,
				    json_get(requests, m->key));
	}
	json_each_member(m, requests) {
		if (json_is_set(&m->value) &&
		    !json_is_set(json_get(limits, m->key)))
			check_request(h, m->key, &m->value);
	}
	return true;
}

static void check_limits(const struct holder *h)
{
	const struct target *t = h->c->target;
	const struct quantities *limits = &t->tier->resources.default_limits;

	for (size_t i = 0; i < limits->n; i++) {
		struct str name = limits->v[i].name;
		const char *fix = "set it, or leave all limits out: they are "
				  "filled in";

		if (json_is_set(
			    pod_resources_value(h->json, POD_LIMITS, name)) ||
		    at_pod_level(t, POD_LIMITS, name))
			continue;
		if (at_pod_level(t, POD_REQUESTS, name))
			fix = "set it here, or beside the request in "
			      "resources.limits of the Pod spec";
		report(h, "limits", name,
		       (struct says){
			       .found = STR("is not set"),
			       .wanted = arena_printf(
				       t->arena, "a limit, such as %.*s",
				       STR_ARG(limits->v[i].text)),
			       .fix = str_of(fix),
		       });
	}
}

/* Containers in what is no list would be seen by nobody. */
static void check_lists(const struct check *c)
{
	struct place pod = place_pod(c);

	place_get(&pod, STR("containers"), JSON_ARRAY);
	place_get(&pod, STR("initContainers"), JSON_ARRAY);
}

static void check(const struct check *c)
{
	const struct target *t = c->target;

	if (!t->tier->resources.default_limits.n &&
	    !t->tier->resources.default_requests.n)
		return;
	if (!json_is_set(t->pod_spec))
		return;
	check_lists(c);
	check_values(&(struct holder){ c, NULL, t->pod_spec });
	target_each_container(container, t)
	{
		struct holder h = { c, container, container->json };

		if (container->type != CONTAINER_EPHEMERAL && check_values(&h))
			check_limits(&h);
	}
}

const struct rule rule_resources_defaults = {
	.id = "resources.defaults",
	.kinds = SUBJECT_ALL,
	.title = "Every container has limits, and they add up",
	.doc = "Each container, init container and sidecar must carry every "
	       "limit that the tier names in `resources.defaults.limits`: code "
	       "that nobody reviewed will use what it can get, a node shares "
	       "what is not bounded, and gVisor and Kata size the sandbox by "
	       "the limits of all its containers. Requests may not exceed "
	       "limits, and every amount must be a quantity. What is unset is "
	       "filled in, and so that it stays valid: a default limit below a "
	       "written request becomes that request, a default request above "
	       "a limit becomes that limit; extended resources and hugepages "
	       "get the same request and limit.\n\n"
	       "A resource that the Pod's own `spec.resources` names is not "
	       "filled in per container, because the API server refuses "
	       "containers that contradict it; a Pod-level limit on cpu, "
	       "memory or hugepages stands for the containers' own. A "
	       "Pod-level request without a limit is no bound, and is refused "
	       "unless the containers have limits. Ephemeral containers cannot "
	       "have limits and are governed by `access`.",
	.fields = "spec.containers[*].resources\n"
		  "spec.initContainers[*].resources\n"
		  "spec.resources",
	.fill = fill,
	.check = check,
};
