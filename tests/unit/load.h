/*
 * For tests that judge: YAML text to policy, inventory and subject, as the
 * command line reads files.
 *
 *	struct scene s;
 *
 *	scene_open(&s, TIER("weak", "100", "") SANDBOX("", "{}"));
 *	engine_validate(&s.arena, &s.engine, &s.subject, &d);
 *	scene_close(&s);
 *
 * The last document that is not bulkhead.dev's is the subject, created in a
 * file at load_now; the others are what the cluster has.
 */
#ifndef TESTS_UNIT_LOAD_H
#define TESTS_UNIT_LOAD_H

#include "policies/engine.h"
#include "policies/spelling.h"

enum { DOCS_MAX = 64 };

/* 2026-11-21T06:00:00Z */
extern const int64_t load_now;

struct docs {
	struct json v[DOCS_MAX];
	size_t n;
	const struct json *subject; /* NULL: the last that is not ours */
};

struct scene {
	struct arena arena;
	struct snapshot *snapshot;
	struct inventory *inventory;
	struct docs *docs;
	struct spelling *spelling; /* of the subject */
	struct subject subject;
	struct engine engine;
};

int load_docs(struct arena *a, struct str text, struct docs *out,
	      struct error *err) MUST_CHECK;

/* The set of the bulkhead.dev documents; *out stays NULL when there is none. */
int load_policy(const struct docs *docs, struct str name, struct snapshot **out,
		struct error *err) MUST_CHECK;

/* Inventory, subject and engine; false when docs hold no subject. */
bool load_objects(struct scene *s);

/* All of it, with the shipped policy when the text has none; or fails. */
void scene_open(struct scene *s, const char *text);
void scene_close(struct scene *s);

/* One document of YAML, or fails; NULL text is the missing value. */
const struct json *load_json(struct arena *a, const char *text);

/* One request in a table of tests. */
struct request {
	const char *name;
	const char *user; /* NULL: nobody asks, a live object is judged */
	const char *resource, *subresource;
	enum operation operation;
	const char *old, *now; /* documents of YAML; NULL: none */
	const char *rule;      /* NULL: any */
	size_t denied, warned; /* findings of that rule */
};

/* Judges each in the world of scene_open, whose subject it replaces. */
void requests_run(const char *world, const struct request *rows, size_t n);

/* How many findings, of one rule (NULL: of all), with what action. */
size_t count_findings(const struct verdict *v, const char *rule,
		      enum action action);

#define DOC(api, kind, metadata, spec)                                         \
	"{apiVersion: " api ", kind: " kind ", metadata: {" metadata "}, "     \
	"spec: " spec "}\n---\n"
#define OURS(kind, name, spec)                                                 \
	DOC("bulkhead.dev/v1alpha1", kind, "name: " name, "{" spec "}")
/* A tier that asks for nothing but what "more" says. */
#define TIER(name, strength, more)                                             \
	OURS("IsolationTier", name,                                            \
	     "strength: " strength ", "                                        \
	     "pod: {level: Privileged, serviceAccountToken: Allow}, "          \
	     "network: {egress: {mode: Unrestricted, blockPrivate: false}, "   \
	     "ingress: {mode: Unrestricted}}, "                                \
	     "lifecycle: {shutdownPolicy: Retain}" more)
#define POLICY(spec) OURS("IsolationPolicy", "p", spec)
#define EXCEPTION(name, target, rules, expires)                                \
	OURS("IsolationException", name,                                       \
	     "target: {" target "}, rules: [" rules "], reason: r, "           \
	     "expiresAt: '" expires "'")
#define NAMESPACE(name, labels)                                                \
	"{apiVersion: v1, kind: Namespace, metadata: {name: " name             \
	", labels: {" labels "}}}\n---\n"
#define IN_A(labels) "name: x, namespace: a, labels: {" labels "}"
#define SANDBOX(labels, pod)                                                   \
	DOC("agents.x-k8s.io/v1beta1", "Sandbox", IN_A(labels),                \
	    "{podTemplate: {spec: " pod "}}")
#define POD(labels, pod) DOC("v1", "Pod", IN_A(labels), pod)

#endif
