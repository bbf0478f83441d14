/*
 * A call to a request: what each verb is in HTTP, and what may be repeated.
 * Sources: "Kubernetes API Concepts", metav1.{Create,Update,Patch,Delete,List}
 * Options, and the handlers of k8s.io/apiserver.
 */
#include "kube/request.h"

#include "lib/json_write.h"

enum { NAME_SHOWN_MAX = 128 };

enum named { UNNAMED, NAMED };

static const struct verb {
	const char *word, *method, *content_type;
	enum named named;
	bool writes;
	bool options; /* write options in the query */
} verbs[KUBE_VERBS] = {
	[KUBE_GET] = { "get", "GET", NULL, NAMED, false, false },
	[KUBE_LIST] = { "list", "GET", NULL, UNNAMED, false, false },
	[KUBE_CREATE] = { "create", "POST", "application/json", UNNAMED, true,
			  true },
	[KUBE_REPLACE] = { "replace", "PUT", "application/json", NAMED, true,
			   true },
	/* JSON is YAML. */
	[KUBE_APPLY] = { "apply", "PATCH", "application/apply-patch+yaml",
			 NAMED, true, true },
	[KUBE_JSON_PATCH] = { "patch", "PATCH", "application/json-patch+json",
			      NAMED, true, true },
	[KUBE_MERGE_PATCH] = { "patch", "PATCH", "application/merge-patch+json",
			       NAMED, true, true },
	/* As soon as a DELETE has a body the server ignores its query. */
	[KUBE_DELETE] = { "delete", "DELETE", "application/json", NAMED, true,
			  false },
};

bool kube_request_writes(const struct kube_call *call)
{
	/* Reviews of access are questions, nothing is stored. */
	bool question =
		call->verb == KUBE_CREATE &&
		str_is(str_of(call->resource->group), "authorization.k8s.io");

	return verbs[call->verb].writes && !call->dry_run && !question;
}

/*
 * A request that was cut off may have been done, and others may have written
 * since. So all that overwrites needs a precondition that the second one
 * fails; only an apply, which touches our own fields, does not.
 */
bool kube_request_idempotent(const struct kube_call *call)
{
	if (!kube_request_writes(call))
		return true;
	switch (call->verb) {
	case KUBE_GET:
	case KUBE_LIST:
		return true;
	case KUBE_CREATE:
		/* generateName makes two; a name answers AlreadyExists. */
		return false;
	case KUBE_APPLY:
		return true;
	case KUBE_REPLACE:
	case KUBE_MERGE_PATCH:
		/* The second is a 409: read it again. */
		return json_str(json_at(call->body, "metadata",
					"resourceVersion"))
			       .n > 0;
	case KUBE_JSON_PATCH:
		/* With a "test" the second is a 422, as if we were wrong. */
		return false;
	case KUBE_DELETE:
		/* Else it takes a new object of the same name. */
		return call->uid.n > 0 || call->resource_version.n > 0;
	case KUBE_VERBS:
		break;
	}
	BUG("a verb that is none");
}

static struct str shown(struct str s)
{
	return str_sub(s, 0, NAME_SHOWN_MAX);
}

struct str kube_request_what(struct arena *a, const struct kube_call *call)
{
	struct str name = shown(call->name), ns = shown(call->ns);
	struct str sub = shown(call->subresource);

	if (!call->resource->namespaced)
		ns = STR_NONE;
	return arena_printf(
		a, "%s %s%s%.*s%s%.*s%s%s%.*s%s", verbs[call->verb].word,
		call->resource->plural, sub.n ? "/" : "", STR_ARG(sub),
		name.n ? " \"" : "", STR_ARG(name), name.n ? "\"" : "",
		ns.n ? " in namespace \"" : "", STR_ARG(ns), ns.n ? "\"" : "");
}

static int check_step(struct str what, const char *field, struct str step,
		      struct error *err)
{
	if (kube_resource_name_valid(step))
		return 0;
	if (!step.n)
		return error_set(err, ERR_INPUT, "%.*s: %s is empty",
				 STR_ARG(what), field);
	return error_set(err, ERR_INPUT,
			 "%.*s: %s \"%.*s\" cannot be sent: wanted a name "
			 "without \"/\" and \"%%\", other than \".\" and "
			 "\"..\"",
			 STR_ARG(what), field, STR_ARG(shown(step)));
}

/* A subresource may be created: an Eviction, a Binding, a TokenRequest. */
static bool needs_name(const struct kube_call *call)
{
	return verbs[call->verb].named == NAMED || call->subresource.n;
}

static int check(struct arena *a, const struct kube_call *call,
		 struct error *err)
{
	struct str what = kube_request_what(a, call);
	bool named = needs_name(call);

	if (named && check_step(what, "name", call->name, err) < 0)
		return -1;
	if (!named && call->name.n)
		return error_set(err, ERR_INPUT,
				 "%.*s: a name is not wanted here",
				 STR_ARG(what));
	if (call->resource->namespaced &&
	    (call->ns.n || call->verb != KUBE_LIST) &&
	    check_step(what, "namespace", call->ns, err) < 0)
		return -1;
	if (call->subresource.n)
		return check_step(what, "subresource", call->subresource, err);
	return 0;
}

static void query(struct arena *a, struct str *path, const char *key,
		  struct str value)
{
	if (value.n)
		*path = kube_path_query(a, *path, key, value);
}

/*
 * Pages without resourceVersion: a consistent read, which since 1.31 comes from
 * the server's cache too. resourceVersion=0 would be older than what was seen
 * before, and ignores the limit: the whole list in one answer, in our memory
 * and in the server's.
 */
static void list_query(struct arena *a, const struct kube_call *call,
		       struct str *path)
{
	if (call->limit)
		query(a, path, "limit", arena_printf(a, "%u", call->limit));
	query(a, path, "continue", call->continue_token);
	query(a, path, "labelSelector", call->label_selector);
	query(a, path, "fieldSelector", call->field_selector);
}

/* Strict: a field that we misspell is an error, not a loss. */
static void write_query(struct arena *a, const struct kube_call *call,
			const char *field_manager, struct str *path)
{
	query(a, path, "fieldManager",
	      call->field_manager.n ? call->field_manager
				    : str_of(field_manager));
	if (call->verb == KUBE_APPLY && call->force)
		query(a, path, "force", STR("true"));
	query(a, path, "fieldValidation",
	      call->lenient ? STR("Ignore") : STR("Strict"));
	if (call->dry_run)
		query(a, path, "dryRun", STR("All"));
}

static const char *accept(const struct kube_call *call)
{
	if (!call->metadata_only)
		return NULL;
	if (call->verb == KUBE_LIST)
		return "application/json;as=PartialObjectMetadataList;"
		       "g=meta.k8s.io;v=v1,application/json";
	if (call->verb == KUBE_GET)
		return "application/json;as=PartialObjectMetadata;"
		       "g=meta.k8s.io;v=v1,application/json";
	return NULL;
}

static void add_str(struct arena *a, struct json *object, const char *key,
		    struct str value)
{
	if (value.n)
		json_add(a, object, str_of(key), json_make_string(value));
}

static struct str propagation(enum kube_propagation policy)
{
	switch (policy) {
	case KUBE_PROPAGATION_DEFAULT:
		return STR_NONE;
	case KUBE_BACKGROUND:
		return STR("Background");
	case KUBE_FOREGROUND:
		return STR("Foreground");
	case KUBE_ORPHAN:
		return STR("Orphan");
	}
	BUG("a propagation policy that is none");
}

static struct json delete_options(struct arena *a, const struct kube_call *call)
{
	struct json options = json_make_object(), pre = json_make_object();

	add_str(a, &options, "apiVersion", STR("v1"));
	add_str(a, &options, "kind", STR("DeleteOptions"));
	add_str(a, &pre, "uid", call->uid);
	add_str(a, &pre, "resourceVersion", call->resource_version);
	if (json_len(&pre))
		json_add(a, &options, STR("preconditions"), pre);
	add_str(a, &options, "propagationPolicy",
		propagation(call->propagation));
	if (call->dry_run) {
		struct json all = json_make_array();

		json_append(a, &all, json_make_string(STR("All")));
		json_add(a, &options, STR("dryRun"), all);
	}
	return options;
}

static struct str body(struct arena *a, const struct kube_call *call)
{
	struct json options;

	if (call->verb != KUBE_DELETE) {
		if (!call->body)
			BUG("a write without a body");
		return json_to_str(a, call->body);
	}
	options = delete_options(a, call);
	return json_to_str(a, &options);
}

int kube_request_build(struct arena *a, const struct kube_call *call,
		       const char *field_manager,
		       struct kube_transport_request *request,
		       struct error *err)
{
	const struct verb *verb = &verbs[call->verb];
	struct str path;

	if (check(a, call, err) < 0)
		return -1;
	path = kube_resource_path(a, call->resource, call->ns, call->name,
				  call->subresource);
	if (call->verb == KUBE_LIST)
		list_query(a, call, &path);
	if (verb->options)
		write_query(a, call, field_manager, &path);
	*request = (struct kube_transport_request){
		.method = verb->method,
		.path = path,
		.content_type = verb->content_type,
		.accept = accept(call),
		.body = verb->writes ? body(a, call) : STR_NONE,
	};
	return 0;
}
