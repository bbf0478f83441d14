/* Which kinds are read, and what of each object is kept. */
#include "cli/doctor/facts.h"

#include "kube/discovery.h"
#include "lib/json_pick.h"

#define HEAD                                                                   \
	"/metadata/name", "/metadata/namespace", "/metadata/labels",           \
		"/metadata/creationTimestamp"

static const char *const whole_spec[] = { HEAD, "/apiVersion", "/kind", "/spec",
					  NULL };
static const char *const head[] = { HEAD, NULL };
static const char *const with_status[] = { HEAD, "/spec", "/status", NULL };

static const char *const crd[] = { HEAD,
				   "/spec/group",
				   "/spec/names/plural",
				   "/spec/conversion",
				   "/spec/versions",
				   "/status/conditions",
				   "/status/storedVersions",
				   NULL };
static const char *const runtime_class[] = { HEAD, "/handler", "/scheduling",
					     NULL };
static const char *const node[] = { HEAD,
				    "/spec/taints",
				    "/spec/unschedulable",
				    "/status/conditions",
				    "/status/runtimeHandlers",
				    NULL };
static const char *const sandbox[] = { HEAD, "/status/conditions", NULL };
static const char *const pod[] = { HEAD,
				   "/spec/schedulingGates",
				   "/spec/runtimeClassName",
				   "/spec/nodeName",
				   "/status/phase",
				   NULL };
static const char *const event[] = { HEAD,	 "/involvedObject", "/reason",
				     "/message", "/lastTimestamp",  NULL };
static const char *const webhooks[] = { HEAD, "/webhooks", NULL };
static const char *const slice[] = { HEAD, "/endpoints", NULL };
static const char *const certificate[] = { HEAD, "/data/tls.crt", NULL };

static const char *const agents[] = { "v1beta1", "v1alpha1", NULL };

static const struct row {
	const char *group, *version, *plural, *kind;
	const char *ns, *name, *labels, *fields;
	const char *const *kept;
	bool namespaced;
	bool metadata_only;
	unsigned page; /* 0: as usual */
} rows[FACTS] = {
	[FACT_CRDS] = { .group = "apiextensions.k8s.io",
			.plural = "customresourcedefinitions",
			.kind = "CustomResourceDefinition",
			.kept = crd,
			.page = 20 },
	[FACT_TIERS] = { .group = GROUP_BULKHEAD,
			 .version = "v1alpha1",
			 .plural = "isolationtiers",
			 .kind = "IsolationTier",
			 .kept = whole_spec },
	[FACT_POLICIES] = { .group = GROUP_BULKHEAD,
			    .version = "v1alpha1",
			    .plural = "isolationpolicies",
			    .kind = "IsolationPolicy",
			    .kept = whole_spec },
	[FACT_EXCEPTIONS] = { .group = GROUP_BULKHEAD,
			      .version = "v1alpha1",
			      .plural = "isolationexceptions",
			      .kind = "IsolationException",
			      .kept = whole_spec },
	[FACT_NAMESPACES] = { .plural = "namespaces",
			      .kind = "Namespace",
			      .kept = head,
			      .metadata_only = true },
	[FACT_CLASSES] = { .group = "node.k8s.io",
			   .plural = "runtimeclasses",
			   .kind = "RuntimeClass",
			   .kept = runtime_class },
	[FACT_NODES] = { .plural = "nodes", .kind = "Node", .kept = node },
	[FACT_SANDBOXES] = { .group = GROUP_AGENTS,
			     .plural = "sandboxes",
			     .kind = "Sandbox",
			     .kept = sandbox,
			     .namespaced = true },
	[FACT_PODS] = { .plural = "pods",
			.kind = "Pod",
			.labels = LABEL_TIER,
			.kept = pod,
			.namespaced = true },
	[FACT_EVENTS] = { .plural = "events",
			  .kind = "Event",
			  .fields = "reason=FailedCreatePodSandBox",
			  .kept = event,
			  .namespaced = true },
	[FACT_NETWORK_POLICIES] = { .group = "networking.k8s.io",
				    .plural = "networkpolicies",
				    .kind = "NetworkPolicy",
				    .labels = "app.kubernetes.io/"
					      "managed-by=bulkhead",
				    .kept = head,
				    .namespaced = true,
				    .metadata_only = true },
	[FACT_DEPLOYMENTS] = { .group = "apps",
			       .plural = "deployments",
			       .kind = "Deployment",
			       .kept = with_status,
			       .namespaced = true,
			       .page = 100 },
	[FACT_DAEMON_SETS] = { .group = "apps",
			       .plural = "daemonsets",
			       .kind = "DaemonSet",
			       .kept = with_status,
			       .namespaced = true,
			       .page = 100 },
	[FACT_MUTATING] = { .group = "admissionregistration.k8s.io",
			    .plural = "mutatingwebhookconfigurations",
			    .kind = "MutatingWebhookConfiguration",
			    .name = "bulkhead",
			    .kept = webhooks },
	[FACT_VALIDATING] = { .group = "admissionregistration.k8s.io",
			      .plural = "validatingwebhookconfigurations",
			      .kind = "ValidatingWebhookConfiguration",
			      .name = "bulkhead",
			      .kept = webhooks },
	[FACT_ENDPOINTS] = { .group = "discovery.k8s.io",
			     .plural = "endpointslices",
			     .kind = "EndpointSlice",
			     .labels = "kubernetes.io/service-name",
			     .kept = slice,
			     .namespaced = true },
	[FACT_SERVING] = { .plural = "secrets",
			   .kind = "Secret",
			   .ns = DOCTOR_SYSTEM,
			   .name = "bulkhead-webhook-tls",
			   .kept = certificate,
			   .namespaced = true },
	[FACT_LEASE] = { .group = "coordination.k8s.io",
			 .plural = "leases",
			 .kind = "Lease",
			 .ns = DOCTOR_SYSTEM,
			 .name = "bulkhead-controller",
			 .kept = with_status,
			 .namespaced = true },
};

const char *doctor_fact_name(enum doctor_fact fact)
{
	return rows[fact].plural;
}

/* ---- reading ---- */

struct reading {
	struct arena *arena;
	const struct row *row;
	struct doctor_list *list;
};

/* The schemas are the bulk of a definition, and no check reads them. */
static struct json without_schemas(struct arena *a, const struct json *doc)
{
	static const char *const kept[] = { "/name", "/served", "/storage",
					    NULL };
	struct json out = json_make_object(), spec = json_make_object();
	struct json versions = json_make_array();

	json_each_item(v, json_at(doc, "spec", "versions"))
		json_append(a, &versions, json_pick(a, v, kept));
	json_each_member(m, json_at(doc, "spec")) {
		if (!str_is(m->key, "versions"))
			json_add(a, &spec, arena_str(a, m->key),
				 json_copy(a, &m->value));
	}
	json_add(a, &spec, STR("versions"), versions);
	json_add(a, &out, STR("metadata"),
		 json_copy(a, json_at(doc, "metadata")));
	json_add(a, &out, STR("spec"), spec);
	json_add(a, &out, STR("status"), json_copy(a, json_at(doc, "status")));
	return out;
}

static bool is_a_group_of_interest(const struct json *crd_doc)
{
	struct str group = json_str(json_at(crd_doc, "spec", "group"));

	return str_is(group, GROUP_BULKHEAD) || str_is(group, GROUP_AGENTS) ||
	       str_is(group, GROUP_EXTENSIONS);
}

static bool keep(struct arena *a, const struct json *item, void *context)
{
	struct reading *r = context;
	struct json picked;

	if (r->row == &rows[FACT_CRDS]) {
		if (!is_a_group_of_interest(item))
			return true;
		picked = json_pick(a, item, r->row->kept);
		json_append(r->arena, &r->list->items,
			    without_schemas(r->arena, &picked));
		return true;
	}
	if (json_len(&r->list->items) >= DOCTOR_ITEMS_MAX) {
		r->list->cut = true;
		return false;
	}
	json_append(r->arena, &r->list->items,
		    json_pick(r->arena, item, r->row->kept));
	return true;
}

static void read_row(struct arena *a, struct kube_client *client,
		     const struct row *row, struct doctor_list *list)
{
	struct reading reading = { a, row, list };
	struct kube_resource resource = {
		row->group ? row->group : "",
		row->version ? row->version : "v1",
		row->plural,
		row->kind,
		row->namespaced,
	};
	struct live_query q = {
		.resource = &resource,
		.ns = str_of(row->ns),
		.name = str_of(row->name),
		.label_selector = str_of(row->labels),
		.field_selector = str_of(row->fields),
		.metadata_only = row->metadata_only,
		.page = row->page,
		.item = keep,
		.context = &reading,
	};
	struct error err = ERROR_INIT;
	int found = 1;

	list->items = json_make_array();
	if (str_is(str_of(resource.group), GROUP_AGENTS))
		found = kube_discover(client, a, resource.group, agents,
				      resource.kind, &resource, &err);
	if (found > 0)
		list->outcome = live_pages(client, &q, &err);
	else
		list->outcome = found ? LIVE_FAILED : LIVE_NOT_SERVED;
	if (list->outcome != LIVE_READ)
		list->why = arena_str(a, str_of(err.msg));
}

/* ---- the probes ---- */

static struct json probe_metadata(struct arena *a, struct str tier)
{
	struct json metadata = json_make_object(), labels = json_make_object();

	json_add(a, &metadata, STR("name"),
		 json_make_string(STR("bulkhead-doctor")));
	json_add(a, &labels, STR(LABEL_TIER), json_make_string(tier));
	if (tier.n)
		json_add(a, &metadata, STR("labels"), labels);
	return metadata;
}

static struct json probe_spec(struct arena *a)
{
	struct json container = json_make_object(), list = json_make_array();
	struct json inner = json_make_object(),
		    pod_template = json_make_object();
	struct json spec = json_make_object();

	json_add(a, &container, STR("name"), json_make_string(STR("probe")));
	json_add(a, &container, STR("image"), json_make_string(STR("probe")));
	json_append(a, &list, container);
	json_add(a, &inner, STR("containers"), list);
	json_add(a, &pod_template, STR("spec"), inner);
	json_add(a, &spec, STR("podTemplate"), pod_template);
	return spec;
}

enum { PROBE_MS = 8000 };

static void send_probe(struct arena *a, struct kube_client *client,
		       const struct kube_resource *resource, struct str tier,
		       struct doctor_probe *probe)
{
	struct json body = json_make_object();
	struct kube_call call = {
		.verb = KUBE_CREATE,
		.resource = resource,
		.ns = STR("default"),
		.body = &body,
		.dry_run = true,
		.timeout_ms = PROBE_MS,
	};
	struct error err = ERROR_INIT;

	json_add(a, &body, STR("apiVersion"),
		 json_make_string(kube_resource_api_version(a, resource)));
	json_add(a, &body, STR("kind"), json_make_string(STR("Sandbox")));
	json_add(a, &body, STR("metadata"), probe_metadata(a, tier));
	json_add(a, &body, STR("spec"), probe_spec(a));
	probe->sent = true;
	if (kube_do(client, a, &call, &err) < 0)
		probe->says = arena_str(a, str_of(err.msg));
	probe->status = call.status;
	probe->answer = call.answer;
}

static void send_probes(struct arena *a, struct kube_client *client,
			struct doctor_facts *f)
{
	struct error err = ERROR_INIT;
	struct kube_resource resource;

	if (kube_discover(client, a, GROUP_AGENTS, agents, "Sandbox", &resource,
			  &err) <= 0)
		return;
	send_probe(a, client, &resource, STR(""), &f->plain);
	send_probe(a, client, &resource, STR(DOCTOR_WRONG_TIER), &f->wrong);
}

/* ---- all of it ---- */

void doctor_facts_read(struct arena *a, struct kube_client *client,
		       struct doctor_facts *f)
{
	struct error err = ERROR_INIT;

	if (kube_server_version(client, a, &f->version, &err) < 0) {
		f->unreachable = arena_str(a, str_of(err.msg));
		return;
	}
	for (size_t i = 0; i < FACTS; i++)
		read_row(a, client, &rows[i], &f->lists[i]);
	send_probes(a, client, f);
	doctor_facts_settle(a, f);
}

void doctor_facts_settle(struct arena *a, struct doctor_facts *f)
{
	static const enum doctor_fact own[] = { FACT_TIERS, FACT_POLICIES,
						FACT_EXCEPTIONS };
	struct snapshot_source *sources = NULL;
	struct error err = ERROR_INIT;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		json_each_item(item, &f->lists[own[i]].items) {
			sources = arena_grow(a, sources, n, &cap,
					     sizeof(*sources));
			sources[n++] =
				(struct snapshot_source){ item, STR("") };
		}
	f->shipped = f->lists[FACT_TIERS].outcome == LIVE_NOT_SERVED;
	if (!f->shipped && f->lists[FACT_TIERS].outcome != LIVE_READ)
		return;
	if ((f->shipped ? snapshot_load_shipped(&f->snapshot, &err)
			: snapshot_load(sources, n, &f->snapshot, &err)) < 0)
		f->refused = arena_str(a, str_of(err.msg));
}

void doctor_facts_release(struct doctor_facts *f)
{
	if (f->snapshot)
		snapshot_unref(&f->snapshot);
}

const struct json *doctor_find(const struct doctor_facts *f,
			       enum doctor_fact fact, struct str ns,
			       struct str name)
{
	json_each_item(item, &f->lists[fact].items) {
		const struct json *metadata = json_at(item, "metadata");

		if (json_str_is(json_at(metadata, "name"), name) &&
		    (!ns.n || json_str_is(json_at(metadata, "namespace"), ns)))
			return item;
	}
	return &json_missing;
}
