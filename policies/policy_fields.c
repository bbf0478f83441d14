/* Field tables of IsolationPolicy and IsolationException. */
#include "policies/policy_fields.h"

#include "policies/document_fields.h"
#include "policies/kinds.h"

/* An empty list would be read as "any": say which, or leave it out. */
static void decode_some(struct decode *d, const struct json *v,
			const struct path *path, const struct field *f,
			void *out)
{
	if (json_is(v, JSON_ARRAY) && !json_len(v))
		decode_problem(d, v, path,
			       "is an empty list, wanted at least one entry");
	decode_strs(d, v, path, f, out);
}

/* A name that matches no object is a slip. */
static void decode_name(struct decode *d, const struct json *v,
			const struct path *path, const struct field *f,
			void *out)
{
	if (json_is(v, JSON_STRING) && !json_str(v).n)
		decode_problem(d, v, path, "is empty, wanted a name");
	decode_str(d, v, path, f, out);
}

static const struct field rule_fields[] = {
	FIELD(struct policy_rule, name, "name", decode_str, .required = true,
	      .help = "name in explanations"),
	FIELD(struct policy_rule, namespace_selector, "namespaceSelector",
	      decode_selector, .required = true,
	      .help = "labels of the namespaces this rule is for"),
	FIELD(struct policy_rule, floor_name, "floor", decode_name,
	      .help = "tier that objects there have at least"),
	FIELD(struct policy_rule, allowed, "allowed", decode_some,
	      .help = "tiers that objects there may ask for; absent: any"),
	FIELD_END,
};

static const struct decode_list rule_list = { rule_fields,
					      sizeof(struct policy_rule),
					      "name" };

static void decode_rules(struct decode *d, const struct json *v,
			 const struct path *path, const struct field *f,
			 void *out)
{
	struct policy *policy = out;
	struct decoded_list list = { .v = NULL };

	decode_list(d, v, path, f, &list);
	policy->rules = list.v;
	policy->n_rules = list.n;
}

const struct field policy_spec_fields[] = {
	FIELD(struct policy, default_tier_name, "defaultTier", decode_name,
	      .help = "floor of every agent object in the cluster"),
	{ .name = "rules",
	  .decode = decode_rules,
	  .param = &rule_list,
	  .help = "floors and limits by namespace" },
	FIELD_END,
};

static const struct field policy_fields[] = {
	DOCUMENT_FIELDS(policy_spec_fields),
};

void policy_decode(struct decode *d, const struct json *doc, struct policy *out)
{
	out->name = json_str(json_at(doc, "metadata", "name"));
	out->spec = json_get(doc, STR("spec"));
	decode_object(d, doc, NULL, policy_fields, out);
}

static const struct field target_fields[] = {
	FIELD(struct exception, ns, "namespace", decode_name, .required = true,
	      .help = "the one namespace it holds in"),
	FIELD(struct exception, kinds, "kinds", decode_some,
	      .help = "kinds it holds for; absent: any"),
	FIELD(struct exception, selector, "selector", decode_selector,
	      .help = "labels of the objects; absent: any object"),
	FIELD_END,
};

const struct field exception_spec_fields[] = {
	{ .name = "target",
	  .decode = decode_struct,
	  .required = true,
	  .param = target_fields,
	  .help = "which objects" },
	FIELD(struct exception, rules, "rules", decode_some, .required = true,
	      .help = "rule ids, or \"prefix.*\""),
	FIELD(struct exception, reason, "reason", decode_str, .required = true,
	      .help = "why"),
	FIELD(struct exception, ticket, "ticket", decode_str,
	      .help = "where it was decided"),
	FIELD(struct exception, expires_at, "expiresAt", decode_time,
	      .required = true, .help = "RFC 3339; it holds until then"),
	FIELD_END,
};

static const struct field exception_fields[] = {
	DOCUMENT_FIELDS(exception_spec_fields),
};

void exception_decode(struct decode *d, const struct json *doc,
		      struct exception *out)
{
	out->name = json_str(json_at(doc, "metadata", "name"));
	out->spec = json_get(doc, STR("spec"));
	out->selector = &json_missing;
	decode_object(d, doc, NULL, exception_fields, out);
}
