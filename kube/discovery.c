/*
 * What the API server serves and what it lets us do: lists of resources
 * (metav1.APIResourceList) and reviews of access (authorization.k8s.io/v1).
 */
#include "kube/discovery.h"

/* A plural becomes a C string and a step of paths. */
static bool is_plural(struct str name)
{
	return kube_resource_name_valid(name) && str_find(name, '\0') == name.n;
}

/*
 * Subresources are in the same list as "pods/status", some with the kind of
 * their resource.
 */
static const struct json *find_kind(const struct json *resources,
				    const char *kind)
{
	json_each_item(item, resources) {
		struct str name = json_str(json_at(item, "name"));

		if (json_str_is(json_at(item, "kind"), str_of(kind)) &&
		    str_find(name, '/') == name.n)
			return item;
	}
	return &json_missing;
}

static int malformed(struct str path, const char *what, struct error *err)
{
	return error_set(err, ERR_IO,
			 "get %.*s: this is no list of resources: %s",
			 STR_ARG(path), what);
}

/* One group and version: 1 found, 0 not there, -1. */
static int look(struct kube_client *client, struct arena *a, struct str path,
		struct kube_resource *row, struct error *err)
{
	struct json answer;
	const struct json *resources, *found, *namespaced;
	unsigned status;

	if (kube_get_path(client, a, path, &status, &answer, err) < 0)
		return status == 404 ? 0 : -1;
	resources = json_at(&answer, "resources");
	if (!json_is(resources, JSON_ARRAY))
		return malformed(path, "resources is no array", err);
	found = find_kind(resources, row->kind);
	if (!json_exists(found))
		return 0;
	namespaced = json_at(found, "namespaced");
	if (!is_plural(json_str(json_at(found, "name"))) ||
	    !json_is(namespaced, JSON_BOOL))
		return malformed(path, "an item has no good name or scope",
				 err);
	row->plural = arena_str(a, json_str(json_at(found, "name"))).p;
	row->namespaced = json_is_true(namespaced);
	return 1;
}

int kube_discover(struct kube_client *client, struct arena *a,
		  const char *group, const char *const *versions,
		  const char *kind, struct kube_resource *out,
		  struct error *err)
{
	for (; *versions; versions++) {
		struct kube_resource row = {
			.group = arena_str(a, str_of(group)).p,
			.version = arena_str(a, str_of(*versions)).p,
			.kind = arena_str(a, str_of(kind)).p,
		};
		struct str path = arena_printf(
			a, "%s/%.*s", group[0] ? "/apis" : "/api",
			STR_ARG(kube_resource_api_version(a, &row)));
		int found = look(client, a, path, &row, err);

		if (found > 0)
			*out = row;
		if (found != 0)
			return found;
	}
	return 0;
}

int kube_server_version(struct kube_client *client, struct arena *a,
			struct str *out, struct error *err)
{
	struct json answer;

	if (kube_get_path(client, a, STR("/version"), NULL, &answer, err) < 0)
		return -1;
	*out = json_str(json_at(&answer, "gitVersion"));
	if (!out->n)
		return error_set(err, ERR_IO,
				 "get /version: no gitVersion in the answer: "
				 "is this a Kubernetes API server?");
	return 0;
}

static void add(struct arena *a, struct json *object, const char *key,
		struct str value)
{
	if (value.n)
		json_add(a, object, str_of(key), json_make_string(value));
}

static struct json attributes(struct arena *a, const struct kube_access *access)
{
	const struct kube_resource *resource = access->resource;
	struct json object = json_make_object();

	add(a, &object, "namespace", access->ns);
	add(a, &object, "verb", str_of(access->verb));
	add(a, &object, "group", str_of(resource->group));
	add(a, &object, "version", str_of(resource->version));
	add(a, &object, "resource", str_of(resource->plural));
	add(a, &object, "subresource", str_of(access->subresource));
	add(a, &object, "name", access->name);
	return object;
}

/* Whatever is not clearly allowed is an error or a no. */
static int review(struct kube_client *client, struct arena *a,
		  const struct kube_resource *kind, struct json spec,
		  struct kube_access *access, struct error *err)
{
	struct json body = json_make_object();
	struct kube_call call = { .verb = KUBE_CREATE,
				  .resource = kind,
				  .body = &body };
	const struct json *status, *allowed;

	access->allowed = false;
	access->why = STR_NONE;
	add(a, &body, "apiVersion", kube_resource_api_version(a, kind));
	add(a, &body, "kind", str_of(kind->kind));
	json_add(a, &body, STR("spec"), spec);
	if (kube_do(client, a, &call, err) < 0)
		return -1;
	status = json_at(&call.answer, "status");
	allowed = json_at(status, "allowed");
	if (!json_is(allowed, JSON_BOOL))
		return error_set(err, ERR_IO,
				 "create %s: no status.allowed in the answer",
				 kind->plural);
	access->allowed = json_is_true(allowed);
	access->why = json_str(json_at(status, "reason"));
	if (!access->why.n)
		access->why = json_str(json_at(status, "evaluationError"));
	return 0;
}

int kube_may_i(struct kube_client *client, struct arena *a,
	       struct kube_access *access, struct error *err)
{
	static const struct kube_resource kind = { "authorization.k8s.io", "v1",
						   "selfsubjectaccessreviews",
						   "SelfSubjectAccessReview",
						   false };
	struct json spec = json_make_object();

	json_add(a, &spec, STR("resourceAttributes"), attributes(a, access));
	return review(client, a, &kind, spec, access, err);
}

int kube_may_user(struct kube_client *client, struct arena *a,
		  struct kube_access *access, struct error *err)
{
	static const struct kube_resource kind = { "authorization.k8s.io", "v1",
						   "subjectaccessreviews",
						   "SubjectAccessReview",
						   false };
	const struct json *groups =
		access->groups ? access->groups : &json_missing;
	struct json spec = json_make_object();

	access->allowed = false;
	access->why = STR_NONE;
	if (!access->user.n)
		return error_set(err, ERR_INPUT, "no user to ask about");
	if (json_exists(groups) && !json_is(groups, JSON_ARRAY))
		return error_set(err, ERR_INPUT,
				 "groups of user \"%.*s\" are %s, wanted an "
				 "array",
				 STR_ARG(access->user),
				 json_type_name(json_type(groups)));
	json_add(a, &spec, STR("resourceAttributes"), attributes(a, access));
	add(a, &spec, "user", access->user);
	if (json_exists(groups))
		json_add(a, &spec, STR("groups"), *groups);
	return review(client, a, &kind, spec, access, err);
}
