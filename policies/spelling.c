/* Rewriting what the guides teach into what upstream serves. */
#include "policies/spelling.h"

#include "lib/json_edit.h"
#include "policies/kinds.h"

#define TODAY_CORE GROUP_AGENTS "/v1beta1"
#define TODAY_EXTENSIONS GROUP_EXTENSIONS "/v1beta1"
#define SHADOW_POOL "shadow-pool-"

struct rewrite {
	struct arena *arena;
	const struct json *written;
	struct json_edit edit;
	struct spelling *out;
	struct spelling_note *notes;
	struct str kind, group, version; /* as they stand after rewriting */
};

static const struct json *at(const struct rewrite *r, const char *field)
{
	return json_at(&r->edit.root, "spec", field);
}

static void note(struct rewrite *r, const struct path *path, struct str found,
		 struct str wanted, struct str fix)
{
	struct spelling *out = r->out;

	if (out->n_notes == SPELLING_NOTES_MAX)
		return;
	if (!r->notes)
		r->notes = arena_new(r->arena, struct spelling_note,
				     SPELLING_NOTES_MAX);
	out->notes = r->notes;
	r->notes[out->n_notes++] = (struct spelling_note){
		.field = path_field(r->arena, path),
		.at = path_nearest(r->written, path)->start,
		.found = found,
		.wanted = wanted,
		.fix = fix,
	};
}

#define RENDER STR("rewrite it; 'bulkhead render' does")

static void note_spec(struct rewrite *r, const char *field, struct str found,
		      struct str wanted)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path path = path_key(&spec, str_of(field));

	note(r, &path, found, wanted, RENDER);
}

static void set(struct rewrite *r, const struct path *path, struct json value)
{
	json_edit_set(&r->edit, path, value);
	r->out->changed = true;
}

/* Moves spec.<from> to path, unless something stands there. */
static void move_spec(struct rewrite *r, const char *from,
		      const struct path *path)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path old = path_key(&spec, str_of(from));
	struct json value = *path_get(&r->edit.root, &old);

	json_edit_remove(&r->edit, &old);
	r->out->changed = true;
	if (!json_is_set(path_get(&r->edit.root, path)))
		json_edit_set(&r->edit, path, value);
}

/* ---- groups and versions ---- */

static void use_api(struct rewrite *r, const char *api_version)
{
	struct path path = PATH_KEY(NULL, "apiVersion");

	note(r, &path,
	     arena_printf(r->arena,
			  "is \"%.*s/%.*s\", where upstream never had "
			  "%.*s",
			  STR_ARG(r->group), STR_ARG(r->version),
			  STR_ARG(r->kind)),
	     str_of(api_version), RENDER);
	set(r, &path, json_make_string(str_of(api_version)));
	kind_split_api_version(str_of(api_version), &r->group, &r->version);
}

static void fix_group(struct rewrite *r)
{
	bool core = str_is(r->kind, "Sandbox");

	if (core && str_is(r->group, GROUP_EXTENSIONS))
		use_api(r, TODAY_CORE);
	else if (!core && str_is(r->group, GROUP_AGENTS))
		use_api(r, TODAY_EXTENSIONS);
	else if (str_is(r->version, "v1alpha1"))
		note(r, &PATH_KEY(NULL, "apiVersion"),
		     arena_printf(r->arena,
				  "is \"%.*s/v1alpha1\", which "
				  "agent-sandbox v1.0 no longer "
				  "serves",
				  STR_ARG(r->group)),
		     arena_printf(r->arena, "%.*s/v1beta1", STR_ARG(r->group)),
		     STR("move to v1beta1 before the cluster does"));
}

/* ---- fields ---- */

static void fix_ttl(struct rewrite *r)
{
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path annotations = PATH_KEY(&metadata, "annotations");
	struct path ttl = PATH_KEY(&annotations, ANNOTATION_TTL);

	if (!json_is(at(r, "ttl"), JSON_STRING) ||
	    !json_edit_reaches(&r->edit.root, &ttl))
		return;
	note_spec(r, "ttl", STR("was never a field of upstream's"),
		  STR("annotation " ANNOTATION_TTL ", from which the shutdown "
		      "time is set on creation"));
	move_spec(r, "ttl", &ttl);
}

static void fix_lifecycle(struct rewrite *r, const char *field)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path lifecycle = PATH_KEY(&spec, "lifecycle");
	struct path path = path_key(&lifecycle, str_of(field));

	if (!json_is_set(at(r, field)) ||
	    !json_edit_reaches(&r->edit.root, &path))
		return;
	note_spec(r, field, STR("is not a field of a claim"),
		  arena_printf(r->arena, "spec.lifecycle.%s", field));
	move_spec(r, field, &path);
}

/* A pool of no members stands for "straight from this template". */
static struct json shadow_pool(struct rewrite *r, struct str name,
			       struct str template)
{
	struct arena *a = r->arena;
	struct json doc = json_make_object(), metadata = json_make_object();
	struct json spec = json_make_object(), ref = json_make_object();
	struct str ns =
		json_str(json_at(&r->edit.root, "metadata", "namespace"));

	json_add(a, &metadata, STR("name"), json_make_string(name));
	if (ns.n)
		json_add(a, &metadata, STR("namespace"), json_make_string(ns));
	json_add(a, &ref, STR("name"), json_make_string(template));
	json_add(a, &spec, STR("replicas"), json_make_int(a, 0));
	json_add(a, &spec, STR("sandboxTemplateRef"), ref);
	json_add(a, &doc, STR("apiVersion"),
		 json_make_string(STR(TODAY_EXTENSIONS)));
	json_add(a, &doc, STR("kind"),
		 json_make_string(STR("SandboxWarmPool")));
	json_add(a, &doc, STR("metadata"), metadata);
	json_add(a, &doc, STR("spec"), spec);
	return doc;
}

static void use_pool(struct rewrite *r, const char *field)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path old = path_key(&spec, str_of(field));
	struct path ref = PATH_KEY(&spec, "warmPoolRef");
	struct path name = PATH_KEY(&ref, "name");
	struct str template = json_str(json_get(at(r, field), STR("name")));
	struct str pool;

	if (!template.n || json_is_set(at(r, "warmPoolRef")))
		return;
	pool = arena_printf(r->arena, SHADOW_POOL "%.*s", STR_ARG(template));
	note_spec(r, field, STR("is not a field of a v1beta1 claim"),
		  arena_printf(r->arena,
			       "spec.warmPoolRef.name: %.*s, with a "
			       "SandboxWarmPool of that name, replicas 0, for "
			       "template %.*s",
			       STR_ARG(pool), STR_ARG(template)));
	json_edit_remove(&r->edit, &old);
	set(r, &name, json_make_string(pool));
	r->out->extra = shadow_pool(r, pool, template);
}

static void rename_ref(struct rewrite *r)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path ref = PATH_KEY(&spec, "sandboxTemplateRef");

	if (!json_is(at(r, "templateRef"), JSON_OBJECT))
		return;
	note_spec(r, "templateRef", STR("was never a field of upstream's"),
		  STR("spec.sandboxTemplateRef"));
	move_spec(r, "templateRef", &ref);
}

static void fix_claim(struct rewrite *r)
{
	if (str_is(r->version, "v1beta1")) {
		use_pool(r, "templateRef");
		use_pool(r, "sandboxTemplateRef");
	} else {
		rename_ref(r);
	}
	fix_ttl(r);
	fix_lifecycle(r, "shutdownTime");
	fix_lifecycle(r, "shutdownPolicy");
}

/* replicas 0 is Suspended, anything else Running, as v0.5 converted it. */
static void fix_replicas(struct rewrite *r)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path old = PATH_KEY(&spec, "replicas");
	struct path mode = PATH_KEY(&spec, "operatingMode");
	int64_t n;

	if (!str_is(r->version, "v1beta1") || !json_int(at(r, "replicas"), &n))
		return;
	note_spec(r, "replicas", STR("is not a field of a v1beta1 Sandbox"),
		  STR("spec.operatingMode"));
	json_edit_remove(&r->edit, &old);
	r->out->changed = true;
	if (!json_is_set(at(r, "operatingMode")))
		json_edit_set(&r->edit, &mode,
			      json_make_string(n ? STR("Running")
						 : STR("Suspended")));
}

static bool is_agent_kind(const struct rewrite *r)
{
	const char *const kinds[] = { "Sandbox", "SandboxTemplate",
				      "SandboxClaim", "SandboxWarmPool" };

	if (!str_is(r->group, GROUP_AGENTS) &&
	    !str_is(r->group, GROUP_EXTENSIONS))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(r->kind, kinds[i]))
			return true;
	return false;
}

void spelling_rewrite(struct arena *a, const struct json *doc,
		      struct spelling *out)
{
	struct rewrite r = { .arena = a, .written = doc, .out = out };

	*out = (struct spelling){ .doc = *doc, .extra = json_missing };
	r.kind = json_str(json_get(doc, STR("kind")));
	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &r.group, &r.version);
	if (!is_agent_kind(&r))
		return;
	r.edit = json_edit_start(a, doc);
	fix_group(&r);
	if (str_is(r.kind, "SandboxClaim"))
		fix_claim(&r);
	if (str_is(r.kind, "SandboxWarmPool"))
		rename_ref(&r);
	if (str_is(r.kind, "Sandbox")) {
		fix_ttl(&r);
		fix_replicas(&r);
	}
	out->doc = r.edit.root;
}
