/*
 * resources.max: what one Pod may use in all, with its parts told, so that the
 * author sees which number to lower.
 */
#include "policies/place.h"
#include "policies/pod_resources.h"
#include "policies/rules/all.h"
#include "policies/says.h"
#include "policies/sum.h"
#include "policies/volume_claims.h"

/* ---- what the containers use ---- */

static void report_resource(const struct check *c, struct pod_place place,
			    bool every, enum pod_side side, struct str resource,
			    struct says says)
{
	struct path list = path_key(NULL, str_of(place.list));
	struct path item = every ? path_key(&list, STR("*"))
				 : path_index(&list, place.index);
	struct path resources =
		path_key(place.list ? &item : NULL, STR("resources"));
	struct path values = path_key(&resources, str_of(pod_side_name(side)));
	struct path key = path_key(&values, resource);

	check_pod(c, &key, says);
}

static void add_container_part(struct sum *p, const struct json *container,
			       const char *list, size_t index,
			       enum pod_side side, struct str resource)
{
	struct error err = ERROR_INIT;
	struct quantity q;

	if (pod_resources_read(container, side, resource, &q, &err) < 0)
		BUG("counted before");
	sum_add(p, json_str(json_get(container, STR("name"))), list, index, q);
}

/* What runs at the same time as the sum's peak. */
static void list_parts(struct sum *p, const struct json *pod_spec,
		       enum pod_side side, struct str resource,
		       const struct pod_amount *amount)
{
	const struct json *init = json_get(pod_spec, STR("initContainers"));
	size_t started = json_array_len(init), i = 0;

	if (amount->peak.list) {
		started = amount->peak.index;
		add_container_part(p, json_item(init, started),
				   "initContainers", started, side, resource);
	} else {
		json_each_item(item, json_get(pod_spec, STR("containers")))
			add_container_part(p, item, "containers", i++, side,
					   resource);
	}
	for (i = 0; i < started; i++)
		if (json_str_is(
			    json_get(json_item(init, i), STR("restartPolicy")),
			    STR("Always")))
			add_container_part(p, json_item(init, i),
					   "initContainers", i, side, resource);
}

/* The place of the only container that counts, or "all containers". */
static struct pod_place place_of_sum(const struct json *pod_spec,
				     const struct pod_amount *amount,
				     bool *every)
{
	*every = false;
	if (amount->of_pod)
		return (struct pod_place){ NULL, 0 };
	if (amount->peak.list)
		return amount->peak;
	*every = json_array_len(json_get(pod_spec, STR("containers"))) != 1 ||
		 json_array_len(json_get(pod_spec, STR("initContainers")));
	return (struct pod_place){ "containers", 0 };
}

static void report_sum(const struct check *c, enum pod_side side,
		       const struct named_quantity *max,
		       const struct pod_amount *amount)
{
	const struct target *t = c->target;
	struct sum parts = SUM_INIT(t->arena);
	struct pod_place place;
	bool every;

	if (!amount->of_pod)
		list_parts(&parts, t->pod_spec, side, max->name, amount);
	place = place_of_sum(t->pod_spec, amount, &every);
	report_resource(c, place, every, side, max->name,
			(struct says){
				.found = sum_found(&parts, amount->total),
				.wanted = sum_wanted(t->arena, max),
				.fix = sum_fix(t->arena, amount->total, max),
			});
}

/* Without a limit a container uses what the node has. */
static bool is_unlimited(struct str resource)
{
	return str_is(resource, "cpu") || str_is(resource, "memory") ||
	       str_is(resource, "ephemeral-storage");
}

static void report_unlimited(const struct check *c,
			     const struct named_quantity *max,
			     const struct pod_amount *amount)
{
	struct arena *a = c->target->arena;
	struct str more = STR("");

	if (amount->unset > 1)
		more = arena_printf(a, " here and in %zu more",
				    amount->unset - 1);
	report_resource(
		c, amount->first_unset, false, POD_LIMITS, max->name,
		(struct says){
			.found = arena_printf(a,
					      "is not set%.*s, which is no "
					      "limit at all",
					      STR_ARG(more)),
			.wanted = arena_printf(a, "at most %.*s in the Pod",
					       STR_ARG(max->text)),
			.fix = STR("set a limit in every container"),
		});
}

static void report_unreadable(const struct check *c, enum pod_side side,
			      const struct named_quantity *max,
			      struct pod_place bad, const struct error *err)
{
	struct arena *a = c->target->arena;

	report_resource(c, bad, false, side, max->name,
			(struct says){
				.found = arena_printf(a,
						      "cannot be counted: "
						      "%s",
						      err->msg),
				.wanted = sum_wanted(a, max),
			});
}

/* True when nothing was wrong on this side. */
static bool check_side(const struct check *c, enum pod_side side,
		       const struct named_quantity *max)
{
	struct pod_amount amount;
	struct pod_place bad;
	struct error err;

	if (pod_resources_count(c->target->pod_spec, side, max->name, &amount,
				&bad, &err) < 0) {
		report_unreadable(c, side, max, bad, &err);
		return false;
	}
	if (amount.total.set && quantity_cmp(amount.total, max->quantity) > 0) {
		report_sum(c, side, max, &amount);
		return false;
	}
	if (side == POD_LIMITS && amount.unset && is_unlimited(max->name)) {
		report_unlimited(c, max, &amount);
		return false;
	}
	return true;
}

/* ---- storage ---- */

struct storage {
	const struct check *c;
	const struct named_quantity *max;
	struct quantity total;
	struct volume_claim first;
	size_t n;
	bool bad;
};

static void report_storage(const struct check *c,
			   const struct volume_claim *claim, bool one,
			   struct says says)
{
	bool in_pod = claim->source == VOLUME_CLAIM_POD;
	struct path spec = PATH_KEY(NULL, "spec");
	struct path list = in_pod ? PATH_KEY(NULL, "volumes")
				  : PATH_KEY(&spec, "volumeClaimTemplates");
	struct path item = one ? path_index(&list, claim->index)
			       : path_key(&list, STR("*"));
	struct path ephemeral = PATH_KEY(&item, "ephemeral");
	struct path template = PATH_KEY(&ephemeral, "volumeClaimTemplate");
	struct path claim_spec = PATH_KEY(in_pod ? &template : &item, "spec");
	struct path resources = PATH_KEY(&claim_spec, "resources");
	struct path requests = PATH_KEY(&resources, "requests");
	struct path storage = PATH_KEY(&requests, "storage");

	if (in_pod) {
		check_pod(c, &storage, says);
	} else if (claim->source == VOLUME_CLAIM_TEMPLATE &&
		   c->target->pod_ref) {
		says.found = arena_printf(c->target->arena,
					  "leads to storage that %.*s",
					  STR_ARG(says.found));
		check_object(c, c->target->pod_ref, says);
	} else {
		check_object(c, &storage, says);
	}
}

static int read_storage(const struct volume_claim *claim, struct quantity *q,
			struct error *err)
{
	if (pod_resources_read(json_get(claim->json, STR("spec")), POD_REQUESTS,
			       STR("storage"), q, err) < 0)
		return -1;
	if (!q->set)
		return error_set(err, ERR_INPUT, "it is not set");
	return 0;
}

static bool add_storage(const struct volume_claim *claim, void *context)
{
	struct storage *s = context;
	struct arena *a = s->c->target->arena;
	struct error err = ERROR_INIT;
	struct quantity q;

	if (s->n++ == 0)
		s->first = *claim;
	if (read_storage(claim, &q, &err) == 0) {
		s->total = quantity_add(s->total, q);
		return true;
	}
	s->bad = true;
	report_storage(s->c, claim, true,
		       (struct says){
			       .found = arena_printf(a, "cannot be counted: %s",
						     err.msg),
			       .wanted = sum_wanted(a, s->max),
		       });
	return true;
}

static bool add_storage_part(const struct volume_claim *claim, void *context)
{
	struct sum *p = context;
	struct error err = ERROR_INIT;
	struct quantity q;

	if (read_storage(claim, &q, &err) == 0)
		sum_add(p, claim->name, "claim", claim->index, q);
	return true;
}

static void check_storage(const struct check *c,
			  const struct named_quantity *max)
{
	const struct target *t = c->target;
	struct storage s = { .c = c,
			     .max = max,
			     .total = { .format = max->quantity.format,
					.set = true } };
	struct sum parts = SUM_INIT(t->arena);

	volume_claims_each(t, add_storage, &s);
	if (s.bad || quantity_cmp(s.total, max->quantity) <= 0)
		return;
	volume_claims_each(t, add_storage_part, &parts);
	report_storage(c, &s.first, parts.n == 1,
		       (struct says){
			       .found = sum_found(&parts, s.total),
			       .wanted = sum_wanted(t->arena, max),
			       .fix = sum_fix(t->arena, s.total, max),
		       });
}

/* ---- a pool's size ---- */

/* One that is made smaller, or left as it is, is only told. */
static enum action weigh_scale(const struct check *c, int64_t n)
{
	int64_t old;

	if (c->target->kind == SUBJECT_SCALE &&
	    json_int(
		    json_at(c->target->subject->old_object, "spec", "replicas"),
		    &old) &&
	    n <= old)
		return ACTION_WARN;
	return c->action;
}

static void check_replicas(const struct check *c,
			   const struct named_quantity *max)
{
	const struct target *t = c->target;
	bool scale = t->kind == SUBJECT_SCALE;
	const struct json *v = json_get(t->spec, STR("replicas"));
	struct path spec = PATH_KEY(NULL, "spec");
	struct path path = PATH_KEY(&spec, "replicas");
	int64_t n = scale ? 0 : 1; /* the API's defaults */
	bool fine;

	if (!(t->kind & (SUBJECT_POOL | SUBJECT_SCALE)))
		return;
	fine = (!json_is_set(v) || json_int(v, &n)) && n >= 0;
	/* A Sandbox is suspended and resumed by 0 and 1. */
	if (fine && n <= 1 && str_is(t->subject->resource, "sandboxes"))
		return;
	if (fine && quantity_cmp(quantity_of_int(n), max->quantity) <= 0)
		return;
	check_object_as(
		c, fine ? weigh_scale(c, n) : c->action, STR_NONE, &path,
		(struct says){
			.found = json_is_set(v)
					 ? says_is(t->arena, v)
					 : STR("is not set, which means 1"),
			.wanted = arena_printf(t->arena,
					       "a number from 0 to %.*s",
					       STR_ARG(max->text)),
		});
}

/* False when containers would be seen by nobody: told then. */
static bool check_lists(const struct check *c)
{
	struct place pod = place_pod(c);
	struct place main = place_get(&pod, STR("containers"), JSON_ARRAY);
	struct place init = place_get(&pod, STR("initContainers"), JSON_ARRAY);

	return !main.wrong && !init.wrong;
}

static void check(const struct check *c)
{
	const struct quantities *max = &c->target->tier->resources.max;
	const struct json *pod_spec = c->target->pod_spec;
	bool countable = max->n && json_is_set(pod_spec) && check_lists(c);
	/*
	 * Kubernetes lets no container request more than its limit; but the
	 * Pod's own request needs no limit beside it.
	 */
	bool of_pod = json_is_set(json_get(pod_spec, STR("resources")));

	for (size_t i = 0; i < max->n; i++) {
		const struct named_quantity *m = &max->v[i];

		if (str_is(m->name, "storage"))
			check_storage(c, m);
		else if (str_is(m->name, "replicas"))
			check_replicas(c, m);
		else if (countable && check_side(c, POD_LIMITS, m) && of_pod)
			check_side(c, POD_REQUESTS, m);
	}
}

const struct rule rule_resources_max = {
	.id = "resources.max",
	.kinds = SUBJECT_ALL | SUBJECT_SCALE,
	.title = "A sandbox stays within the tier's maximum",
	.doc = "What one Pod may use in all may not exceed "
	       "`resources.max`. It is counted as Kubernetes counts: "
	       "containers "
	       "and sidecars together, or an init container beside the "
	       "sidecars "
	       "that were started before it when that is more, or the "
	       "Pod-level "
	       "`spec.resources` where they name the resource. Limits are "
	       "judged, and the Pod-level requests; a container without a "
	       "limit "
	       "on cpu, memory or ephemeral-storage has none at all and is "
	       "refused. The overhead of the RuntimeClass is not counted: it "
	       "is "
	       "the platform's choice. An `emptyDir` is not counted beside the "
	       "limits: on disk Kubernetes charges it to the ephemeral-storage "
	       "limits, with `medium: Memory` to the memory limits.\n\n"
	       "`storage` is the sum of the volume claims that come into being "
	       "with the object: `volumeClaimTemplates` (with what a claim "
	       "adds "
	       "or replaces) and the inline templates of ephemeral volumes. "
	       "`replicas` bounds the size of a SandboxWarmPool, through its "
	       "`scale` too; a pool that is scaled down is only told. One "
	       "agent that "
	       "runs wild then costs what the tier says and no more. Where a "
	       "job needs more for good reason, a tier with a higher maximum "
	       "tells it better than an exception.",
	.fields = "spec.containers[*].resources\n"
		  "spec.initContainers[*].resources\n"
		  "spec.resources\n"
		  "spec.volumes[*].ephemeral.volumeClaimTemplate\n"
		  "spec.volumeClaimTemplates (of the object)\n"
		  "spec.replicas (of a SandboxWarmPool, and of its scale)",
	.check = check,
};
