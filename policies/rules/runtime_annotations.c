/* runtime.annotations: no annotation configures the runtime behind a tier. */
#include "policies/metadata_keys.h"
#include "policies/rules/all.h"
#include "policies/says.h"

#include <strings.h>

/* Ends with a dot: every key below it. */
static const struct str families[] = {
	STR_INIT("dev.gvisor."),
	STR_INIT("io.katacontainers."),
	STR_INIT("io.kubernetes.cri-o."),
	STR_INIT("run.oci."),
	STR_INIT("io.kubernetes.cri.untrusted-workload"),
};

static bool configures_runtime(struct str key)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (key.n >= families[i].n &&
		    strncasecmp(key.p, families[i].p, families[i].n) == 0)
			return true;
	return false;
}

static enum pattern_result allowed(const struct tier *tier, struct str key)
{
	const struct patterns *p = &tier->runtime.allow_annotations;

	for (size_t i = 0; i < p->n; i++) {
		enum pattern_result r = pattern_match(p->v[i], key);

		if (r != PATTERN_NO)
			return r;
	}
	return PATTERN_NO;
}

static void judge(const struct check *c, const struct metadata_key *key)
{
	enum pattern_result r;

	if (!configures_runtime(key->key))
		return;
	r = allowed(c->target->tier, key->key);
	if (r == PATTERN_YES)
		return;
	metadata_report(
		c, key,
		(struct says){
			r == PATTERN_NO
				? STR("configures the container runtime")
				: STR("is too long or complex to be matched"),
			STR("only annotations that runtime.allowAnnotations "
			    "matches"),
			STR("remove it, or have the platform team allow it in "
			    "the tier") });
}

static void check(const struct check *c)
{
	metadata_each(c, METADATA_POD | METADATA_ADDITIONAL,
		      METADATA_ANNOTATIONS, judge);
}

const struct rule rule_runtime_annotations = {
	.id = "runtime.annotations",
	.kinds = SUBJECT_ALL,
	.title = "No annotation changes how the runtime isolates",
	.doc = "Annotations `dev.gvisor.*`, `io.katacontainers.*`, "
	       "`io.kubernetes.cri-o.*`, `run.oci.*` and "
	       "`io.kubernetes.cri.untrusted-workload*` on the Pod, on a Pod "
	       "template and in a claim's `additionalPodMetadata` are refused "
	       "unless a pattern of the tier's `runtime.allowAnnotations` "
	       "matches the key. Upper and lower case do not matter.\n\n"
	       "They reach the runtime's own configuration: kernel "
	       "parameters, the hypervisor, the guest's seccomp filter, its "
	       "network attachment. The class name stays the same while the "
	       "isolation behind it is another. Allow single keys, anchored "
	       "at both ends, and only such as you would give to anyone who "
	       "may create Sandboxes.",
	.fields =
		"metadata.annotations\nspec.additionalPodMetadata.annotations",
	.check = check,
};
