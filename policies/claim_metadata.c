/* Labels by a list of allowed domains, annotations by one of forbidden ones. */
#include "policies/claim_metadata.h"

#include <strings.h>

#include "lib/selector.h"
#include "policies/says.h"

/* More keys than any Pod has; a hostile list must not cost time. */
enum { KEYS_MAX = 100 };

#define DOMAIN_ALLOWED "sandbox.users.io"
#define SAFE_TO_EVICT "cluster-autoscaler.kubernetes.io/safe-to-evict"

struct entry {
	const struct check *check;
	const struct path *path;
	const struct json_member *member;
	struct str domain; /* of the key; p NULL: none */
};

static void warn(const struct entry *e, struct str found, struct str wanted,
		 struct str fix)
{
	check_object_as(e->check, ACTION_WARN, STR_NONE, e->path,
			(struct says){ found, wanted, fix });
}

static bool same_text(struct str s, struct str lower)
{
	return s.n == lower.n && strncasecmp(s.p, lower.p, s.n) == 0;
}

/* The domain itself or one below it. */
static bool is_under(struct str s, struct str domain)
{
	if (s.n <= domain.n)
		return same_text(s, domain);
	return s.p[s.n - domain.n - 1] == '.' &&
	       same_text(str_sub(s, s.n - domain.n, s.n), domain);
}

static bool is_key(const struct entry *e)
{
	if (selector_label_key_valid(e->member->key))
		return true;
	warn(e, STR("has a name that Kubernetes does not allow"),
	     STR("name, or domain/name of letters, digits, '-', '_' and '.'"),
	     STR("rename it"));
	return false;
}

static bool is_text(const struct entry *e)
{
	const struct json *v = &e->member->value;

	if (json_is(v, JSON_STRING))
		return true;
	warn(e, says_is(e->check->target->arena, v), STR("a string"),
	     STR("put the value in quotes"));
	return false;
}

/* The router finds its own Pods by this label. */
static bool is_router(const struct entry *e)
{
	return same_text(e->member->key, STR("app")) &&
	       same_text(json_str(&e->member->value), STR("sandbox-router"));
}

static bool is_label(const struct entry *e)
{
	struct str value = json_str(&e->member->value);
	struct arena *a = e->check->target->arena;

	if (!is_key(e) || !is_text(e))
		return false;
	if (is_router(e)) {
		warn(e, STR("is the label of the sandbox router's own Pods"),
		     STR_NONE, STR("remove it"));
		return false;
	}
	if (!is_under(e->domain, STR(DOMAIN_ALLOWED))) {
		warn(e,
		     e->domain.p ? STR("is under a domain that claims may not "
				       "use by default")
				 : STR("has no domain"),
		     STR("a label such as " DOMAIN_ALLOWED "/name"),
		     STR("rename it, or have the domain allowed in "
			 "allowed-label-domains of ConfigMap "
			 "agent-sandbox-config"));
		return false;
	}
	if (selector_label_value_valid(value))
		return true;
	warn(e, says_is(a, &e->member->value),
	     STR("at most 63 letters, digits, '-', '_' and '.', the first and "
		 "the last a letter or digit"),
	     STR("shorten or rewrite it, or make it an annotation"));
	return false;
}

static bool is_annotation(const struct entry *e)
{
	static const struct str forbidden[] = { STR_INIT("kubernetes.io"),
						STR_INIT("k8s.io"),
						STR_INIT("agents.x-k8s.io") };

	if (!is_key(e) || !is_text(e))
		return false;
	if (str_is(e->member->key, SAFE_TO_EVICT))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
		if (!is_under(e->domain, forbidden[i]))
			continue;
		warn(e, STR("is under a domain that no claim may use"),
		     STR("no annotation under kubernetes.io, k8s.io or "
			 "agents.x-k8s.io, but for " SAFE_TO_EVICT),
		     STR("remove it, or write it in the SandboxTemplate"));
		return false;
	}
	return true;
}

static void check_conflict(const struct entry *e, const struct json *theirs)
{
	const struct target *t = e->check->target;
	const struct json *v = json_get(theirs, e->member->key);

	if (!json_is(v, JSON_STRING) || json_equal(v, &e->member->value))
		return;
	warn(e, says_is(t->arena, &e->member->value),
	     arena_printf(t->arena, "%s, as %.*s sets it",
			  says_quoted(t->arena, json_str(v)).p,
			  STR_ARG(t->pod_origin)),
	     STR("remove it, or change it in the template: a claim may add "
		 "keys and override none"));
}

static void check_map(const struct check *c, const char *map,
		      bool (*is_allowed)(const struct entry *e))
{
	const struct target *t = c->target;
	const struct json *ours =
		json_at(t->spec, "additionalPodMetadata", map);
	const struct json *theirs =
		json_at(t->template, "spec", "podTemplate", "metadata", map);
	struct path spec = PATH_KEY(NULL, "spec");
	struct path extra = PATH_KEY(&spec, "additionalPodMetadata");
	struct path path = path_key(&extra, str_of(map));
	size_t n = 0;

	if (json_is_set(ours) && !json_is(ours, JSON_OBJECT))
		check_object_as(
			c, ACTION_WARN, STR_NONE, &path,
			(struct says){ says_is(t->arena, ours), STR("a map"),
				       STR("write it as key: value pairs") });
	json_each_member(m, ours) {
		struct path at = path_key(&path, m->key);
		struct entry e = { c, &at, m, STR_NONE };
		size_t slash = str_find(m->key, '/');

		if (n++ == KEYS_MAX)
			return;
		if (slash < m->key.n)
			e.domain = str_sub(m->key, 0, slash);
		if (is_allowed(&e))
			check_conflict(&e, theirs);
	}
}

void claim_metadata_check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *extra =
		json_get(t->spec, STR("additionalPodMetadata"));
	struct path spec = PATH_KEY(NULL, "spec");

	if (!json_is_set(extra))
		return;
	if (!json_is(extra, JSON_OBJECT)) {
		check_object_as(c, ACTION_WARN, STR_NONE,
				&PATH_KEY(&spec, "additionalPodMetadata"),
				(struct says){ says_is(t->arena, extra),
					       STR("an object with labels and "
						   "annotations"),
					       STR("write it as such") });
		return;
	}
	check_map(c, "labels", is_label);
	check_map(c, "annotations", is_annotation);
}
