/* Who asks, by the user name that the API server authenticated. */
#include "policies/requester.h"

#define SERVICE_ACCOUNT "system:serviceaccount:"

/* A namespace that only the cluster's administrators can write to. */
#define KUBE_SYSTEM SERVICE_ACCOUNT "kube-system:"

static const char *const controllers[] = {
	SERVICE_ACCOUNT "agent-sandbox-system:agent-sandbox-controller",
	"system:kube-controller-manager",
};

#define BULKHEAD SERVICE_ACCOUNT "bulkhead-system:bulkhead-controller"

enum requester requester_of(const struct subject *subject)
{
	struct str name = subject->user.name;

	if (subject->from_file)
		return REQUESTER_PERSON;
	if (!name.n && !subject->resource.n)
		return REQUESTER_NONE;
	if (str_is(name, BULKHEAD))
		return REQUESTER_BULKHEAD;
	if (str_starts(name, STR(KUBE_SYSTEM)))
		return REQUESTER_CONTROLLER;
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (str_is(name, controllers[i]))
			return REQUESTER_CONTROLLER;
	return REQUESTER_PERSON;
}
