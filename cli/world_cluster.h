/*
 * What the cluster would know of a world: its inventory. For world.c, which
 * decides when; the order of the functions is that of the steps.
 */
#ifndef CLI_WORLD_CLUSTER_H
#define CLI_WORLD_CLUSTER_H

#include "cli/world.h"

/* doc as d names it, in place of one of that name. */
void world_cluster_enter(struct world *w, const struct document *d,
			 const struct json *doc);

/* All of --cluster-objects. */
void world_cluster_read(struct world *w, const struct settings *s);

/* The documents that are looked up; of one name the last counts. */
void world_cluster_enter_documents(struct world *w);

/* --namespace-labels, over the labels that the namespaces have by now. */
int world_cluster_label(struct world *w, const struct settings *s,
			struct error *err) MUST_CHECK;

/* Templates as the cluster stores them: a claim is judged by what they become.
 */
void world_cluster_fill_templates(struct world *w);

#endif
