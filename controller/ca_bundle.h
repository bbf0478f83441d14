/*
 * The caBundle of every webhook in our two configurations: what it is, who
 * keeps it, and publishing ours.
 *
 * Ours to keep is what nobody else owns by metadata.managedFields (Kubernetes
 * API, "Field Management"), unless the configuration asks cert-manager for it
 * by one of its annotations (cert-manager, "CA Injector"). It is applied with a
 * field manager of its own, never forced, and nothing else is.
 */
#ifndef CONTROLLER_CA_BUNDLE_H
#define CONTROLLER_CA_BUNDLE_H

#include "controller/reconcilers.h"

struct ca_bundle {
	struct str webhook; /* name of the entry */
	struct str pem;	    /* decoded; empty: none, or no base64 */
	struct str keeper;  /* who keeps it; empty: we do */
};

struct ca_bundle_configuration {
	const struct kube_resource *resource;
	bool is_there;
	/* cert-manager copies the bundle of our own serving Secret. */
	bool is_copied;
	struct str name, uid, resource_version;
	struct ca_bundle *bundles;
	size_t n;
};

enum { CA_BUNDLE_CONFIGURATIONS = 2 };

struct ca_bundles {
	struct ca_bundle_configuration v[CA_BUNDLE_CONFIGURATIONS];
};

/*
 * Everything lives in r->arena. secret is the name of the serving Secret. A
 * configuration that is not there is no error.
 */
int ca_bundles_read(const struct reconcile *r, struct str secret,
		    struct ca_bundles *out, struct error *err) MUST_CHECK;

/* Whether there are any, and all are kept by others. */
bool ca_bundles_kept_by_others(const struct ca_bundles *all);

/*
 * Where one that we keep differs from pem, all that we keep there are applied.
 * ERR_CONFLICT when the configuration has changed since. After any error read
 * anew: it may have been done.
 */
int ca_bundles_publish(const struct reconcile *r, const struct ca_bundles *all,
		       struct str pem, struct error *err) MUST_CHECK;

#endif
