/* Reading and writing the fields of a Lease. */
#include "kube/lease_record.h"

#include "kube/micro_time.h"

const struct kube_resource kube_leases = {
	.group = "coordination.k8s.io",
	.version = "v1",
	.plural = "leases",
	.kind = "Lease",
	.namespaced = true,
};

static const char *const written_fields[] = {
	"holderIdentity", "leaseDurationSeconds", "acquireTime",
	"renewTime",	  "leaseTransitions",
};

/* leaseDurationSeconds is an int32. */
static unsigned read_duration(const struct json *v)
{
	int64_t seconds;

	if (!json_int(v, &seconds) || seconds <= 0)
		return 0;
	return seconds > INT32_MAX ? INT32_MAX : (unsigned)seconds;
}

int kube_lease_record_read(const struct json *doc, struct kube_lease_seen *out,
			   struct error *err)
{
	const struct json *spec = json_at(doc, "spec");
	const struct json *holder = json_at(spec, "holderIdentity");
	struct str version =
		json_str(json_at(doc, "metadata", "resourceVersion"));

	if (!version.n)
		return error_set(err, ERR_IO,
				 "the server's answer is no Lease: it has no "
				 "metadata.resourceVersion");
	if (json_is_set(spec) && !json_is(spec, JSON_OBJECT))
		return error_set(err, ERR_IO,
				 "the Lease's spec is of type %s, not object; "
				 "delete the Lease to start anew",
				 json_type_name(json_type(spec)));
	if (json_is_set(holder) && !json_is(holder, JSON_STRING))
		return error_set(err, ERR_IO,
				 "the Lease's spec.holderIdentity is of type "
				 "%s, not string; delete the Lease to start "
				 "anew",
				 json_type_name(json_type(holder)));
	*out = (struct kube_lease_seen){
		.exists = true,
		.holder = json_str(holder),
		.duration_seconds =
			read_duration(json_at(spec, "leaseDurationSeconds")),
		.resource_version = version,
	};
	return 0;
}

static bool is_written(struct str key)
{
	for (size_t i = 0; i < ARRAY_LEN(written_fields); i++)
		if (str_is(key, written_fields[i]))
			return true;
	return false;
}

static struct json write_metadata(struct arena *a,
				  const struct kube_lease_options *options,
				  const struct json *old)
{
	struct json metadata = json_make_object();

	json_each_member(m, old) {
		/* The server keeps its own when none are sent. */
		if (!str_is(m->key, "managedFields"))
			json_add(a, &metadata, m->key, m->value);
	}
	if (!json_exists(json_at(&metadata, "name")))
		json_add(a, &metadata, STR("name"),
			 json_make_string(options->name));
	if (!json_exists(json_at(&metadata, "namespace")))
		json_add(a, &metadata, STR("namespace"),
			 json_make_string(options->ns));
	return metadata;
}

/* Counts the changes of holder; an int32 as well. */
static int64_t count_transitions(const struct json *old, bool changes)
{
	int64_t n;

	if (!json_is(old, JSON_OBJECT))
		return 0;
	if (!json_int(json_at(old, "leaseTransitions"), &n) || n < 0)
		n = 0;
	return n < INT32_MAX ? n + changes : INT32_MAX;
}

static struct json write_spec(struct arena *a, const struct json *old,
			      const struct kube_lease_record *record)
{
	struct str now = kube_micro_time(a, record->wall_us);
	struct str acquired = json_str(json_at(old, "acquireTime"));
	struct json spec = json_make_object();

	json_each_member(m, old) {
		if (!is_written(m->key))
			json_add(a, &spec, m->key, m->value);
	}
	if (record->acquired || !acquired.n)
		acquired = now;
	json_add(a, &spec, STR("holderIdentity"),
		 json_make_string(record->holder));
	json_add(a, &spec, STR("leaseDurationSeconds"),
		 json_make_int(a, record->duration_seconds));
	json_add(a, &spec, STR("acquireTime"), json_make_string(acquired));
	json_add(a, &spec, STR("renewTime"), json_make_string(now));
	json_add(a, &spec, STR("leaseTransitions"),
		 json_make_int(a, count_transitions(old, record->acquired)));
	return spec;
}

struct json kube_lease_record_write(struct arena *a,
				    const struct kube_lease_options *options,
				    const struct json *doc,
				    const struct kube_lease_record *record)
{
	struct json body = json_make_object();

	json_add(a, &body, STR("apiVersion"),
		 json_make_string(kube_resource_api_version(a, &kube_leases)));
	json_add(a, &body, STR("kind"),
		 json_make_string(str_of(kube_leases.kind)));
	json_add(a, &body, STR("metadata"),
		 write_metadata(a, options, json_at(doc, "metadata")));
	json_add(a, &body, STR("spec"),
		 write_spec(a, json_at(doc, "spec"), record));
	return body;
}
