/* A person's text, and what lives in the cluster, as a subject. */
#include "policies/subject.h"

#include "policies/kinds.h"

struct subject subject_from_file(const struct json *doc)
{
	struct subject s = {
		.operation = OPERATION_CREATE,
		.kind = json_str(json_get(doc, STR("kind"))),
		.ns = json_str(json_at(doc, "metadata", "namespace")),
		.name = json_str(json_at(doc, "metadata", "name")),
		.user = { .groups = &json_missing },
		.object = doc,
		.old_object = &json_missing,
		.from_file = true,
	};

	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &s.group, &s.version);
	return s;
}

struct subject subject_from_live(struct str api_version, struct str kind,
				 const struct json *doc)
{
	struct subject s = {
		.operation = OPERATION_UPDATE,
		.kind = kind,
		.ns = json_str(json_at(doc, "metadata", "namespace")),
		.name = json_str(json_at(doc, "metadata", "name")),
		.user = { .groups = &json_missing },
		.object = doc,
		.old_object = &json_missing,
	};

	kind_split_api_version(api_version, &s.group, &s.version);
	return s;
}
