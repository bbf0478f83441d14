/* policies/tier.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

static const struct tier *open_tier(struct scene *s, const char *text)
{
	scene_open(s, text);
	return s->snapshot->tiers[0];
}

#define ALONE(spec) OURS("IsolationTier", "t", "strength: 1" spec) "text\n"

static void what_is_left_out_is_strict(void **state)
{
	struct scene s;
	const struct tier *t = open_tier(&s, ALONE(""));

	(void)state;
	assert_int_equal(t->enforcement, ENFORCEMENT_ENFORCE);
	assert_int_equal(t->runtime.on_missing, ON_MISSING_DENY);
	assert_int_equal(t->runtime.allow_annotations.n, 0);
	assert_int_equal(t->pod.level, POD_RESTRICTED);
	assert_int_equal(t->pod.version, POD_VERSION_LATEST);
	assert_int_equal(t->pod.service_account_token, PERMISSION_DENY);
	assert_true(t->pod.any_volume);
	assert_int_equal(t->network.egress.mode, EGRESS_ALLOW_LIST);
	assert_true(t->network.egress.block_private);
	assert_int_equal(t->network.ingress.mode, INGRESS_ROUTER);
	assert_int_equal(t->lifecycle.shutdown_policy, SHUTDOWN_DELETE);
	assert_int_equal(t->access.exec, PERMISSION_DENY);
	assert_int_equal(t->access.ephemeral_containers, PERMISSION_DENY);
	assert_false(json_exists(t->network.ingress.router_labels));
	scene_close(&s);
}

static void null_is_as_left_out(void **state)
{
	struct scene s;
	const struct tier *t = open_tier(
		&s, ALONE(", enforcement: null, pod: {level: null, volumes: "
			  "null}, rules: null, network: null, lifecycle: "
			  "{ttl: null}"));

	(void)state;
	assert_int_equal(t->enforcement, ENFORCEMENT_ENFORCE);
	assert_int_equal(t->pod.level, POD_RESTRICTED);
	assert_true(t->pod.any_volume);
	assert_int_equal(t->n_rules, 0);
	scene_close(&s);
}

static void every_field_is_read(void **state)
{
	struct scene s;
	const struct tier *t = open_tier(
		&s,
		ALONE(", enforcement: Warn, runtime: {classNames: [a, b], "
		      "onMissing: Warn, allowAnnotations: [^x]}, pod: {level: "
		      "{level: Baseline, version: v1.29}, volumes: [], "
		      "readOnlyRootFilesystem: true, serviceAccountToken: "
		      "Allow, images: {allow: [a], deny: [b, c], "
		      "requireDigest: true}, maxContainers: 7, "
		      "schedulerNames: [s]}, resources: {max: {cpu: 1500m}}, "
		      "lifecycle: {ttl: {default: 90m, max: 2h}, "
		      "shutdownPolicy: Retain, shutdownPolicies: [Delete]}, "
		      "access: {exec: Allow}, rules: [{id: i, path: a.b, "
		      "from: Pod, enforcement: Audit, in: [c]}, {id: j, path: "
		      "a, exists: false}]"));

	(void)state;
	assert_int_equal(t->enforcement, ENFORCEMENT_WARN);
	assert_int_equal(t->runtime.class_names.n, 2);
	assert_int_equal(t->runtime.on_missing, ON_MISSING_WARN);
	assert_int_equal(t->pod.level, POD_BASELINE);
	assert_int_equal(t->pod.version, 29);
	assert_false(t->pod.any_volume);
	assert_int_equal(t->pod.images.deny.n, 2);
	assert_int_equal(t->pod.max_containers, 7);
	assert_true(str_is(quantities_find(&t->resources.max, STR("cpu"))->text,
			   "1500m"));
	assert_null(quantities_find(&t->resources.max, STR("memory")));
	assert_int_equal(t->lifecycle.ttl_max / 1000000000, 7200);
	assert_int_equal(t->lifecycle.shutdown_policy, SHUTDOWN_RETAIN);
	assert_int_equal(t->access.exec, PERMISSION_ALLOW);
	assert_int_equal(t->n_rules, 2);
	assert_true(t->rules[0].from_pod);
	assert_int_equal(t->rules[0].enforcement, ENFORCEMENT_AUDIT);
	assert_int_equal(t->rules[1].enforcement, ENFORCEMENT_ENFORCE);
	assert_true(json_is_false(t->rules[1].exists));
	assert_int_equal(s.snapshot->patterns.n, 4);
	scene_close(&s);
}

static void names_stand_in_the_order_of_their_enums(void **state)
{
	(void)state;
	assert_string_equal(enforcement_names[ENFORCEMENT_ENFORCE], "Enforce");
	assert_string_equal(pod_level_names[POD_RESTRICTED], "Restricted");
	assert_string_equal(on_missing_names[ON_MISSING_WARN], "Warn");
	assert_string_equal(permission_names[PERMISSION_ALLOW], "Allow");
	assert_string_equal(egress_mode_names[EGRESS_UNRESTRICTED],
			    "Unrestricted");
	assert_string_equal(egress_dns_names[DNS_EXTERNAL], "External");
	assert_string_equal(ingress_mode_names[INGRESS_UNRESTRICTED],
			    "Unrestricted");
	assert_string_equal(shutdown_policy_names[SHUTDOWN_DELETE_FOREGROUND],
			    "DeleteForeground");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out_is_strict),
		cmocka_unit_test(null_is_as_left_out),
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(names_stand_in_the_order_of_their_enums),
	};

	return cmocka_run_group_tests_name("policies/tier.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
