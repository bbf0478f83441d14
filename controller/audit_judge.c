/* The engine's findings and the cluster's, told for the right object. */
#include "controller/audit_judge.h"

#include "controller/audit_checks.h"
#include "policies/engine.h"
#include "policies/exception.h"
#include "policies/kinds.h"

/* ---- findings ---- */

void audit_check_add(const struct audit_check *c, struct finding f)
{
	struct verdict *v = c->verdict;

	f.tier = c->tier;
	f.id = str_of(f.rule);
	f.action = f.exception ? ACTION_EXCEPTED
			       : action_of_enforcement(c->tier->enforcement);
	v->findings = arena_grow(c->arena, v->findings, v->n_findings,
				 &v->findings_cap, sizeof(*v->findings));
	v->findings[v->n_findings++] = f;
}

static void apply_exceptions(const struct audit_check *c, size_t from)
{
	const struct world *world = c->judge->world;
	const struct exceptions list = exceptions_for(
		c->arena, world->snapshot, c->subject, world_seconds(world));

	for (size_t i = from; list.n && i < c->verdict->n_findings; i++) {
		struct finding *f = &c->verdict->findings[i];

		if (f->exception)
			continue;
		f->exception = exceptions_find(&list, str_of(f->rule), f->id);
		if (f->exception)
			f->action = ACTION_EXCEPTED;
	}
}

static enum audit_result result_of(enum action action)
{
	switch (action) {
	case ACTION_DENY:
		return AUDIT_FAIL;
	case ACTION_WARN:
	case ACTION_AUDIT:
		return AUDIT_WARN;
	case ACTION_EXCEPTED:
		return AUDIT_SKIP;
	}
	BUG("action");
}

static struct str message_of(struct arena *a, const struct finding *f)
{
	struct str message = finding_message(a, f);

	if (!f->exception)
		return message;
	return arena_printf(a, "excepted by IsolationException %.*s: %.*s",
			    STR_ARG(f->exception->name), STR_ARG(message));
}

/* ---- whom to tell ---- */

static struct audit_object object_of(const struct subject *s,
				     struct str api_version)
{
	return (struct audit_object){
		.api_version = api_version,
		.kind = s->kind,
		.ns = s->ns,
		.name = s->name,
		.uid = json_str(json_at(s->object, "metadata", "uid")),
	};
}

/* Of agent-sandbox's groups; the older spelling has all kinds in one. */
static bool is_agent(struct str api_version)
{
	struct str group, version;

	kind_split_api_version(api_version, &group, &version);
	return str_is(group, GROUP_AGENTS) || str_is(group, GROUP_EXTENSIONS);
}

/* The controller of doc when it is of that kind: *object becomes that. */
static bool climb(const struct json *doc, const char *kind,
		  struct audit_object *object)
{
	const struct json *owners = json_at(doc, "metadata", "ownerReferences");

	json_each_item(owner, owners) {
		struct str api = json_str(json_get(owner, STR("apiVersion")));

		if (!json_is_true(json_get(owner, STR("controller"))) ||
		    !json_str_is(json_get(owner, STR("kind")), str_of(kind)) ||
		    !is_agent(api))
			continue;
		object->api_version = api;
		object->kind = json_str(json_get(owner, STR("kind")));
		object->name = json_str(json_get(owner, STR("name")));
		object->uid = json_str(json_get(owner, STR("uid")));
		return true;
	}
	return false;
}

/* From a Sandbox of the inventory: what it names is copied. */
static void climb_sandbox(struct arena *a, const struct world *world,
			  struct audit_object *object)
{
	const struct inventory_object *sandbox =
		inventory_get(world->inventory, STR(GROUP_AGENTS),
			      STR("Sandbox"), object->ns, object->name);

	if (!sandbox)
		return;
	if (json_str_is(json_at(&sandbox->doc, "metadata", "uid"),
			object->uid) &&
	    climb(&sandbox->doc, "SandboxClaim", object)) {
		object->api_version = arena_str(a, object->api_version);
		object->kind = arena_str(a, object->kind);
		object->name = arena_str(a, object->name);
		object->uid = arena_str(a, object->uid);
	}
	inventory_object_unref(&sandbox);
}

static struct audit_object told_at(struct arena *a, const struct world *world,
				   const struct json *doc,
				   struct audit_object object)
{
	if (str_is(object.kind, "Sandbox"))
		climb(doc, "SandboxClaim", &object);
	else if (str_is(object.kind, "Pod") && climb(doc, "Sandbox", &object))
		climb_sandbox(a, world, &object);
	return object;
}

/* ---- one object ---- */

/* It is on its way out, or a Pod that runs no more. */
static bool is_over(struct str kind, const struct json *doc)
{
	const struct json *phase = json_at(doc, "status", "phase");

	if (json_is_set(json_at(doc, "metadata", "deletionTimestamp")))
		return true;
	return str_is(kind, "Pod") && (json_str_is(phase, STR("Succeeded")) ||
				       json_str_is(phase, STR("Failed")));
}

static void check_cluster(const struct audit_check *c)
{
	const struct kind *kind =
		kind_find(c->subject->group, c->subject->kind);
	size_t from = c->verdict->n_findings;

	if (!kind || !c->tier)
		return;
	if (kind->subject == SUBJECT_POD)
		audit_check_pod(c);
	if (kind->subject & (SUBJECT_CLAIM | SUBJECT_SANDBOX))
		audit_check_lifetime(c);
	apply_exceptions(c, from);
	verdict_sort(c->verdict);
}

static void tell(struct arena *a, const struct world *world,
		 const struct verdict *v, struct audit_object object,
		 const struct json *doc, struct audit_verdict *out)
{
	struct audit_object at = told_at(a, world, doc, object);
	size_t room = v->n_findings < AUDIT_FINDINGS_MAX ? v->n_findings
							 : AUDIT_FINDINGS_MAX;

	out->findings = arena_new(a, struct audit_finding, room + 1);
	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *f = &v->findings[i];
		enum audit_result result = result_of(f->action);

		out->counts[result] += f->rest ? f->rest : 1;
		if (out->n == room)
			continue;
		out->findings[out->n++] = (struct audit_finding){
			.result = result,
			.object = object,
			.told_at = at,
			.rule = f->id,
			.tier = f->tier ? f->tier->name : STR(""),
			.message = message_of(a, f),
		};
	}
}

void audit_judge(struct arena *a, const struct audit_judge *judge,
		 struct str api_version, struct str kind,
		 const struct json *doc, struct audit_verdict *out)
{
	const struct world *world = judge->world;
	const struct subject subject =
		subject_from_live(api_version, kind, doc);
	const struct engine engine = { world->snapshot, world->inventory,
				       world_seconds(world) };
	struct decision d;
	struct audit_check check;

	*out = (struct audit_verdict){ .passed_over = true };
	if (is_over(kind, doc))
		return;
	engine_validate(a, &engine, &subject, &d);
	check = (struct audit_check){
		.arena = a,
		.judge = judge,
		.subject = &subject,
		.doc = doc,
		.tier = d.selection.effective,
		.verdict = &d.verdict,
	};
	check_cluster(&check);
	if (!d.governed && !d.selection.warn && !d.selection.audit &&
	    !d.verdict.n_findings)
		return;
	out->passed_over = false;
	tell(a, world, &d.verdict, object_of(&subject, api_version), doc, out);
}

void audit_judge_init(struct arena *a, const struct world *world, struct str ns,
		      struct audit_judge *out)
{
	*out = (struct audit_judge){ .world = world, .ns = ns };
	audit_network_read(a, world, ns, &out->network);
}

void audit_judge_release(struct audit_judge *judge)
{
	audit_network_release(&judge->network);
}
