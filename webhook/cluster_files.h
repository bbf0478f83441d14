/*
 * Objects of the cluster, from files: namespaces, RuntimeClasses, templates,
 * pools. They stand for what a watch would bring.
 *
 * Not locked; the inventory is.
 */
#ifndef WEBHOOK_CLUSTER_FILES_H
#define WEBHOOK_CLUSTER_FILES_H

#include "lib/error.h"
#include "lib/inventory.h"

/* What the last load put in; zero at the start. */
struct cluster_files {
	const struct inventory_object **objects;
	size_t n;
	struct arena arena; /* of the array */
};

/*
 * Makes the inventory hold what is in the folder, and no longer what the last
 * load put in. On an error, which names file, line and column, it stays as it
 * was.
 */
int cluster_files_load(struct cluster_files *files, struct str folder,
		       struct inventory *inventory,
		       struct error *err) MUST_CHECK;

void cluster_files_release(struct cluster_files *files);

#endif
