/*
 * Where the API server is and who we are there: from the Pod's service account
 * or from a kubeconfig.
 *
 * A plain value; its text lives in the arena it was loaded into. Of each pair
 * x_file and x_data at most one is set; data is PEM, decoded from base64.
 * Files are read when a connection is made, token_file again every minute:
 * tokens of service accounts are replaced while we run.
 *
 * Understood of a kubeconfig: clusters (server, certificate-authority[-data],
 * insecure-skip-tls-verify, tls-server-name), users (client-certificate[-data]
 * with client-key[-data], token, tokenFile), contexts, current-context.
 * Relative paths are relative to the file. Refused with what to do instead:
 * exec plugins, auth providers, user names with passwords, impersonation
 * ("as"), proxies. Unknown fields are passed over: kubectl does too.
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include "lib/arena.h"
#include "lib/error.h"

struct kube_config {
	struct str server; /* "https://host:port[/prefix]", no "/" at the end */
	struct str ns;	   /* default namespace; "default" when not told */
	struct str ca_file, ca_data; /* neither: the system's */
	struct str cert_file, cert_data, key_file, key_data;
	struct str token, token_file;
	struct str tls_server_name;
	bool insecure;
	struct str context; /* name, or "in-cluster" */
	struct str source;  /* path of the kubeconfig, for messages */
};

/* Where a Pod finds its own account. */
#define KUBE_SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

/*
 * From the folder with token, ca.crt and namespace, and the values of
 * KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT (NULL: unset). An IPv6
 * host gets brackets. ERR_CONFIG says what is missing.
 */
int kube_config_in_cluster(struct arena *a, struct str folder, const char *host,
			   const char *port, struct kube_config *out,
			   struct error *err) MUST_CHECK;

/*
 * From one file; an empty context is its current-context. ERR_IO or
 * ERR_CONFIG with file, line and column, and the contexts there are.
 */
int kube_config_read(struct arena *a, struct str path, struct str context,
		     struct kube_config *out, struct error *err) MUST_CHECK;

/*
 * As kubectl finds it: the path given, else $KUBECONFIG (the first of its
 * files that has the context), else $HOME/.kube/config. environment values
 * are parameters; NULL: unset.
 */
int kube_config_find(struct arena *a, struct str path, struct str context,
		     const char *kubeconfig, const char *home,
		     struct kube_config *out, struct error *err) MUST_CHECK;

/*
 * As a program's options ask: in_cluster by the Pod's service account and its
 * environment, else as kube_config_find with $KUBECONFIG and $HOME. Reads the
 * environment: before other threads write it.
 */
int kube_config_choose(struct arena *a, bool in_cluster, struct str path,
		       struct str context, struct kube_config *out,
		       struct error *err) MUST_CHECK;

#endif
