/* A world whose policy is that of a live cluster. */
#include "cli/live.h"

#include <stdio.h>
#include <sys/stat.h>

#include "cli/live_kinds.h"
#include "cli/live_pages.h"
#include "policies/load.h"

/* ---- the policy set ---- */

static const struct kube_resource own[] = {
	{ GROUP_BULKHEAD, "v1alpha1", "isolationtiers", "IsolationTier",
	  false },
	{ GROUP_BULKHEAD, "v1alpha1", "isolationpolicies", "IsolationPolicy",
	  false },
	{ GROUP_BULKHEAD, "v1alpha1", "isolationexceptions",
	  "IsolationException", false },
};

static bool keep_own(struct arena *a, const struct json *item, void *context)
{
	struct inventory *inventory = context;
	struct arena *own_arena;
	struct inventory_object *o = inventory_object_new(&own_arena);

	(void)a;
	o->doc = json_copy(own_arena, item);
	o->group = STR(GROUP_BULKHEAD);
	o->kind = json_str(json_at(&o->doc, "kind"));
	o->ns = STR("");
	o->name = json_str(json_at(&o->doc, "metadata", "name"));
	o->source = STR("");
	inventory_put(inventory, o);
	return true;
}

static int read_own(struct kube_client *client, struct inventory *inventory,
		    struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		struct live_query q = {
			.resource = &own[i],
			.item = keep_own,
			.context = inventory,
		};

		switch (live_pages(client, &q, err)) {
		case LIVE_READ:
			break;
		case LIVE_NOT_SERVED:
			return error_set(err, ERR_CONFIG,
					 "the cluster has no %s: Bulkhead is "
					 "not installed there. Install it "
					 "(deploy/base), or give the tiers by "
					 "--tiers",
					 own[i].kind);
		case LIVE_FORBIDDEN:
		case LIVE_FAILED:
			err->code = ERR_IO;
			return error_wrap(err, "the cluster's tiers");
		}
	}
	return 0;
}

int live_policies(struct kube_client *client, struct snapshot **out,
		  struct error *err)
{
	struct inventory *inventory = inventory_new();
	int result = read_own(client, inventory, err);

	if (result == 0 && load_policies_known(inventory, out, err) < 0) {
		err->code = ERR_CONFIG;
		result = error_wrap(err, "the cluster's tiers");
	}
	inventory_free(&inventory);
	return result;
}

/* ---- the world ---- */

static int load_policy(const struct settings *s, struct live *live,
		       struct snapshot **out, struct error *err)
{
	if (!s->tiers.n)
		return live_policies(live->connection.client, out, err);
	if (load_policies(s->tiers, out, err) < 0) {
		err->code = ERR_CONFIG;
		return -1;
	}
	return 0;
}

static int check_options(const struct settings *s, struct error *err)
{
	if (s->contexts.n > 1)
		return error_set(err, ERR_CONFIG,
				 "--context is given twice, wanted one cluster "
				 "to judge by");
	if (s->cluster_objects.n)
		return error_set(err, ERR_CONFIG,
				 "--cluster-objects stands for a cluster, and "
				 "one is given: leave it out, or --context");
	return 0;
}

static enum exit_code fail(const struct error *err)
{
	if (err->code != ERR_IO)
		return verb_fail(EXIT_USAGE, err);
	verb_fail(EXIT_UNREADABLE, err);
	fputs("bulkhead: look at the server's address in the kubeconfig, the "
	      "way there (VPN, firewall, proxy) and your access: 'kubectl auth "
	      "whoami' and 'bulkhead doctor' tell more\n",
	      stderr);
	return EXIT_UNREADABLE;
}

enum exit_code live_begin(struct world *w, const struct settings *s)
{
	struct str context = s->contexts.n ? s->contexts.v[0] : STR("");
	struct arena a = ARENA_INIT;
	struct live *live = arena_new(&a, struct live, 1);
	struct snapshot *snapshot = NULL;
	struct error err = ERROR_INIT;
	int result = 0;

	if (check_options(s, &err) < 0 ||
	    live_connect(&a, s, context, &live->connection, &err) < 0 ||
	    load_policy(s, live, &snapshot, &err) < 0 ||
	    world_begin(w, s, snapshot, &err) < 0)
		result = -1;
	if (!snapshot)
		*w = (struct world){ .live = NULL };
	live->arena = a;
	w->live = live;
	return result < 0 ? fail(&err) : EXIT_CLEAN;
}

void live_free(struct live **live)
{
	struct arena a;

	if (!*live)
		return;
	live_disconnect(&(*live)->connection);
	a = (*live)->arena;
	*live = NULL;
	arena_release(&a);
}

struct str live_namespace(const struct world *w, const struct settings *s)
{
	if (w->live && !s->namespaces.n)
		return w->live->connection.config.ns;
	return s->namespace;
}

/* ---- operands ---- */

/* A path that is there is one, whatever else it looks like. */
static bool is_path(struct str operand)
{
	struct stat st;

	return stat(operand.p, &st) == 0;
}

bool live_is_name(struct str operand)
{
	size_t slash = str_find(operand, '/');
	struct str name = str_sub(operand, slash + 1, operand.n);
	const struct live_kind *kind =
		live_kind_find(str_sub(operand, 0, slash));

	return slash < operand.n && name.n && str_find(name, '/') == name.n &&
	       kind && kind->judged && !is_path(operand);
}

void live_split(struct arena *a, const struct texts *operands,
		struct texts *paths, struct texts *names)
{
	*paths = (struct texts){ .v = arena_new(a, struct str, operands->n) };
	*names = (struct texts){ .v = arena_new(a, struct str, operands->n) };
	for (size_t i = 0; i < operands->n; i++) {
		struct texts *to = live_is_name(operands->v[i]) ? names : paths;

		to->v[to->n++] = operands->v[i];
	}
}
