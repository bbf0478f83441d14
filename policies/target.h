/*
 * One object as the rules see it: the same view of a Pod, whatever kind holds
 * it. Built by the engine per decision, borrowed by the rules.
 */
#ifndef POLICIES_TARGET_H
#define POLICIES_TARGET_H

#include "lib/inventory.h"
#include "policies/kinds.h"
#include "policies/selection.h"
#include "policies/snapshot.h"

enum container_type {
	CONTAINER_MAIN,
	CONTAINER_INIT,
	CONTAINER_SIDECAR, /* init container with restartPolicy: Always */
	CONTAINER_EPHEMERAL,
};

/*
 * Each container of a few bytes becomes kilobytes of fills and findings: what
 * nobody means is not looked into.
 */
enum { TARGET_CONTAINERS_MAX = 256 };

struct container {
	const struct json *json;
	enum container_type type;
	struct path list; /* "containers" below the Pod spec */
	size_t index;
	struct str name; /* for messages; may be empty */
};

struct target {
	struct arena *arena;
	const struct snapshot *snapshot;
	const struct inventory *inventory;
	const struct subject *subject;
	const struct selection *selection;
	/* Whose wishes are judged; NULL only for rules with always set. */
	const struct tier *tier;
	int64_t now; /* seconds */
	enum subject_kind kind;
	/* An update that leaves what tiers judge as it was: only told. */
	bool unchanged;

	const struct json *object; /* as it would be stored */
	const struct json *spec;   /* object.spec */

	/*
	 * The Pod that this object becomes; both missing when it has none or
	 * is not known (a claim whose template is not there).
	 */
	const struct json *pod_metadata, *pod_spec;
	struct path pod_steps[KIND_POD_STEPS];
	const struct path *pod_path; /* of what holds them; NULL: the root */
	/*
	 * Set when the Pod stands in another object: "SandboxTemplate a/b",
	 * and the field of this object that refers to it.
	 */
	struct str pod_origin;
	const struct path *pod_ref;
	/* The template, when there is one; else missing. */
	const struct json *template;

	const struct container *containers; /* all types, in that order */
	size_t n_containers;
	/*
	 * How many there are when they are more than TARGET_CONTAINERS_MAX:
	 * then none is listed, and pod.maxContainers refuses the Pod. Else 0.
	 */
	size_t too_many;
	bool windows; /* spec.os.name: windows */
};

struct references; /* policies/references.h */

/*
 * Fills in the view of t->subject: kind, object, Pod, containers. arena,
 * inventory and subject must be set. refs must outlive the view.
 */
void target_view(struct target *t, const struct references *refs);

/* Without containers there is no array, and NULL + 0 is undefined in C. */
#define target_each_container(c, t)                                            \
	for (const struct container *                                          \
		     c = (t)->containers,                                      \
		    *c##_end = (t)->n_containers ? c + (t)->n_containers : c;  \
	     c < c##_end; c++)

/*
 * The class the Pod asks for: its runtimeClassName, "" when unset. The handler
 * is that of the RuntimeClass when the inventory has it, else the class name.
 */
struct str target_runtime_class(const struct target *t);

/* What kind of runtime a class is, by handler and name. */
enum runtime_family {
	RUNTIME_UNKNOWN,
	RUNTIME_RUNC, /* unset, runc, crun */
	RUNTIME_GVISOR,
	RUNTIME_KATA,
	RUNTIME_KATA_FC, /* Kata with Firecracker: no file sharing */
};
enum runtime_family target_runtime_family(const struct target *t);

/* Has a controller ownerReference of one of these kinds (group checked). */
bool target_owned_by(const struct target *t, struct str group, struct str kind);

#endif
