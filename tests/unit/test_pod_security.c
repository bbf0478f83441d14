/*
 * policies/pod_security.c and policies/rules/pss_*.c, against what Kubernetes'
 * own admission says of the Pods in tests/cases/podsecurity/pods.jsonl (made by
 * tests/oracle/podsecurity).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "lib/json_write.h"
#include "policies/place.h"
#include "policies/rules/all.h"

static const char pods[] = "tests/cases/podsecurity/pods.jsonl";

/* Our rules and the checks of Kubernetes, sorted by the latter. */
static const struct control {
	const struct rule *rule;
	const char *check;
	/* At Restricted, from this version on, another check takes over. */
	const char *restricted_check;
	int64_t restricted_since;
} controls[] = {
	{ .rule = &rule_pss_allow_privilege_escalation,
	  .check = "allowPrivilegeEscalation" },
	{ .rule = &rule_pss_app_armor, .check = "appArmorProfile" },
	{ .rule = &rule_pss_capabilities, .check = "capabilities_baseline" },
	{ .rule = &rule_pss_capabilities_restricted,
	  .check = "capabilities_restricted" },
	{ .rule = &rule_pss_host_namespaces, .check = "hostNamespaces" },
	{ .rule = &rule_pss_host_path_volumes, .check = "hostPathVolumes" },
	{ .rule = &rule_pss_host_ports, .check = "hostPorts" },
	{ .rule = &rule_pss_host_probes,
	  .check = "hostProbesAndHostLifecycle" },
	{ .rule = &rule_pss_privileged, .check = "privileged" },
	{ .rule = &rule_pss_proc_mount,
	  .check = "procMount",
	  .restricted_check = "procMount_restricted",
	  .restricted_since = 35 },
	{ .rule = &rule_pss_volume_types, .check = "restrictedVolumes" },
	{ .rule = &rule_pss_run_as_non_root, .check = "runAsNonRoot" },
	{ .rule = &rule_pss_run_as_user, .check = "runAsUser" },
	{ .rule = &rule_pss_se_linux, .check = "seLinuxOptions" },
	{ .rule = &rule_pss_seccomp, .check = "seccompProfile_baseline" },
	{ .rule = &rule_pss_seccomp_required,
	  .check = "seccompProfile_restricted" },
	{ .rule = &rule_pss_sysctls, .check = "sysctls" },
	{ .rule = &rule_pss_host_process, .check = "windowsHostProcess" },
};

/* One Pod under one tier that asks for nothing but the standards. */
struct run {
	struct arena arena;
	struct tier tier;
	struct subject subject;
	struct target target;
	struct verdict verdict;
};

static void run_start(struct run *r, const struct json *pod, int level,
		      int64_t version)
{
	arena_reset(&r->arena);
	r->tier = (struct tier){ .name = STR("t") };
	r->tier.pod.level = level;
	r->tier.pod.version = version;
	r->verdict = (struct verdict){ .n_findings = 0 };
	r->subject = (struct subject){ .version = STR("v1"),
				       .kind = STR("Pod"),
				       .ns = STR("a"),
				       .object = pod };
	r->target = (struct target){ .arena = &r->arena,
				     .subject = &r->subject,
				     .tier = &r->tier };
	target_view(&r->target, NULL);
}

/* The failing checks, joined by commas. */
static struct str run_checks(struct run *r)
{
	struct str failed = STR("");

	for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
		const struct control *k = &controls[i];
		struct check c = { .target = &r->target,
				   .rule = k->rule,
				   .verdict = &r->verdict,
				   .action = ACTION_DENY };
		const char *check = k->check;
		size_t before = r->verdict.n_findings;

		k->rule->check(&c);
		if (r->verdict.n_findings == before)
			continue;
		if (k->restricted_check &&
		    r->tier.pod.level == POD_RESTRICTED &&
		    r->tier.pod.version >= k->restricted_since)
			check = k->restricted_check;
		failed = arena_printf(&r->arena, "%.*s%s%s", STR_ARG(failed),
				      failed.n ? "," : "", check);
	}
	return failed;
}

/* Lets all rules fill, each seeing what earlier ones did. */
static size_t run_fills(struct run *r, struct json *filled)
{
	size_t before = r->verdict.n_fills;

	for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
		struct json_edit edit =
			json_edit_start(&r->arena, r->subject.object);
		struct fill f = { .target = &r->target,
				  .rule = controls[i].rule,
				  .edit = &edit,
				  .verdict = &r->verdict };

		if (!f.rule->fill)
			continue;
		f.rule->fill(&f);
		*filled = edit.root;
		r->subject.object = filled;
		target_view(&r->target, NULL);
	}
	return r->verdict.n_fills - before;
}

static int no_two_findings_are_of_one_field(struct run *r)
{
	for (size_t i = 0; i < r->verdict.n_findings; i++) {
		const struct finding *x = &r->verdict.findings[i];

		for (size_t j = 0; j < i; j++) {
			const struct finding *y = &r->verdict.findings[j];

			if (str_eq(x->field, y->field) &&
			    str_is(x->id, y->rule))
				return 0;
		}
	}
	return 1;
}

/* One comparison; prints what differs. */
static bool agree(struct run *r, const struct json *pod, int level,
		  int64_t version, struct str want)
{
	struct str got;

	run_start(r, pod, level, version);
	got = run_checks(r);
	assert_true(no_two_findings_are_of_one_field(r));
	if (str_eq(got, want))
		return true;
	print_error("%s v1.%lld: got \"%.*s\", Kubernetes says \"%.*s\"\n%s\n",
		    level == POD_BASELINE ? "baseline" : "restricted",
		    (long long)version, STR_ARG(got), STR_ARG(want),
		    json_to_str(&r->arena, pod).p);
	return false;
}

/* What the entries [minor, "a,b"] of a line say of a version. */
static struct str expected(const struct json *entries, int64_t version)
{
	struct str want = STR_NONE;

	json_each_item(entry, entries) {
		int64_t since;

		assert_true(json_int(json_item(entry, 0), &since));
		if (since <= version)
			want = json_str(json_item(entry, 1));
	}
	return want;
}

/* The file, line by line: the first line is *head, fn gets the others. */
static size_t each_line(size_t (*fn)(const struct json *head,
				     const struct json *line))
{
	CLEANUP(arena_release) struct arena first = ARENA_INIT;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	FILE *file = fopen(pods, "re");
	struct json head, line;
	char *text = NULL;
	size_t room = 0, sum = 0;
	ssize_t n;

	assert_non_null(file);
	n = getline(&text, &room, file);
	assert_true(n > 0);
	assert_int_equal(
		json_read(&first,
			  arena_str(&first, (struct str){ text, (size_t)n }), 0,
			  NULL, &head, &err),
		0);
	while ((n = getline(&text, &room, file)) > 0) {
		arena_reset(&a);
		assert_int_equal(json_read(&a, (struct str){ text, (size_t)n },
					   0, NULL, &line, &err),
				 0);
		sum += fn(&head, &line);
	}
	free(text);
	assert_int_equal(fclose(file), 0);
	return sum;
}

static size_t compared;

static size_t compare_line(const struct json *head, const struct json *line)
{
	static struct run r;
	const struct json *pod = json_at(line, "pod");
	size_t wrong = 0;

	json_each_item(v, json_at(head, "versions")) {
		int64_t version;

		assert_true(json_int(v, &version));
		wrong += !agree(&r, pod, POD_BASELINE, version,
				expected(json_at(line, "baseline"), version));
		wrong += !agree(&r, pod, POD_RESTRICTED, version,
				expected(json_at(line, "restricted"), version));
		wrong += !agree(&r, pod, POD_PRIVILEGED, version, STR(""));
		compared += 2;
	}
	arena_release(&r.arena);
	return wrong;
}

static void verdicts_are_those_of_kubernetes(void **state)
{
	(void)state;
	assert_int_equal(each_line(compare_line), 0);
	print_message("compared %zu verdicts\n", compared);
	assert_true(compared > 80000);
}

/* Every name in x is one in y. */
static bool is_subset(struct str x, struct str y)
{
	struct str name;

	while (x.n && str_split(&x, ',', &name)) {
		struct str rest = y, other;
		bool found = false;

		while (!found && str_split(&rest, ',', &other))
			found = str_eq(name, other);
		if (!found)
			return false;
	}
	return true;
}

/* The number of values that were filled in. */
static size_t fill_line(const struct json *head, const struct json *line)
{
	static struct run r;
	size_t sum = 0;

	json_each_item(v, json_at(head, "versions")) {
		struct json filled = *json_at(line, "pod");
		struct str before, after;
		int64_t version;
		size_t n;

		assert_true(json_int(v, &version));
		before = expected(json_at(line, "restricted"), version);
		run_start(&r, json_at(line, "pod"), POD_RESTRICTED, version);
		n = run_fills(&r, &filled);
		assert_int_equal(run_fills(&r, &filled), 0);
		after = run_checks(&r);
		if (!is_subset(after, before) || (n && !before.n)) {
			print_error("v1.%lld: %zu fills, \"%.*s\" became "
				    "\"%.*s\"\n%s\n",
				    (long long)version, n, STR_ARG(before),
				    STR_ARG(after),
				    json_to_str(&r.arena, &filled).p);
			fail();
		}
		sum += n;
	}
	arena_release(&r.arena);
	return sum;
}

static void filling_never_adds_a_violation_and_only_acts_on_one(void **state)
{
	size_t n = each_line(fill_line);

	(void)state;
	print_message("filled in %zu values\n", n);
	assert_true(n > 10000);
}

static void nothing_is_filled_below_restricted(void **state)
{
	static const char text[] = "{\"spec\":{\"containers\":[{}]}}";
	struct error err = ERROR_INIT;
	struct run r = { .arena = ARENA_INIT };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json pod, filled;

	(void)state;
	assert_int_equal(json_read(&a, STR(text), 0, NULL, &pod, &err), 0);
	run_start(&r, &pod, POD_BASELINE, POD_VERSION_LATEST);
	assert_int_equal(run_fills(&r, &filled), 0);
	run_start(&r, &pod, POD_RESTRICTED, POD_VERSION_LATEST);
	assert_int_equal(run_fills(&r, &filled), 4);
	arena_release(&r.arena);
}

/* clang-format off */
static const struct {
	int level;
	const char *spec, *field, *id;
} wrong_types[] = {
	{ POD_BASELINE, "1", "spec", "pss.hostNamespaces" },
	{ POD_BASELINE, "{\"containers\":{\"a\":{}}}", "spec.containers",
	  "pss.privileged" },
	{ POD_BASELINE, "{\"initContainers\":\"a\"}", "spec.initContainers",
	  "pss.privileged" },
	{ POD_BASELINE, "{\"containers\":[\"a\"]}", "spec.containers[0]",
	  "pss.privileged" },
	{ POD_BASELINE, "{\"hostPID\":\"true\"}", "spec.hostPID",
	  "pss.hostNamespaces" },
	{ POD_BASELINE, "{\"hostNetwork\":1}", "spec.hostNetwork",
	  "pss.hostNamespaces" },
	{ POD_BASELINE, "{\"containers\":[{\"securityContext\":[]}]}",
	  "spec.containers[0].securityContext", "pss.procMount" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"securityContext\":{\"privileged\":\"true\"}}]}",
	  "spec.containers[0].securityContext.privileged", "pss.privileged" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"securityContext\":{\"procMount\":[]}}]}",
	  "spec.containers[0].securityContext.procMount", "pss.procMount" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"securityContext\":{\"capabilities\":"
	  "{\"add\":\"SYS_ADMIN\"}}}]}",
	  "spec.containers[0].securityContext.capabilities.add",
	  "pss.capabilities" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"securityContext\":{\"capabilities\":"
	  "{\"add\":[[\"SYS_ADMIN\"]]}}}]}",
	  "spec.containers[0].securityContext.capabilities.add[0]",
	  "pss.capabilities" },
	{ POD_BASELINE, "{\"containers\":[{\"ports\":{\"hostPort\":1}}]}",
	  "spec.containers[0].ports", "pss.hostPorts" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"ports\":[{\"hostPort\":\"80\"}]}]}",
	  "spec.containers[0].ports[0].hostPort", "pss.hostPorts" },
	{ POD_BASELINE, "{\"containers\":[{\"ports\":[{\"hostPort\":0.5}]}]}",
	  "spec.containers[0].ports[0].hostPort", "pss.hostPorts" },
	{ POD_BASELINE,
	  "{\"containers\":[{\"livenessProbe\":{\"httpGet\":{\"host\":[]}}}]}",
	  "spec.containers[0].livenessProbe.httpGet.host", "pss.hostProbes" },
	{ POD_BASELINE, "{\"containers\":[{\"lifecycle\":[]}]}",
	  "spec.containers[0].lifecycle", "pss.hostProbes" },
	{ POD_BASELINE, "{\"volumes\":{\"hostPath\":{}}}", "spec.volumes",
	  "pss.hostPathVolumes" },
	{ POD_BASELINE, "{\"volumes\":[{\"hostPath\":\"/\"}]}",
	  "spec.volumes[0].hostPath", "pss.hostPathVolumes" },
	{ POD_BASELINE, "{\"securityContext\":{\"seLinuxOptions\":\"a\"}}",
	  "spec.securityContext.seLinuxOptions", "pss.seLinux" },
	{ POD_BASELINE,
	  "{\"securityContext\":{\"seLinuxOptions\":{\"user\":7}}}",
	  "spec.securityContext.seLinuxOptions.user", "pss.seLinux" },
	{ POD_BASELINE, "{\"securityContext\":{\"sysctls\":{\"name\":\"a\"}}}",
	  "spec.securityContext.sysctls", "pss.sysctls" },
	{ POD_BASELINE, "{\"securityContext\":{\"sysctls\":[{\"name\":1}]}}",
	  "spec.securityContext.sysctls[0].name", "pss.sysctls" },
	{ POD_BASELINE,
	  "{\"securityContext\":{\"appArmorProfile\":\"Unconfined\"}}",
	  "spec.securityContext.appArmorProfile", "pss.appArmor" },
	{ POD_BASELINE,
	  "{\"securityContext\":{\"seccompProfile\":{\"type\":true}}}",
	  "spec.securityContext.seccompProfile.type", "pss.seccomp" },
	{ POD_BASELINE,
	  "{\"securityContext\":{\"windowsOptions\":{\"hostProcess\":1}}}",
	  "spec.securityContext.windowsOptions.hostProcess",
	  "pss.hostProcess" },
	{ POD_RESTRICTED, "{\"volumes\":[\"hostPath\"]}", "spec.volumes[0]",
	  "pss.volumeTypes" },
	{ POD_RESTRICTED, "{\"volumes\":[{\"secret\":[]}]}",
	  "spec.volumes[0].secret", "pss.volumeTypes" },
	{ POD_RESTRICTED, "{\"volumes\":[{\"emptyDir\":{},\"hostPath\":{}}]}",
	  "spec.volumes[0].hostPath", "pss.volumeTypes" },
	{ POD_RESTRICTED, "{\"securityContext\":{\"runAsNonRoot\":\"true\"}}",
	  "spec.securityContext.runAsNonRoot", "pss.runAsNonRoot" },
	{ POD_RESTRICTED, "{\"securityContext\":{\"runAsUser\":\"0\"}}",
	  "spec.securityContext.runAsUser", "pss.runAsUser" },
	{ POD_RESTRICTED, "{\"securityContext\":{\"runAsUser\":0.0}}",
	  "spec.securityContext.runAsUser", "pss.runAsUser" },
	{ POD_RESTRICTED, "{\"securityContext\":{\"seccompProfile\":[]}}",
	  "spec.securityContext.seccompProfile", "pss.seccompRequired" },
	{ POD_RESTRICTED,
	  "{\"containers\":[{\"securityContext\":"
	  "{\"allowPrivilegeEscalation\":\"false\"}}]}",
	  "spec.containers[0].securityContext.allowPrivilegeEscalation",
	  "pss.allowPrivilegeEscalation" },
	{ POD_RESTRICTED,
	  "{\"containers\":[{\"securityContext\":{\"capabilities\":"
	  "{\"drop\":\"ALL\"}}}]}",
	  "spec.containers[0].securityContext.capabilities.drop",
	  "pss.capabilitiesRestricted" },
	{ POD_RESTRICTED, "{\"containers\":[{\"securityContext\":\"none\"}]}",
	  "spec.containers[0].securityContext", "pss.runAsNonRoot" },
	{ POD_RESTRICTED, "{\"containers\":[{\"securityContext\":true}]}",
	  "spec.containers[0].securityContext",
	  "pss.allowPrivilegeEscalation" },
	{ POD_RESTRICTED,
	  "{\"containers\":[{\"securityContext\":{\"capabilities\":[]}}]}",
	  "spec.containers[0].securityContext.capabilities",
	  "pss.capabilitiesRestricted" },
	{ POD_RESTRICTED,
	  "{\"hostUsers\":\"false\",\"securityContext\":{\"runAsUser\":0}}",
	  "spec.securityContext.runAsUser", "pss.runAsUser" },
};
/* clang-format on */

/* The rule says that one thing, and nothing else. */
static bool is_only_finding(const struct verdict *v, const char *field,
			    const char *id)
{
	size_t n = 0, there = 0;

	for (size_t i = 0; i < v->n_findings; i++) {
		if (!str_is(v->findings[i].id, id))
			continue;
		n++;
		there += str_is(v->findings[i].field, field);
	}
	return n == 1 && there == 1;
}

static void a_value_of_the_wrong_type_is_a_violation(void **state)
{
	struct run r = { .arena = ARENA_INIT };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong_types); i++) {
		struct str text =
			arena_printf(&a, "{\"spec\":%s}", wrong_types[i].spec);
		struct json pod, filled;

		assert_int_equal(json_read(&a, text, 0, NULL, &pod, &err), 0);
		run_start(&r, &pod, wrong_types[i].level, POD_VERSION_LATEST);
		run_checks(&r);
		assert_true(no_two_findings_are_of_one_field(&r));
		if (!is_only_finding(&r.verdict, wrong_types[i].field,
				     wrong_types[i].id))
			fail_msg("%s: not just one [%s] at %s", text.p,
				 wrong_types[i].id, wrong_types[i].field);
		run_fills(&r, &filled);
		r.verdict.n_findings = 0;
		run_checks(&r);
		assert_true(is_only_finding(&r.verdict, wrong_types[i].field,
					    wrong_types[i].id));
	}
	arena_release(&r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_those_of_kubernetes),
		cmocka_unit_test(
			filling_never_adds_a_violation_and_only_acts_on_one),
		cmocka_unit_test(nothing_is_filled_below_restricted),
		cmocka_unit_test(a_value_of_the_wrong_type_is_a_violation),
	};

	return cmocka_run_group_tests_name("policies/pod_security.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
