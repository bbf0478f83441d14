/* Where the fields of a sandbox's lifetime stand, and when they count. */
#include "policies/lifetime.h"

bool lifetime_is_controlled(const struct target *t)
{
	/* The older spelling has all kinds in one group. */
	static const char *const groups[] = { GROUP_EXTENSIONS, GROUP_AGENTS };
	static const char *const kinds[] = { "SandboxClaim",
					     "SandboxWarmPool" };

	if (!json_len(json_at(t->object, "metadata", "ownerReferences")))
		return false;
	for (size_t g = 0; g < ARRAY_LEN(groups); g++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if (target_owned_by(t, str_of(groups[g]),
					    str_of(kinds[k])))
				return true;
	return false;
}

bool lifetime_is_own(const struct target *t)
{
	if (json_is_set(json_at(t->object, "metadata", "deletionTimestamp")))
		return false;
	return t->kind == SUBJECT_CLAIM || !lifetime_is_controlled(t);
}

enum shutdown_policy lifetime_policy_wanted(const struct tier *tier, bool claim)
{
	enum shutdown_policy wanted =
		(enum shutdown_policy)tier->lifecycle.shutdown_policy;

	if (!claim && wanted == SHUTDOWN_DELETE_FOREGROUND)
		return SHUTDOWN_DELETE;
	return wanted;
}

bool lifetime_policy_is_accepted(const struct tier *tier, bool claim,
				 enum shutdown_policy policy)
{
	const struct strs *more = &tier->lifecycle.shutdown_policies;

	for (size_t i = 0; i < more->n; i++)
		if (str_is(more->v[i], shutdown_policy_names[policy]))
			return true;
	return policy >= lifetime_policy_wanted(tier, claim);
}

bool lifetime_is_stamped(const struct target *t)
{
	return t->kind == SUBJECT_CLAIM &&
	       str_is(t->subject->version, "v1alpha1");
}

static const struct path metadata = { NULL, STR_INIT("metadata"), 0 };
static const struct path annotations = { &metadata, STR_INIT("annotations"),
					 0 };
const struct path lifetime_stamp = { &annotations,
				     STR_INIT(ANNOTATION_EXPIRES_AT), 0 };

void lifetime_field(const struct target *t, struct str name,
		    struct lifetime_field *f)
{
	const struct path *up = &f->steps[0];

	f->steps[0] = PATH_KEY(NULL, "spec");
	if (t->kind == SUBJECT_CLAIM) {
		f->steps[1] = PATH_KEY(up, "lifecycle");
		up = &f->steps[1];
	}
	f->steps[2] = path_key(up, name);
	f->path = &f->steps[2];
}
