/*
 * What a Pod asks for, per resource, as Kubernetes counts it: what its
 * containers and sidecars use together, or what an init container uses beside
 * the sidecars that were started before it, whichever is more; and where
 * spec.resources of the Pod names the resource, that instead (KEP-753,
 * KEP-2837).
 *
 * Counted is what is written: Kubernetes makes an unset request of a container
 * equal to its limit later, when the Pod is created. The overhead of a
 * RuntimeClass is left out: it is the platform's choice, not the author's.
 * An emptyDir needs no count of its own: on disk it is charged to the
 * ephemeral-storage limits, in memory to the memory limits.
 *
 * Pure, allocates nothing; any thread.
 */
#ifndef POLICIES_POD_RESOURCES_H
#define POLICIES_POD_RESOURCES_H

#include "lib/error.h"
#include "lib/json.h"
#include "lib/quantity.h"

enum pod_side { POD_REQUESTS, POD_LIMITS };

/* "requests", "limits". */
const char *pod_side_name(enum pod_side side);

/* A container of the Pod spec: list "containers" or "initContainers". */
struct pod_place {
	const char *list; /* NULL: none */
	size_t index;
};

struct pod_amount {
	struct quantity total; /* .set false: nobody names the resource */
	bool of_pod;	       /* total is that of spec.resources */
	/* The init container that needs the total while it runs, if one. */
	struct pod_place peak;
	/* Containers that do not name the resource. */
	size_t unset;
	struct pod_place first_unset;
};

/*
 * Counts one resource. -1 with ERR_INPUT when a value on the way is no
 * quantity, negative or of the wrong type; *bad is then the container, its
 * list NULL when the fault is elsewhere in the Pod spec.
 */
int pod_resources_count(const struct json *pod_spec, enum pod_side side,
			struct str resource, struct pod_amount *amount,
			struct pod_place *bad, struct error *err) MUST_CHECK;

/*
 * The amount that one container, or spec.resources of a Pod, names:
 * q->set is false when it names none. holder is what has "resources".
 */
int pod_resources_read(const struct json *holder, enum pod_side side,
		       struct str resource, struct quantity *q,
		       struct error *err) MUST_CHECK;

/* As text wants it: v is what stands at a resource name; not null. */
int pod_resources_parse(const struct json *v, struct quantity *q,
			struct error *err) MUST_CHECK;

/* The value as it stands, unchecked; missing when there is none. */
const struct json *pod_resources_value(const struct json *holder,
				       enum pod_side side, struct str resource);

/* May spec.resources of a Pod name it: cpu, memory, hugepages-*. */
bool pod_resources_at_pod_level(struct str resource);

/* Must request and limit be equal: extended resources and hugepages. */
bool pod_resources_exact(struct str resource);

#endif
