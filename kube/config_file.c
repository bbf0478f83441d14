/*
 * A kubeconfig: the context, then the cluster and the user that it names.
 * Whatever is wrong is told with file, line and column, and never quotes what
 * may be a secret.
 */
#include "kube/config_file.h"

#include "kube/config_value.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/yamldoc.h"

enum {
	FILE_MAX = 1 << 20,
	NAMES_SHOWN = 8,
	NAMES_SHOWN_MAX = 256, /* bytes */
};

/* ---- what is refused ---- */

#define USE_TOKEN                                                              \
	"; wanted a token, tokenFile or client certificate: \"kubectl create " \
	"token\" makes a token for a service account"

static const struct refused {
	const char *field, *why;
} refused_of_user[] = {
	{ "exec",
	  "a program that hands out credentials is never run" USE_TOKEN },
	{ "auth-provider", "auth providers are not run" USE_TOKEN },
	{ "username", "API servers take no passwords since 1.19" USE_TOKEN },
	{ "password", "API servers take no passwords since 1.19" USE_TOKEN },
	{ "as", "acting as somebody else is not done: wanted a user with the "
		"rights that are needed" },
	{ "as-uid", "acting as somebody else is not done: wanted a user with "
		    "the rights that are needed" },
	{ "as-groups", "acting as somebody else is not done: wanted a user "
		       "with the rights that are needed" },
	{ "as-user-extra", "acting as somebody else is not done: wanted a "
			   "user with the rights that are needed" },
	{ NULL, NULL },
};

static const struct refused refused_of_cluster[] = {
	{ "proxy-url", "proxies are not used: wanted a server that can be "
		       "reached from here" },
	{ NULL, NULL },
};

/* "" and empty lists are as good as absent: so kubectl writes them. */
static bool is_given(const struct json *v)
{
	if (json_is(v, JSON_STRING))
		return json_str(v).n > 0;
	if (json_is(v, JSON_ARRAY))
		return json_len(v) > 0;
	return json_is_set(v);
}

static int check_refused(const struct kubeconfig *k, const struct json *object,
			 const struct refused *rows, struct error *err)
{
	for (; rows->field; rows++) {
		const struct json *v = json_get(object, str_of(rows->field));

		if (is_given(v))
			return kubeconfig_refuse(k, v, err, "%s: %s",
						 rows->field, rows->why);
	}
	return 0;
}

/* ---- lists of names ---- */

static const struct json *entries(const struct kubeconfig *k, const char *list)
{
	return json_get(&k->root, str_of(list));
}

static const struct json *entry(const struct kubeconfig *k, const char *list,
				struct str name)
{
	json_each_item(item, entries(k, list))
		if (json_str_is(json_get(item, STR("name")), name))
			return item;
	return &json_missing;
}

struct str kubeconfig_current(const struct kubeconfig *k)
{
	return json_str(json_get(&k->root, STR("current-context")));
}

bool kubeconfig_has(const struct kubeconfig *k, struct str context)
{
	return json_exists(entry(k, "contexts", context));
}

static struct str names_of(struct arena *a, const struct kubeconfig *k,
			   const char *list)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(NAMES_SHOWN_MAX);
	const struct json *v = entries(k, list);
	size_t n = json_array_len(v);

	if (n == 0)
		return STR("none");
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		buf_puts(&out, i > 0 ? ", \"" : "\"");
		buf_add(&out, json_str(json_get(json_item(v, i), STR("name"))));
		buf_putc(&out, '"');
	}
	if (n > NAMES_SHOWN)
		buf_printf(&out, ", ... (%zu)", n);
	return arena_str(a, buf_str(&out));
}

struct str kubeconfig_contexts(struct arena *a, const struct kubeconfig *k)
{
	return names_of(a, k, "contexts");
}

/* The object below field of the entry with this name. */
static int find(struct arena *a, const struct kubeconfig *k, const char *list,
		const char *field, const struct json *name,
		const struct json **out, struct error *err)
{
	const struct json *named = entry(k, list, json_str(name));
	const struct json *found = json_get(named, str_of(field));

	if (json_is(found, JSON_OBJECT)) {
		*out = found;
		return 0;
	}
	if (json_is_set(found))
		return kubeconfig_refuse(
			k, found, err, "%s: it is %s, wanted an object", field,
			json_type_name(json_type(found)));
	if (json_exists(named))
		return kubeconfig_refuse(k, named, err, "it has no %s", field);
	return kubeconfig_refuse(
		k, name, err, "there is no %s \"%.*s\" in this file; %s: %.*s",
		field, STR_ARG(json_str(name)), list,
		STR_ARG(names_of(a, k, list)));
}

static int check_list(const struct kubeconfig *k, const char *list,
		      struct error *err)
{
	const struct json *v = entries(k, list);

	if (json_is_set(v) && !json_is(v, JSON_ARRAY))
		return kubeconfig_refuse(k, v, err,
					 "%s: it is %s, wanted an array", list,
					 json_type_name(json_type(v)));
	json_each_item(item, v) {
		const struct json *name = json_get(item, STR("name"));

		if (!json_is(name, JSON_STRING))
			return kubeconfig_refuse(k, item, err,
						 "%s: an entry without a name",
						 list);
		if (entry(k, list, json_str(name)) != item)
			return kubeconfig_refuse(k, name, err,
						 "%s: \"%.*s\" is there twice",
						 list, STR_ARG(json_str(name)));
	}
	return 0;
}

/* ---- loading ---- */

static int check_root(const struct kubeconfig *k, struct error *err)
{
	struct str current;

	if (!json_is(&k->root, JSON_OBJECT))
		return kubeconfig_refuse(k, &k->root, err,
					 "it is %s, wanted a kubeconfig",
					 json_type_name(json_type(&k->root)));
	if (check_list(k, "clusters", err) < 0 ||
	    check_list(k, "users", err) < 0 ||
	    check_list(k, "contexts", err) < 0)
		return -1;
	return kubeconfig_text(k, &k->root, "current-context", &current, err);
}

static int read_root(struct arena *a, struct kubeconfig *k, struct str text,
		     struct error *err)
{
	struct yamldoc *y = yamldoc_open(a, text, NULL);
	struct json second;
	int n = yamldoc_next(y, a, &k->root, err);

	if (n > 0) {
		int more = yamldoc_next(y, a, &second, err);

		if (more > 0)
			n = kubeconfig_refuse(k, &second, err,
					      "a second document; a "
					      "kubeconfig is one");
		else if (more < 0)
			n = kubeconfig_failed(k, err);
	} else if (n < 0) {
		n = kubeconfig_failed(k, err);
	} else {
		n = error_at(err, ERR_CONFIG, 1, 1,
			     "%s:1:1: it is empty, wanted a kubeconfig",
			     k->path.p);
	}
	yamldoc_close(&y);
	return n < 0 ? -1 : 0;
}

int kubeconfig_load(struct arena *a, struct str path, struct kubeconfig *out,
		    struct error *err)
{
	struct kubeconfig k = { .path = arena_str(a, path) };
	struct str text;

	if (file_read(a, k.path.p, FILE_MAX, &text, err) < 0)
		return error_wrap(err, "kubeconfig");
	if (read_root(a, &k, text, err) < 0 || check_root(&k, err) < 0)
		return -1;
	*out = k;
	return 0;
}

/* ---- taking ---- */

static int check_cluster(const struct kubeconfig *k, const struct json *cluster,
			 const struct kube_config *out, struct error *err)
{
	if (out->insecure && (out->ca_file.n || out->ca_data.n))
		return kubeconfig_refuse(
			k, json_get(cluster, STR("insecure-skip-tls-verify")),
			err,
			"insecure-skip-tls-verify and a certificate-authority "
			"contradict each other: remove one");
	return 0;
}

static int take_cluster(struct arena *a, const struct kubeconfig *k,
			const struct json *cluster, struct kube_config *out,
			struct error *err)
{
	if (check_refused(k, cluster, refused_of_cluster, err) < 0 ||
	    kubeconfig_server(a, k, cluster, &out->server, err) < 0 ||
	    kubeconfig_host(a, k, cluster, "tls-server-name",
			    &out->tls_server_name, err) < 0 ||
	    kubeconfig_bool(k, cluster, "insecure-skip-tls-verify",
			    &out->insecure, err) < 0 ||
	    kubeconfig_pem(a, k, cluster, "certificate-authority",
			   &out->ca_file, &out->ca_data, err) < 0)
		return -1;
	return check_cluster(k, cluster, out, err);
}

static int take_token(struct arena *a, const struct kubeconfig *k,
		      const struct json *user, struct kube_config *out,
		      struct error *err)
{
	if (kubeconfig_path(a, k, user, "tokenFile", &out->token_file, err) < 0)
		return -1;
	/* The file wins, and is not replaced by what is older. */
	if (out->token_file.n)
		return 0;
	return kubeconfig_secret(a, k, user, "token", &out->token, err);
}

static int take_user(struct arena *a, const struct kubeconfig *k,
		     const struct json *user, struct kube_config *out,
		     struct error *err)
{
	bool cert, key;

	if (check_refused(k, user, refused_of_user, err) < 0 ||
	    take_token(a, k, user, out, err) < 0 ||
	    kubeconfig_pem(a, k, user, "client-certificate", &out->cert_file,
			   &out->cert_data, err) < 0 ||
	    kubeconfig_pem(a, k, user, "client-key", &out->key_file,
			   &out->key_data, err) < 0)
		return -1;
	cert = out->cert_file.n || out->cert_data.n;
	key = out->key_file.n || out->key_data.n;
	if (cert != key)
		return kubeconfig_refuse(
			k, user, err,
			"%s without %s: a certificate is of use with its key "
			"only",
			cert ? "client-certificate" : "client-key",
			cert ? "client-key" : "client-certificate");
	return 0;
}

static int take_context(struct arena *a, const struct kubeconfig *k,
			const struct json *context, struct kube_config *out,
			struct error *err)
{
	static const char *const fields[] = { "cluster", "user" };
	static const char *const lists[] = { "clusters", "users" };
	const struct json *objects[ARRAY_LEN(fields)] = { NULL };
	struct str text;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (kubeconfig_text(k, context, fields[i], &text, err) < 0)
			return -1;
		if (!text.n)
			return kubeconfig_refuse(k, context, err,
						 "the context has no %s",
						 fields[i]);
		if (find(a, k, lists[i], fields[i],
			 json_get(context, str_of(fields[i])), &objects[i],
			 err) < 0)
			return -1;
	}
	if (kubeconfig_text(k, context, "namespace", &text, err) < 0 ||
	    take_cluster(a, k, objects[0], out, err) < 0 ||
	    take_user(a, k, objects[1], out, err) < 0)
		return -1;
	out->ns = text.n ? arena_str(a, text) : STR("default");
	return 0;
}

int kubeconfig_take(struct arena *a, const struct kubeconfig *k,
		    struct str context, struct kube_config *out,
		    struct error *err)
{
	const struct json *current = json_get(&k->root, STR("current-context"));
	const struct json named = json_make_string(context), *found = NULL;
	const struct json *name = context.n ? &named : current;
	struct kube_config taken = { .insecure = false };

	if (!json_str(name).n)
		return kubeconfig_refuse(
			k, &k->root, err,
			"no current-context: name one of the contexts with "
			"--context, or set one with \"kubectl config "
			"use-context\"; contexts: %.*s",
			STR_ARG(kubeconfig_contexts(a, k)));
	if (find(a, k, "contexts", "context", name, &found, err) < 0 ||
	    take_context(a, k, found, &taken, err) < 0)
		return -1;
	taken.context = arena_str(a, json_str(name));
	taken.source = arena_str(a, k->path);
	*out = taken;
	return 0;
}
