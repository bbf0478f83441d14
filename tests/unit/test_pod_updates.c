/*
 * Updates of Pods, through all three doors: the object, its ephemeral
 * containers, its size. Each row is one request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

/* Everything that the rows do not look at is allowed. */
static const char world[] =
	OURS("IsolationTier", "t",
	     "strength: 200, pod: {level: Restricted, images: {allow: "
	     "['^good/']}}, runtime: {classNames: [gvisor]}, resources: "
	     "{max: {cpu: '2'}}, access: {ephemeralContainers: Allow}")
		NAMESPACE("a", "bulkhead.dev/enforce: t")
	/* The subject that every row replaces. */
	POD("", "{}");

#define STAMP "bulkhead.dev/tier: t"
#define P(metadata, spec)                                                      \
	"{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: "          \
	"a, " metadata "}, spec: {runtimeClassName: gvisor, " spec "}}"
#define LABELS(l) "labels: {" STAMP l "}"
#define NOTES(n) LABELS("") ", annotations: {" n "}"
#define SAFE                                                                   \
	"securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: "    \
	"true, capabilities: {drop: [ALL]}, seccompProfile: {type: "           \
	"RuntimeDefault}}"
#define BAD(image)                                                             \
	"hostNetwork: true, containers: [{name: c, image: " image "}]"
#define TWO(one, two)                                                          \
	"containers: [{name: c, image: " one "}, {name: d, image: " two "}]"
#define EPHEMERAL(list) BAD("bad/x") ", ephemeralContainers: [" list "]"
#define OLD_DEBUG "{name: old, image: bad/debug}"
#define SIZED(cpu, init, sidecar)                                              \
	"hostNetwork: true, containers: [{name: c, image: good/x, resources: " \
	"{limits: {cpu: " cpu "}}}], initContainers: [{name: s, "              \
	"restartPolicy: Always, resources: {limits: {cpu: " sidecar "}}}, "    \
	"{name: i, resources: {limits: {cpu: " init "}}}]"

#define UPDATE_POD(n, user, sub, old, now, rule, denied, warned)               \
	{                                                                      \
		n, user, "pods", sub, OPERATION_UPDATE, old, now, rule,        \
			denied, warned                                         \
	}

static const struct request pods[] = {
	UPDATE_POD("a foreign label", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P(LABELS(", a: b"), BAD("bad/x")), "pod.images", 0, 1),
	UPDATE_POD("a kubelet's annotation", "system:node:n1", "",
		   P(LABELS(""), BAD("bad/x")), P(NOTES("a: b"), BAD("bad/x")),
		   NULL, 0, 8),
	UPDATE_POD("a worse image", "jane", "", P(LABELS(""), BAD("good/x")),
		   P(LABELS(""), BAD("bad/x")), "pod.images", 1, 0),
	UPDATE_POD("another bad image", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), BAD("bad/y")), "pod.images", 1, 0),
	UPDATE_POD("an image is no reason for the rest", "jane", "",
		   P(LABELS(""), BAD("good/x")), P(LABELS(""), BAD("good/y")),
		   "pss.hostNamespaces", 0, 1),
	UPDATE_POD("a better image", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), BAD("good/x")), "pod.images", 0, 0),
	UPDATE_POD("the other container's image", "jane", "",
		   P(LABELS(""), TWO("bad/x", "good/x")),
		   P(LABELS(""), TWO("bad/x", "bad/y")), "pod.images", 1, 1),
	UPDATE_POD("a toleration", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), BAD("bad/x") ", tolerations: [{}]"),
		   "pod.images", 0, 1),
	UPDATE_POD("a runtime annotation", "jane", "",
		   P(NOTES(""), BAD("bad/x")),
		   P(NOTES("dev.gvisor.x: one"), BAD("bad/x")),
		   "runtime.annotations", 1, 0),
	UPDATE_POD("a runtime annotation as it was", "jane", "",
		   P(NOTES("dev.gvisor.x: one"), BAD("bad/x")),
		   P(NOTES("dev.gvisor.x: one, a: b"), BAD("bad/x")),
		   "runtime.annotations", 0, 1),
	UPDATE_POD("a runtime annotation's value", "jane", "",
		   P(NOTES("dev.gvisor.x: one"), BAD("bad/x")),
		   P(NOTES("dev.gvisor.x: two"), BAD("bad/x")),
		   "runtime.annotations", 1, 0),
	UPDATE_POD("a runtime annotation removed", "jane", "",
		   P(NOTES("dev.gvisor.x: one"), BAD("bad/x")),
		   P(NOTES(""), BAD("bad/x")), "runtime.annotations", 0, 0),
	UPDATE_POD("the stamp removed", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P("labels: {}", BAD("bad/x")), "label.reserved", 1, 0),
	UPDATE_POD("the stamp removed while it goes", "jane", "",
		   P(LABELS("") ", deletionTimestamp: x", BAD("bad/x")),
		   P("deletionTimestamp: x", BAD("bad/x")), "label.reserved", 1,
		   0),
	UPDATE_POD("an owner added", "jane", "", P(LABELS(""), BAD("bad/x")),
		   P(LABELS("") ", ownerReferences: [{apiVersion: "
				"agents.x-k8s.io/v1beta1, kind: Sandbox, name: "
				"s}]",
		     BAD("bad/x")),
		   "owner.forged", 1, 0),
	UPDATE_POD("a finalizer while it goes", "jane", "",
		   P(LABELS("") ", finalizers: [a/b], deletionTimestamp: x",
		     BAD("bad/x")),
		   P(LABELS("") ", deletionTimestamp: x", BAD("bad/x")), NULL,
		   0, 8),
	UPDATE_POD("the status", "system:node:n1", "status",
		   P(LABELS(""), BAD("good/x")), P("labels: {}", BAD("bad/x")),
		   NULL, 0, 0),
};

static const struct request ephemeral[] = {
	UPDATE_POD("a bad image", "jane", "ephemeralcontainers",
		   P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), EPHEMERAL("{name: d, image: bad/d}")),
		   "pod.images", 1, 1),
	UPDATE_POD(
		"a good image", "jane", "ephemeralcontainers",
		P(LABELS(""), BAD("bad/x")),
		P(LABELS(""), EPHEMERAL("{name: d, image: good/d, " SAFE "}")),
		"pod.images", 0, 1),
	UPDATE_POD(
		"nothing else to refuse", "jane", "ephemeralcontainers",
		P(LABELS(""), BAD("bad/x")),
		P(LABELS(""), EPHEMERAL("{name: d, image: good/d, " SAFE "}")),
		NULL, 0, 9),
	UPDATE_POD(
		"beside an old one", "jane", "ephemeralcontainers",
		P(LABELS(""), EPHEMERAL(OLD_DEBUG)),
		P(LABELS(""), EPHEMERAL(OLD_DEBUG ", {name: d, image: bad/d}")),
		"pod.images", 1, 2),
	UPDATE_POD("privileged", "jane", "ephemeralcontainers",
		   P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""),
		     EPHEMERAL("{name: d, image: good/d, "
			       "securityContext: {privileged: true}}")),
		   "pss.privileged", 1, 0),
	UPDATE_POD("what it leaves out", "jane", "ephemeralcontainers",
		   P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), EPHEMERAL("{name: d, image: good/d}")),
		   "pss.runAsNonRoot", 1, 1),
	UPDATE_POD("an image as a list", "jane", "ephemeralcontainers",
		   P(LABELS(""), BAD("bad/x")),
		   P(LABELS(""), EPHEMERAL("{name: d, image: [good/d]}")),
		   "pod.images", 1, 1),
};

static const struct request resizes[] = {
	UPDATE_POD("above the maximum", "jane", "resize",
		   P(LABELS(""), SIZED("1", "1", "1")),
		   P(LABELS(""), SIZED("3", "1", "1")), "resources.max", 1, 0),
	UPDATE_POD("below it", "jane", "resize",
		   P(LABELS(""), SIZED("3", "1", "1")),
		   P(LABELS(""), SIZED("1", "1", "1")), "resources.max", 0, 0),
	UPDATE_POD("not at all", "jane", "resize",
		   P(LABELS(""), SIZED("3", "1", "1")),
		   P(LABELS(", a: b"), SIZED("3", "1", "1")), "resources.max",
		   0, 1),
	UPDATE_POD("a sidecar, whose sum is told elsewhere", "jane", "resize",
		   P(LABELS(""), SIZED("1", "1", "1")),
		   P(LABELS(""), SIZED("1", "1", "2")), "resources.max", 1, 0),
	UPDATE_POD("a sidecar below an init container", "jane", "resize",
		   P(LABELS(""), SIZED("250m", "1500m", "250m")),
		   P(LABELS(""), SIZED("250m", "1500m", "1")), "resources.max",
		   1, 0),
	UPDATE_POD("the rest is as it was", "jane", "resize",
		   P(LABELS(""), SIZED("1", "1", "1")),
		   P(LABELS(""), SIZED("500m", "1", "1")), "pss.hostNamespaces",
		   0, 1),
};

static void a_pods_update_answers_for_what_it_changes(void **state)
{
	(void)state;
	requests_run(world, pods, ARRAY_LEN(pods));
}

static void a_new_ephemeral_container_is_judged_alone(void **state)
{
	(void)state;
	requests_run(world, ephemeral, ARRAY_LEN(ephemeral));
}

static void a_resize_answers_for_the_sum_of_resources(void **state)
{
	(void)state;
	requests_run(world, resizes, ARRAY_LEN(resizes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pods_update_answers_for_what_it_changes),
		cmocka_unit_test(a_new_ephemeral_container_is_judged_alone),
		cmocka_unit_test(a_resize_answers_for_the_sum_of_resources),
	};

	return cmocka_run_group_tests_name("policies/engine.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
