/* Our webhook configurations, against what is shipped in deploy/base. */
#include "cli/doctor/all.h"

/* What must reach us; "CREATE UPDATE" are all of them wanted. */
static const struct covered {
	enum doctor_fact in;
	const char *group, *resource;
	const char *operations[4];
} wanted[] = {
#define AGENT(resource_name, group_name)                                       \
	{ FACT_MUTATING, group_name, resource_name, { "CREATE", "UPDATE" } },  \
	{                                                                      \
		FACT_VALIDATING, group_name, resource_name,                    \
			{ "CREATE", "UPDATE" },                                \
	}
	AGENT("sandboxes", GROUP_AGENTS),
	AGENT("sandboxtemplates", GROUP_EXTENSIONS),
	AGENT("sandboxclaims", GROUP_EXTENSIONS),
	AGENT("sandboxwarmpools", GROUP_EXTENSIONS),
	{ FACT_VALIDATING, GROUP_AGENTS, "sandboxes/scale", { "UPDATE" } },
	{ FACT_VALIDATING,
	  GROUP_EXTENSIONS,
	  "sandboxwarmpools/scale",
	  { "UPDATE" } },
	{ FACT_MUTATING, "", "pods", { "CREATE" } },
	{ FACT_VALIDATING, "", "pods", { "CREATE", "UPDATE" } },
	{ FACT_VALIDATING, "", "pods/ephemeralcontainers", { "UPDATE" } },
	{ FACT_VALIDATING, "", "pods/resize", { "UPDATE" } },
	{ FACT_VALIDATING, "", "pods/exec", { "CONNECT" } },
	{ FACT_VALIDATING, "", "pods/attach", { "CONNECT" } },
	{ FACT_VALIDATING, "", "pods/portforward", { "CONNECT" } },
	{ FACT_VALIDATING, "", "pods/proxy", { "CONNECT" } },
	{ FACT_VALIDATING,
	  "networking.k8s.io",
	  "networkpolicies",
	  { "CREATE", "UPDATE", "DELETE" } },
	{ FACT_VALIDATING, "", "namespaces", { "CREATE", "UPDATE" } },
	{ FACT_VALIDATING,
	  GROUP_BULKHEAD,
	  "isolationtiers",
	  { "CREATE", "UPDATE", "DELETE" } },
	{ FACT_VALIDATING,
	  GROUP_BULKHEAD,
	  "isolationpolicies",
	  { "CREATE", "UPDATE", "DELETE" } },
	{ FACT_VALIDATING,
	  GROUP_BULKHEAD,
	  "isolationexceptions",
	  { "CREATE", "UPDATE", "DELETE" } },
};

static bool holds(const struct json *list, const char *text)
{
	json_each_item(v, list)
		if (json_str_is(v, str_of(text)) || json_str_is(v, STR("*")) ||
		    json_str_is(v, STR("*/*")))
			return true;
	return false;
}

static bool rule_covers(const struct json *rule, const struct covered *c,
			const char *operation)
{
	return holds(json_at(rule, "apiGroups"), c->group) &&
	       holds(json_at(rule, "resources"), c->resource) &&
	       holds(json_at(rule, "operations"), operation);
}

static bool covers(const struct json *configuration, const struct covered *c,
		   const char *operation)
{
	json_each_item(webhook, json_at(configuration, "webhooks"))
		json_each_item(rule, json_at(webhook, "rules"))
			if (rule_covers(rule, c, operation))
				return true;
	return false;
}

static const struct json *configuration(const struct doctor_facts *f,
					enum doctor_fact fact)
{
	return doctor_find(f, fact, STR(""), STR("bulkhead"));
}

static void check_covered(struct arena *a, const struct doctor_facts *f,
			  struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct covered *c = &wanted[i];

		for (size_t n = 0; n < 4 && c->operations[n]; n++)
			if (!covers(configuration(f, c->in), c,
				    c->operations[n]))
				doctor_name(
					&names,
					arena_printf(a, "%s %s (%s)",
						     c->operations[n],
						     c->resource,
						     c->in == FACT_MUTATING
							     ? "mutating"
							     : "validating"));
	}
	if (names.n)
		doctor_fail(a, r,
			    "apply deploy/base of this release of Bulkhead",
			    "not sent to Bulkhead: %.*s",
			    STR_ARG(doctor_names_str(&names)));
}

static void check_registered(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	bool fills, refuses;

	if (doctor_unread(a, f, FACT_MUTATING, r) ||
	    doctor_unread(a, f, FACT_VALIDATING, r))
		return;
	fills = json_exists(configuration(f, FACT_MUTATING));
	refuses = json_exists(configuration(f, FACT_VALIDATING));
	if (!refuses)
		doctor_fail(a, r, "apply deploy/base",
			    "there is no ValidatingWebhookConfiguration "
			    "bulkhead: nothing is refused%s",
			    fills ? "" : ", and nothing filled in");
	else if (!fills)
		doctor_fail(a, r, "apply deploy/base",
			    "there is no MutatingWebhookConfiguration "
			    "bulkhead: nothing is filled in, so what leaves "
			    "anything out is refused");
	else
		check_covered(a, f, r);
	doctor_pass(a, r, "both are there and cover what tiers govern");
}

const struct doctor_check doctor_webhook_registered = {
	.id = "webhook.registered",
	.title = "The webhook configurations are there and complete",
	.run = check_registered,
};

static void check_failure(struct arena *a, const struct doctor_facts *f,
			  struct doctor_result *r)
{
	struct doctor_names open = { .arena = a };
	const struct json *validating;

	if (doctor_unread(a, f, FACT_VALIDATING, r))
		return;
	validating = configuration(f, FACT_VALIDATING);
	if (!json_exists(validating))
		doctor_skip(a, r,
			    "nothing is registered: see "
			    "webhook.registered");
	json_each_item(webhook, json_at(validating, "webhooks"))
		if (!json_str_is(json_at(webhook, "failurePolicy"),
				 STR("Fail")))
			doctor_name(&open, json_str(json_at(webhook, "name")));
	if (open.n)
		doctor_warn(a, r,
			    "set failurePolicy to Fail: with Ignore everything "
			    "passes unjudged while Bulkhead is away",
			    "failurePolicy is not Fail: %.*s",
			    STR_ARG(doctor_names_str(&open)));
	doctor_pass(a, r, "nothing passes unjudged while Bulkhead is away");
}

const struct doctor_check doctor_webhook_failure = {
	.id = "webhook.failurePolicy",
	.title = "What cannot be judged is refused",
	.run = check_failure,
};
