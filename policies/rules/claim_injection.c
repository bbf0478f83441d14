/*
 * claim.injection: a claim adds to its sandbox only what its template and
 * upstream's claim controller let it add.
 *
 * The controller refuses the rest itself, so nothing unsafe can come of it:
 * this rule only ever warns, early and to the person who wrote the claim.
 */
#include "lib/decode.h"
#include "policies/claim_metadata.h"
#include "policies/rules/all.h"
#include "policies/says.h"

/* More entries than a claim has; a hostile list must not cost time. */
enum { ENTRIES_MAX = 100 };

/* How far a template lets claims go; unset is upstream's default. */
enum injection { INJECTION_DISALLOWED, INJECTION_ALLOWED, INJECTION_OVERRIDES };

static const struct path spec_at = { NULL, STR_INIT("spec"), 0 };
static const struct path env_at = { &spec_at, STR_INIT("env"), 0 };
static const struct path claims_at = { &spec_at,
				       STR_INIT("volumeClaimTemplates"), 0 };

static void warn(const struct check *c, const struct path *path,
		 struct says says)
{
	check_object_as(c, ACTION_WARN, STR_NONE, path, says);
}

static enum injection injection_of(const struct json *policy)
{
	if (json_str_is(policy, STR("Allowed")))
		return INJECTION_ALLOWED;
	if (json_str_is(policy, STR("Overrides")))
		return INJECTION_OVERRIDES;
	return INJECTION_DISALLOWED;
}

/* There are entries to judge; a value of another type is told. */
static bool has_entries(const struct check *c, const struct path *path,
			const struct json *list)
{
	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		warn(c, path,
		     (struct says){ says_is(c->target->arena, list),
				    STR("a list"), STR("write it as a list") });
	return json_array_len(list) > 0;
}

/* ---- env ---- */

static void report_disallowed(const struct check *c, const struct path *path,
			      const char *what, const char *field)
{
	const struct target *t = c->target;
	struct arena *a = t->arena;
	const struct json *policy = json_at(t->template, "spec", field);

	warn(c, path,
	     (struct says){
		     arena_printf(a,
				  "is set, while %.*s lets no claim add %s "
				  "(%s %s)",
				  STR_ARG(t->pod_origin), what, field,
				  says_is(a, policy).p),
		     STR_NONE,
		     arena_printf(a, "remove it, or set %s to Allowed there",
				  field) });
}

/* Where an entry goes: init or main container of that name, or the first. */
static const struct json *container_of(const struct json *pod, struct str name)
{
	const char *const lists[] = { "containers", "initContainers" };

	if (!name.n)
		return json_item(json_get(pod, STR("containers")), 0);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		json_each_item(item, json_get(pod, str_of(lists[i]))) {
			if (json_str_is(json_get(item, STR("name")), name))
				return item;
		}
	}
	return &json_missing;
}

static struct str container_names(struct arena *a, const struct json *pod)
{
	const char *const lists[] = { "containers", "initContainers" };
	struct strs names = { .n = 0 };
	struct str *v;

	v = arena_new(a, struct str,
		      json_array_len(json_at(pod, "containers")) +
			      json_array_len(json_at(pod, "initContainers")) +
			      1);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		json_each_item(item, json_get(pod, str_of(lists[i])))
			v[names.n++] = json_str(json_get(item, STR("name")));
	names.v = v;
	return says_one_of(a, &names);
}

static bool sets_variable(const struct json *container, const struct json *name)
{
	json_each_item(var, json_get(container, STR("env"))) {
		if (json_equal(json_get(var, STR("name")), name))
			return true;
	}
	return false;
}

/* An earlier entry of the claim with the same variable and container. */
static bool is_repeated(const struct json *env, size_t index)
{
	const struct json *entry = json_item(env, index);

	for (size_t i = 0; i < index; i++) {
		const struct json *other = json_item(env, i);

		if (json_equal(json_get(other, STR("name")),
			       json_get(entry, STR("name"))) &&
		    json_equal(json_get(other, STR("containerName")),
			       json_get(entry, STR("containerName"))))
			return true;
	}
	return false;
}

/* With policy Allowed variables are only added. */
static void check_added(const struct check *c, const struct json *container,
			size_t index, const struct path *path)
{
	struct arena *a = c->target->arena;
	const struct json *env = json_get(c->target->spec, STR("env"));
	const struct json *name = json_get(json_item(env, index), STR("name"));
	const struct json *its_name = json_get(container, STR("name"));
	struct path name_at = PATH_KEY(path, "name");

	if (!json_is(name, JSON_STRING))
		return;
	if (json_array_len(json_get(container, STR("envFrom"))))
		warn(c, path,
		     (struct says){
			     arena_printf(a,
					  "goes to container %s, which takes "
					  "variables with envFrom: none may be "
					  "added there",
					  says_quoted(a, json_str(its_name)).p),
			     STR_NONE,
			     STR("remove it, or set envVarsInjectionPolicy to "
				 "Overrides in the template") });
	else if (sets_variable(container, name) || is_repeated(env, index))
		warn(c, &name_at,
		     (struct says){
			     arena_printf(a,
					  "%s, which container %s has already",
					  says_is(a, name).p,
					  says_quoted(a, json_str(its_name)).p),
			     STR("a variable that it does not have"),
			     STR("remove it, or set envVarsInjectionPolicy to "
				 "Overrides in the template") });
}

static void check_entry(const struct check *c, const struct json *entry,
			size_t index, enum injection policy)
{
	const struct target *t = c->target;
	const struct json *pod =
		json_at(t->template, "spec", "podTemplate", "spec");
	const struct json *name = json_get(entry, STR("containerName"));
	const struct json *container = container_of(pod, json_str(name));
	struct path path = path_index(&env_at, index);
	struct path name_at = PATH_KEY(&path, "containerName");

	if (!json_exists(container) && json_str(name).n)
		warn(c, &name_at,
		     (struct says){ says_is(t->arena, name),
				    container_names(t->arena, pod),
				    STR("name a container of the template, or "
					"leave it out: then it is the first "
					"one") });
	else if (policy == INJECTION_ALLOWED)
		check_added(c, container, index, &path);
}

static void check_env(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *env = json_get(t->spec, STR("env"));
	enum injection policy = injection_of(
		json_at(t->template, "spec", "envVarsInjectionPolicy"));
	size_t n = json_array_len(env);

	if (!has_entries(c, &env_at, env) || !json_exists(t->template))
		return;
	if (policy == INJECTION_DISALLOWED) {
		report_disallowed(c, &env_at, "variables",
				  "envVarsInjectionPolicy");
		return;
	}
	for (size_t i = 0; i < n && i < ENTRIES_MAX; i++)
		check_entry(c, json_item(env, i), i, policy);
}

/* ---- volumeClaimTemplates ---- */

static struct str name_of(const struct json *claim)
{
	return json_str(json_at(claim, "metadata", "name"));
}

static bool has_name(const struct json *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name_of(json_item(list, i)), name))
			return true;
	return false;
}

static void report_name(const struct check *c, size_t index, struct says says)
{
	struct path item = path_index(&claims_at, index);
	struct path metadata = PATH_KEY(&item, "metadata");

	warn(c, &PATH_KEY(&metadata, "name"), says);
}

static void check_claim_name(const struct check *c, size_t index,
			     enum injection policy)
{
	const struct target *t = c->target;
	const struct json *ours =
		json_get(t->spec, STR("volumeClaimTemplates"));
	const struct json *theirs =
		json_at(t->template, "spec", "volumeClaimTemplates");
	struct str name = name_of(json_item(ours, index));
	struct arena *a = t->arena;

	if (!name.n)
		report_name(c, index,
			    (struct says){ STR("is not set"),
					   STR("a name for each"),
					   STR("name it") });
	else if (has_name(ours, index, name))
		report_name(c, index,
			    (struct says){ arena_printf(a, "is %s, twice",
							says_quoted(a, name).p),
					   STR("a name for each"),
					   STR("rename or remove one") });
	else if (policy == INJECTION_ALLOWED &&
		 has_name(theirs, json_array_len(theirs), name))
		report_name(
			c, index,
			(struct says){
				arena_printf(a, "is %s, which %.*s has already",
					     says_quoted(a, name).p,
					     STR_ARG(t->pod_origin)),
				STR("a name that it does not have"),
				STR("rename it, or set "
				    "volumeClaimTemplatesPolicy to Overrides "
				    "in the template") });
}

static void check_volume_claims(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *list =
		json_get(t->spec, STR("volumeClaimTemplates"));
	enum injection policy = injection_of(
		json_at(t->template, "spec", "volumeClaimTemplatesPolicy"));
	size_t n = json_array_len(list);

	if (!has_entries(c, &claims_at, list))
		return;
	for (size_t i = 0; i < n && i < ENTRIES_MAX; i++)
		check_claim_name(c, i, policy);
	if (json_exists(t->template) && policy == INJECTION_DISALLOWED)
		report_disallowed(c, &claims_at, "volumes",
				  "volumeClaimTemplatesPolicy");
}

/* The claim controller writes its claims over and over: it was told once. */
static bool is_old(const struct subject *s)
{
	return s->operation == OPERATION_UPDATE &&
	       json_equal(json_get(s->object, STR("spec")),
			  json_get(s->old_object, STR("spec")));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;

	/* The same for every tier that runs beside: said once. */
	if (is_old(t->subject) ||
	    (t->tier && t->tier != t->selection->effective))
		return;
	check_env(c);
	check_volume_claims(c);
	claim_metadata_check(c);
}

const struct rule rule_claim_injection = {
	.id = "claim.injection",
	.kinds = SUBJECT_CLAIM,
	.always = true,
	.title = "A claim adds only what its template lets it add",
	.doc = "A claim may bring variables, volumes and Pod metadata of its "
	       "own. Upstream's claim controller takes them as far as the "
	       "template's `envVarsInjectionPolicy` and "
	       "`volumeClaimTemplatesPolicy` go (`Allowed`: only what is not "
	       "there yet; `Overrides`: anything), labels under "
	       "`sandbox.users.io` or the domains that the cluster allows, "
	       "annotations outside `kubernetes.io`, `k8s.io` and "
	       "`agents.x-k8s.io`, and never another value for a key of the "
	       "template. What breaks this is refused after the claim was "
	       "accepted, in a condition that few look at, and some of it is "
	       "retried forever: the sandbox just does not come.\n\n"
	       "This rule says so when the claim is written. It only ever "
	       "warns: the controller refuses by itself, so no isolation "
	       "depends on it, and a cluster may allow more label domains. "
	       "What depends on the template is judged when the template is "
	       "known.",
	.fields = "spec.env\nspec.volumeClaimTemplates\n"
		  "spec.additionalPodMetadata",
	.check = check,
};
