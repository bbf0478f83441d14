/* One GET, and seldom one write. */
#include "controller/report_place.h"

#include "controller/measures.h"

/*
 * What is not served answers 404 without a Status: so the report's own path
 * tells in one call what discovery would in two.
 */
int report_find(const struct reconcile *r, struct str ns,
		struct report_place *out, struct error *err)
{
	*out = (struct report_place){ .ns = ns, .there = json_missing };
	for (size_t i = 0; i < REPORT_APIS; i++) {
		struct kube_call call = {
			.verb = KUBE_GET,
			.resource = &report_apis[i],
			.ns = ns,
			.name = STR(REPORT_NAME),
		};
		int got = kube_do(r->client, r->arena, &call, err);

		if (got < 0 && call.status != 404)
			return -1;
		if (got < 0 && !call.reason.n)
			continue;
		out->api = &report_apis[i];
		out->there = call.answer;
		return 0;
	}
	return 0;
}

/* 404: the namespace, or the API, went away meanwhile. */
static int do_call(const struct reconcile *r, struct kube_call *call,
		   enum action_type type, struct error *err)
{
	if (kube_do(r->client, r->arena, call, err) < 0)
		return call->status == 404 ? 0 : -1;
	metrics_add(r->metrics, MEASURE_ACTIONS,
		    METRIC_LABELS(RECONCILE_AUDIT, type), 1);
	return 0;
}

static int delete_report(const struct reconcile *r,
			 const struct report_place *place, struct error *err)
{
	const struct json *metadata = json_get(&place->there, STR("metadata"));
	struct kube_call call = {
		.verb = KUBE_DELETE,
		.resource = place->api,
		.ns = place->ns,
		.name = STR(REPORT_NAME),
		.uid = json_str(json_get(metadata, STR("uid"))),
		.resource_version =
			json_str(json_get(metadata, STR("resourceVersion"))),
	};

	if (!json_exists(&place->there) || !report_is_ours(&place->there))
		return 0;
	return do_call(r, &call, ACTION_DELETE, err);
}

/* The name is ours: whoever took it could keep the report from being made. */
int report_write(const struct reconcile *r, const struct report_place *place,
		 const struct report *report, struct error *err)
{
	struct json desired;
	struct kube_call call = {
		.verb = KUBE_APPLY,
		.resource = place->api,
		.ns = place->ns,
		.name = STR(REPORT_NAME),
		.force = true,
	};

	if (!place->api)
		return 0;
	if (report_is_empty(report))
		return delete_report(r, place, err);
	desired = report_object(r->arena, report, place->api, place->ns);
	if (report_is_same(&desired, &place->there))
		return 0;
	call.body = &desired;
	return do_call(r, &call, ACTION_APPLY, err);
}
