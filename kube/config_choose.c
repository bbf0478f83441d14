/* Which configuration a program's options and its environment lead to. */
#include <stdlib.h>

#include "kube/config.h"

int kube_config_choose(struct arena *a, bool in_cluster, struct str path,
		       struct str context, struct kube_config *out,
		       struct error *err)
{
	/* NOLINTBEGIN(concurrency-mt-unsafe): nobody sets the environment */
	if (in_cluster)
		return kube_config_in_cluster(a, STR(KUBE_SERVICE_ACCOUNT),
					      getenv("KUBERNETES_SERVICE_HOST"),
					      getenv("KUBERNETES_SERVICE_PORT"),
					      out, err);
	return kube_config_find(a, path, context, getenv("KUBECONFIG"),
				getenv("HOME"), out, err);
	/* NOLINTEND(concurrency-mt-unsafe) */
}
