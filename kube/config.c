/*
 * Where a configuration comes from: the folder of the Pod's service account,
 * or files as kubectl looks for them.
 */
#include "kube/config.h"

#include <errno.h>
#include <unistd.h>

#include "kube/config_file.h"
#include "lib/file.h"

enum {
	NAMESPACE_FILE_MAX = 1024,
	FILES_MAX = 32,
};

/* ---- in the cluster ---- */

static int account_file(struct arena *a, struct str folder, const char *name,
			struct str *path, struct error *err)
{
	*path = arena_printf(a, "%.*s/%s", STR_ARG(folder), name);
	if (access(path->p, R_OK) == 0)
		return 0;
	return error_set(err, ERR_CONFIG,
			 "cannot read %s: %m; a Pod finds its service account "
			 "there unless automountServiceAccountToken is false",
			 path->p);
}

static int account_namespace(struct arena *a, struct str folder, struct str *ns,
			     struct error *err)
{
	struct str text,
		path = arena_printf(a, "%.*s/namespace", STR_ARG(folder));

	*ns = STR("default");
	if (access(path.p, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (file_read(a, path.p, NAMESPACE_FILE_MAX, &text, err) < 0) {
		err->code = ERR_CONFIG;
		return -1;
	}
	text = str_trim(text);
	if (text.n)
		*ns = text;
	return 0;
}

int kube_config_in_cluster(struct arena *a, struct str folder, const char *host,
			   const char *port, struct kube_config *out,
			   struct error *err)
{
	struct kube_config config = {
		.context = STR("in-cluster"),
		.source = arena_str(a, folder),
	};
	bool ipv6;

	if (!host || !*host || !port || !*port)
		return error_set(err, ERR_CONFIG,
				 "%s is not set: it is in every Pod; outside "
				 "of the cluster a kubeconfig is needed",
				 !host || !*host ? "KUBERNETES_SERVICE_HOST"
						 : "KUBERNETES_SERVICE_PORT");
	if (account_file(a, folder, "token", &config.token_file, err) < 0 ||
	    account_file(a, folder, "ca.crt", &config.ca_file, err) < 0 ||
	    account_namespace(a, folder, &config.ns, err) < 0)
		return -1;
	ipv6 = strchr(host, ':') && *host != '[';
	config.server = arena_printf(a, "https://%s%s%s:%s", ipv6 ? "[" : "",
				     host, ipv6 ? "]" : "", port);
	*out = config;
	return 0;
}

/* ---- kubeconfigs ---- */

int kube_config_read(struct arena *a, struct str path, struct str context,
		     struct kube_config *out, struct error *err)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct kubeconfig k;

	if (kubeconfig_load(&scratch, path, &k, err) < 0)
		return -1;
	return kubeconfig_take(a, &k, context, out, err);
}

static bool is_absent(struct arena *a, struct str path)
{
	return access(arena_str(a, path).p, F_OK) < 0 && errno == ENOENT;
}

static int no_file(struct str path, struct error *err)
{
	return error_set(err, ERR_CONFIG,
			 "no kubeconfig: there is no file %.*s; name one with "
			 "--kubeconfig or KUBECONFIG",
			 STR_ARG(path));
}

/* The files of the list that exist; kubectl passes over the others. */
static int load_list(struct arena *scratch, struct str list,
		     struct kubeconfig *files, size_t *n, struct error *err)
{
	struct str path;

	*n = 0;
	while (str_split(&list, ':', &path)) {
		if (!path.n || is_absent(scratch, path))
			continue;
		if (*n == FILES_MAX)
			return error_set(err, ERR_CONFIG,
					 "KUBECONFIG names more than %d files",
					 FILES_MAX);
		if (kubeconfig_load(scratch, path, &files[(*n)++], err) < 0)
			return -1;
	}
	return 0;
}

/*
 * kubectl merges its files; here the context, its cluster and its user come
 * from one of them. Only the name may come from another: current-context is
 * the first that is set.
 */
static int from_list(struct arena *a, struct str list, struct str context,
		     struct kube_config *out, struct error *err)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct kubeconfig *files =
		arena_new(&scratch, struct kubeconfig, FILES_MAX);
	size_t n;

	if (load_list(&scratch, list, files, &n, err) < 0)
		return -1;
	if (n == 0)
		return no_file(list, err);
	for (size_t i = 0; i < n && !context.n; i++)
		context = kubeconfig_current(&files[i]);
	for (size_t i = 0; i < n; i++)
		if (kubeconfig_has(&files[i], context))
			return kubeconfig_take(a, &files[i], context, out, err);
	/* Says what there is in the first. */
	return kubeconfig_take(a, &files[0], context, out, err);
}

int kube_config_find(struct arena *a, struct str path, struct str context,
		     const char *kubeconfig, const char *home,
		     struct kube_config *out, struct error *err)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;

	if (path.n)
		return kube_config_read(a, path, context, out, err);
	if (kubeconfig && *kubeconfig)
		return from_list(a, str_of(kubeconfig), context, out, err);
	if (!home || !*home)
		return error_set(err, ERR_CONFIG,
				 "no kubeconfig: neither KUBECONFIG nor HOME "
				 "is set; name one with --kubeconfig");
	path = arena_printf(&scratch, "%s/.kube/config", home);
	if (is_absent(&scratch, path))
		return no_file(path, err);
	return kube_config_read(a, path, context, out, err);
}
