/* Lists with limit and continue ("Kubernetes API Concepts"). */
#include "cli/live_pages.h"

static enum live_outcome outcome_of(const struct kube_call *call)
{
	switch (call->status) {
	case 404:
		return LIVE_NOT_SERVED;
	case 401:
	case 403:
		return LIVE_FORBIDDEN;
	default:
		return LIVE_FAILED;
	}
}

static struct json typed(struct arena *a, const struct kube_resource *resource,
			 const struct json *item)
{
	struct json doc = json_make_object();

	json_add(a, &doc, STR("apiVersion"),
		 json_make_string(kube_resource_api_version(a, resource)));
	json_add(a, &doc, STR("kind"),
		 json_make_string(str_of(resource->kind)));
	json_each_member(m, item) {
		if (!str_is(m->key, "apiVersion") && !str_is(m->key, "kind"))
			json_add(a, &doc, m->key, m->value);
	}
	return doc;
}

static bool tell_items(struct arena *a, const struct live_query *q,
		       const struct json *list)
{
	json_each_item(item, json_get(list, STR("items"))) {
		struct json doc = typed(a, q->resource, item);

		if (json_is(item, JSON_OBJECT) && !q->item(a, &doc, q->context))
			return false;
	}
	return true;
}

static struct kube_call call_of(struct arena *a, const struct live_query *q)
{
	struct kube_call call = {
		.verb = KUBE_LIST,
		.resource = q->resource,
		.ns = q->resource->namespaced ? q->ns : STR(""),
		.label_selector = q->label_selector,
		.field_selector = q->field_selector,
		.limit = q->page ? q->page : LIVE_PAGE,
		.metadata_only = q->metadata_only,
	};

	if (q->name.n)
		call.field_selector =
			arena_printf(a, "metadata.name=%.*s", STR_ARG(q->name));
	return call;
}

enum live_outcome live_pages(struct kube_client *client,
			     const struct live_query *query, struct error *err)
{
	CLEANUP(arena_release) struct arena kept = ARENA_INIT;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_call call = call_of(&kept, query);

	do {
		struct str token;

		if (kube_do(client, &a, &call, err) < 0)
			return outcome_of(&call);
		token = json_str(json_at(&call.answer, "metadata", "continue"));
		call.continue_token = arena_str(&kept, token);
		if (!tell_items(&a, query, &call.answer))
			break;
		arena_reset(&a);
	} while (call.continue_token.n);
	return LIVE_READ;
}

enum live_outcome live_get(struct kube_client *client, struct arena *a,
			   const struct live_query *query, struct json *out,
			   struct error *err)
{
	struct kube_call call = {
		.verb = KUBE_GET,
		.resource = query->resource,
		.ns = query->resource->namespaced ? query->ns : STR(""),
		.name = query->name,
		.metadata_only = query->metadata_only,
	};

	if (kube_do(client, a, &call, err) < 0)
		return outcome_of(&call);
	*out = typed(a, query->resource, &call.answer);
	return LIVE_READ;
}
