/* The policy set, and who names what of it. */
#include "cli/doctor/all.h"

#include "lib/timestamp.h"

enum { DAY = 24 * 60 * 60, SOON = 7 * DAY };

static void check_load(struct arena *a, const struct doctor_facts *f,
		       struct doctor_result *r)
{
	if (f->shipped)
		doctor_skip(a, r,
			    "Bulkhead is not installed: what follows is "
			    "judged by the shipped tiers");
	if (doctor_unread(a, f, FACT_TIERS, r) ||
	    doctor_unread(a, f, FACT_POLICIES, r) ||
	    doctor_unread(a, f, FACT_EXCEPTIONS, r))
		return;
	if (!f->snapshot) {
		doctor_fail(a, r,
			    "mend it: until then Bulkhead goes on with the "
			    "last good set, or with none after a restart; "
			    "policies/tiers holds a set to start from",
			    "the set is refused: %.*s", STR_ARG(f->refused));
		return;
	}
	doctor_pass(a, r,
		    "%zu tiers, %zu policies, %zu exceptions, %zu warnings "
		    "('bulkhead tiers lint' tells them)",
		    f->snapshot->n_tiers, f->snapshot->n_policies,
		    f->snapshot->n_exceptions, f->snapshot->n_warnings);
}

const struct doctor_check doctor_tiers_load = {
	.id = "tiers.load",
	.title = "The policy set loads",
	.run = check_load,
};

static bool no_set(struct arena *a, const struct doctor_facts *f,
		   struct doctor_result *r)
{
	if (f->shipped)
		doctor_skip(a, r, "Bulkhead is not installed");
	else if (!f->snapshot)
		doctor_skip(a, r, "no policy set is loaded: see tiers.load");
	return f->shipped || !f->snapshot;
}

static void check_default(struct arena *a, const struct doctor_facts *f,
			  struct doctor_result *r)
{
	if (no_set(a, f, r))
		return;
	for (size_t i = 0; i < f->snapshot->n_policies; i++) {
		const struct policy *p = &f->snapshot->policies[i];

		if (!p->default_tier)
			continue;
		doctor_pass(a, r, "%.*s, by IsolationPolicy %.*s",
			    STR_ARG(p->default_tier->name), STR_ARG(p->name));
		return;
	}
	doctor_warn(a, r, "set defaultTier in an IsolationPolicy",
		    "there is no default tier: a Sandbox that names none runs "
		    "unjudged, except where its namespace has one");
}

const struct doctor_check doctor_tiers_default = {
	.id = "tiers.default",
	.title = "There is a default tier",
	.run = check_default,
};

static void check_exceptions(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	struct doctor_names expired = { .arena = a }, soon = { .arena = a };

	if (no_set(a, f, r))
		return;
	for (size_t i = 0; i < f->snapshot->n_exceptions; i++) {
		const struct exception *e = &f->snapshot->exceptions[i];

		if (e->expires_at <= f->now)
			doctor_name(&expired, e->name);
		else if (e->expires_at - f->now < SOON)
			doctor_name(&soon, e->name);
	}
	if (soon.n)
		doctor_warn(a, r,
			    "mend what they excuse, or have them prolonged, "
			    "before objects are refused",
			    "about to expire (within 7 days): %.*s",
			    STR_ARG(doctor_names_str(&soon)));
	if (expired.n)
		doctor_warn(a, r, "delete them, or have them prolonged",
			    "expired: %.*s",
			    STR_ARG(doctor_names_str(&expired)));
	doctor_pass(a, r, "%zu in force", f->snapshot->n_exceptions);
}

const struct doctor_check doctor_tiers_exceptions = {
	.id = "tiers.exceptions",
	.title = "No exception has expired or is about to",
	.run = check_exceptions,
};

/* ---- who uses a tier ---- */

static const char *const labels[] = { LABEL_ENFORCE, LABEL_WARN, LABEL_AUDIT };

bool doctor_tier_is_used(const struct doctor_facts *f, const struct tier *tier)
{
	json_each_item(ns, &f->lists[FACT_NAMESPACES].items)
		if (json_str_is(
			    json_at(ns, "metadata", "labels", LABEL_ENFORCE),
			    tier->name))
			return true;
	json_each_item(pod, &f->lists[FACT_PODS].items)
		if (json_str_is(json_at(pod, "metadata", "labels", LABEL_TIER),
				tier->name))
			return true;
	for (size_t i = 0; f->snapshot && i < f->snapshot->n_policies; i++) {
		const struct policy *p = &f->snapshot->policies[i];

		if (p->default_tier == tier)
			return true;
		for (size_t n = 0; n < p->n_rules; n++)
			if (p->rules[n].floor == tier)
				return true;
	}
	return false;
}

/* Returns how many of our labels the namespace has. */
static size_t find_unknown(const struct doctor_facts *f, const struct json *ns,
			   struct doctor_names *unknown)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct arena *a = unknown->arena;
		struct str tier =
			json_str(json_at(ns, "metadata", "labels", labels[i]));

		n += tier.p != NULL;
		if (tier.p && !snapshot_tier(f->snapshot, tier))
			doctor_name(unknown,
				    arena_printf(a, "%.*s (%s=%.*s)",
						 STR_ARG(doctor_title(a, ns)),
						 labels[i], STR_ARG(tier)));
	}
	return n;
}

static void check_namespaces(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	struct doctor_names unknown = { .arena = a };
	struct str fix;
	size_t n = 0;

	if (doctor_unread(a, f, FACT_NAMESPACES, r) || no_set(a, f, r))
		return;
	json_each_item(ns, &f->lists[FACT_NAMESPACES].items)
		n += find_unknown(f, ns, &unknown);
	fix = arena_printf(a, "relabel them; there are %.*s",
			   STR_ARG(snapshot_tier_names(a, f->snapshot)));
	if (unknown.n)
		doctor_fail(a, r, fix.p,
			    "unknown tiers, so all sandboxes there are "
			    "refused: %.*s",
			    STR_ARG(doctor_names_str(&unknown)));
	doctor_pass(a, r, "%zu labels, all name tiers that exist", n);
}

const struct doctor_check doctor_namespaces_tiers = {
	.id = "namespaces.tiers",
	.title = "Labels of namespaces name tiers that exist",
	.run = check_namespaces,
};

/* ---- beside Pod Security admission ---- */

static int level_of(const struct json *ns)
{
	struct str level =
		json_str(json_at(ns, "metadata", "labels",
				 "pod-security.kubernetes.io/enforce"));

	if (str_is(level, "restricted"))
		return POD_RESTRICTED;
	return str_is(level, "baseline") ? POD_BASELINE : POD_PRIVILEGED;
}

static void check_pod_security(struct arena *a, const struct doctor_facts *f,
			       struct doctor_result *r)
{
	struct doctor_names stricter = { .arena = a };

	if (doctor_unread(a, f, FACT_NAMESPACES, r) || no_set(a, f, r))
		return;
	json_each_item(ns, &f->lists[FACT_NAMESPACES].items) {
		const struct tier *tier = snapshot_tier(
			f->snapshot, json_str(json_at(ns, "metadata", "labels",
						      LABEL_ENFORCE)));

		if (tier && level_of(ns) > tier->pod.level)
			doctor_name(&stricter, doctor_title(a, ns));
	}
	if (stricter.n)
		doctor_warn(a, r,
			    "give the namespace a tier of that level, or the "
			    "level of the tier",
			    "pod-security.kubernetes.io/enforce is stricter "
			    "than the tier, so Pods that the tier allows are "
			    "refused by Pod Security: %.*s",
			    STR_ARG(doctor_names_str(&stricter)));
	doctor_pass(a, r,
		    "no namespace's level is stricter than its tier (which "
		    "runtime classes the API server exempts it does not show)");
}

const struct doctor_check doctor_namespaces_pod_security = {
	.id = "namespaces.podSecurity",
	.title = "Pod Security admission does not contradict tiers",
	.run = check_pod_security,
};
