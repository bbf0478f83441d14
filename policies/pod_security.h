/*
 * The Pod Security Standards as Kubernetes 1.0 to 1.35 define them: which
 * controls a tier's level and version ask for, and what several of them share.
 *
 * A control at level Restricted may replace one of Baseline from some version
 * on: the rule of the latter then asks pod_security_restricted to stand back.
 */
#ifndef POLICIES_POD_SECURITY_H
#define POLICIES_POD_SECURITY_H

#include "policies/place.h"

/* For rule.fields: a field of containers of every type; of the Pod, too. */
#define IN_EVERY_CONTAINER(field)                                              \
	"spec.containers[*]." field "\nspec.initContainers[*]." field          \
	"\nspec.ephemeralContainers[*]." field
#define IN_POD_AND_CONTAINERS(field)                                           \
	"spec." field "\n" IN_EVERY_CONTAINER(field)

/* The tier's version of the standards is v1.minor or newer. */
static inline bool pod_security_since(const struct target *t, int64_t minor)
{
	return t->tier->pod.version >= minor;
}

/* The level is Baseline or Restricted. */
static inline bool pod_security_baseline(const struct target *t)
{
	return t->tier->pod.level >= POD_BASELINE;
}

/* The level is Restricted, by the standards of v1.minor or newer. */
static inline bool pod_security_restricted(const struct target *t,
					   int64_t minor)
{
	return t->tier->pod.level == POD_RESTRICTED &&
	       pod_security_since(t, minor);
}

/*
 * A Windows Pod, which may not even set the fields of Linux: from v1.25 on they
 * are not demanded of it.
 */
bool pod_security_is_windows(const struct target *t);

/*
 * The Pod has a user namespace of its own (hostUsers: false), where root is
 * not the node's root: from v1.35 on some controls are relaxed.
 */
bool pod_security_has_user_namespace(const struct target *t);

/* list ends with NULL. */
bool pod_security_listed(struct str s, const char *const *list);

/* Reports a profile whose type is not RuntimeDefault or Localhost. */
void pod_security_check_profile(const struct place *profile);

/* Whose securityContext to look at. */
enum pod_security_holder { OF_POD = 1, OF_CONTAINERS = 2 };

/*
 * A walk over every securityContext that sets a field; those that do not cost
 * next to nothing. Wrong types on the way are reported. Not to be copied.
 *
 *	struct pod_security_walk w = pod_security_walk(c, OF_CONTAINERS,
 *						       STR("privileged"));
 *	while (pod_security_next(&w, JSON_BOOL))
 *		look(&w.value);
 */
struct pod_security_walk {
	const struct check *check;
	unsigned holders;
	struct str key;
	size_t at; /* 0 is the Pod, i + 1 is container i */
	struct place root, context, value;
};

static inline struct pod_security_walk
pod_security_walk(const struct check *c, unsigned holders, struct str key)
{
	return (struct pod_security_walk){
		.check = c,
		.holders = holders,
		.key = key,
		.at = holders & OF_POD ? 0 : 1,
	};
}

bool pod_security_next(struct pod_security_walk *w, enum json_type type);

/* The Pod's annotations, when they are an object; else missing, reported. */
const struct json *pod_security_annotations(const struct check *c);

/* Reports that an annotation has a profile that is not allowed. */
void pod_security_report_annotation(const struct check *c,
				    const struct json_member *m,
				    struct str wanted);

/* securityContext.KEY is set in every container but the ephemeral ones. */
bool pod_security_all_set(const struct target *t, struct str key);

#endif
