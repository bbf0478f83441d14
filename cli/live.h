/*
 * A live cluster as what a world is judged with, and as what is judged: its
 * own policy set (unless --tiers gives another), its namespaces,
 * RuntimeClasses, templates, pools, and the objects themselves.
 *
 * Objects in the cluster are judged as they are: nothing is filled in, nobody
 * asks for them, and whether a person wrote a value is told by managedFields.
 * They are read in pages and let go behind each, so that memory does not grow
 * with the cluster; what is looked up is kept as small as the admission server
 * keeps it.
 *
 * What may not be read is a problem of the world: unread is not clean.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/live_kinds.h"
#include "cli/live_pages.h"
#include "cli/world.h"

/* For the option table of a verb that loads a world. */
#define LIVE_OPTIONS                                                           \
	OPTION(struct settings, contexts, .name = "context",                   \
	       .type = OPTION_TEXTS, .argument = "NAME",                       \
	       .help = "judge by a live cluster: this context of the "         \
		       "kubeconfig (empty: its current one)"),                 \
		LIVE_ACCESS_OPTIONS

#define LIVE_ACCESS_OPTIONS                                                    \
	OPTION(struct settings, kubeconfig, .name = "kubeconfig",              \
	       .type = OPTION_TEXT, .argument = "FILE",                        \
	       .help = "where contexts are (default: $KUBECONFIG, then "       \
		       "~/.kube/config)"),                                     \
		OPTION(struct settings, in_cluster, .name = "in-cluster",      \
		       .type = OPTION_FLAG,                                    \
		       .help = "the cluster of the Pod that this runs in, by " \
			       "its service account")

/* What the options above ask for. */
bool live_is_wanted(const struct settings *s);

/* A client for one cluster. */
struct live_connection {
	struct kube_config config; /* in the arena */
	struct kube_stop *stop;
	struct kube_client *client;
};

/* Which version of a kind is served; asked for once. */
struct live_row {
	bool asked;
	bool told;		   /* that it cannot be read at all */
	enum live_outcome outcome; /* LIVE_READ: resource is set */
	struct kube_resource resource;
	struct error err;
};

struct live {
	struct arena arena; /* that it lives in itself */
	struct live_connection connection;
	struct live_row rows[LIVE_KINDS_MAX]; /* by live_kind_index */
};

/*
 * To the context of that name (empty: the current one). 0, or -1 with *err:
 * ERR_IO when the server does not answer, with what to look at, else what is
 * wrong with the configuration. live_disconnect is due in any case.
 */
int live_connect(struct arena *a, const struct settings *s, struct str context,
		 struct live_connection *out, struct error *err) MUST_CHECK;
void live_disconnect(struct live_connection *c);

/*
 * world_begin, by the cluster: EXIT_CLEAN, or the exit code after having told
 * why. world_release is due in any case.
 */
enum exit_code live_begin(struct world *w, const struct settings *s);

/*
 * The tiers, policies and exceptions that the cluster holds. ERR_CONFIG when
 * they are refused, naming the object.
 */
int live_policies(struct kube_client *client, struct snapshot **out,
		  struct error *err) MUST_CHECK;

/*
 * Enters what is looked up: of the namespaces that the documents read so far
 * name, or, when there are none, of those that -n names, or of all.
 */
void live_know(struct world *w, const struct settings *s);

/* Of objects that name none: -n, or the context's, as kubectl. */
struct str live_namespace(const struct world *w, const struct settings *s);

/* KIND/NAME of a kind that is judged, and no file. */
bool live_is_name(struct str operand);

/* Operands of a verb: files, and names of objects in the cluster. */
void live_split(struct arena *a, const struct texts *operands,
		struct texts *paths, struct texts *names);

/*
 * Calls fn for each object of the cluster that is to be judged: those named,
 * or all; of the namespaces that -n names, or of all. The document lives as
 * long as the call. Objects that a workload controls are left out: it is
 * judged itself. What cannot be read, or is not there though it was named,
 * becomes a problem.
 */
struct live_visit {
	const struct texts *names; /* empty: all */
	void (*fn)(const struct document *d, void *context);
	void *context;
};
void live_each(struct world *w, const struct settings *s,
	       const struct live_visit *visit);

/* Is it told of also where no tier governs it? */
bool live_is_agent(const struct document *d);

void live_free(struct live **live);

#endif
