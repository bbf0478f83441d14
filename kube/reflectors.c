/* An array of reflectors. */
#include "kube/reflectors.h"

#include <stdio.h>
#include <stdlib.h>

#define BEHIND_NS INT64_C(60000000000)

struct kube_reflectors {
	const struct inventory *inventory;
	size_t n;
	struct {
		struct str name;
		struct kube_reflector *reflector;
	} v[];
};

int kube_reflectors_start(const struct kube_config *config,
			  const struct kube_client_options *client,
			  const struct kube_reflector_options *options,
			  size_t n, struct kube_reflectors **out,
			  struct error *err)
{
	struct kube_reflectors *r = calloc(1, sizeof(*r) + n * sizeof(r->v[0]));

	if (!r)
		BUG("out of memory");
	r->inventory = n ? options[0].inventory : NULL;
	*out = r;
	for (; r->n < n; r->n++) {
		r->v[r->n].name = options[r->n].name;
		if (kube_reflector_start(config, client, &options[r->n],
					 &r->v[r->n].reflector, err) < 0)
			return -1;
	}
	return 0;
}

bool kube_reflectors_synced(const struct kube_reflectors *r, char *says,
			    size_t n)
{
	size_t waiting = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct kube_reflector_state state =
			kube_reflector_state(r->v[i].reflector);

		if (state.synced || waiting++)
			continue;
		snprintf(says, n, "waiting for %.*s: %s", STR_ARG(r->v[i].name),
			 state.says[0] ? state.says : "asking");
	}
	if (!waiting)
		snprintf(says, n, "%zu objects of %zu kinds",
			 inventory_count(r->inventory), r->n);
	return waiting == 0;
}

size_t kube_reflectors_behind(const struct kube_reflectors *r, int64_t now_ns,
			      char *says, size_t n)
{
	size_t behind = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct kube_reflector_state state =
			kube_reflector_state(r->v[i].reflector);

		if (!state.synced || state.watching || !state.failures ||
		    now_ns - state.contact_ns < BEHIND_NS)
			continue;
		if (!behind++)
			snprintf(says, n, "%.*s grow old: %s",
				 STR_ARG(r->v[i].name), state.says);
	}
	return behind;
}

struct kube_reflector_state
kube_reflectors_state(const struct kube_reflectors *r, size_t i)
{
	if (i >= r->n)
		BUG("a reflector that there is not");
	return kube_reflector_state(r->v[i].reflector);
}

void kube_reflectors_join(struct kube_reflectors **reflectors)
{
	struct kube_reflectors *r = *reflectors;

	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		kube_reflector_join(&r->v[i].reflector);
	free(r);
	*reflectors = NULL;
}
