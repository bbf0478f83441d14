/* The values of a kubeconfig, one reader for each form they have. */
#include "kube/config_value.h"

#include <ctype.h>

#include "lib/base64.h"

/* ---- refusing ---- */

int kubeconfig_failed(const struct kubeconfig *k, struct error *err)
{
	err->code = ERR_CONFIG;
	return error_wrap(err, "%s:%u:%u", k->path.p, err->line, err->column);
}

int kubeconfig_refuse(const struct kubeconfig *k, const struct json *v,
		      struct error *err, const char *fmt, ...)
{
	struct json_mark at = v->start;
	va_list args;

	if (!at.line)
		at = k->root.start;
	va_start(args, fmt);
	error_vset(err, ERR_CONFIG, fmt, args);
	va_end(args);
	err->line = at.line ? at.line : 1;
	err->column = at.column ? at.column : 1;
	return kubeconfig_failed(k, err);
}

/* ---- plain values ---- */

int kubeconfig_text(const struct kubeconfig *k, const struct json *object,
		    const char *field, struct str *out, struct error *err)
{
	const struct json *v = json_get(object, str_of(field));

	*out = STR_NONE;
	if (!json_is_set(v))
		return 0;
	if (!json_is(v, JSON_STRING))
		return kubeconfig_refuse(k, v, err,
					 "%s: it is %s, wanted a string", field,
					 json_type_name(json_type(v)));
	*out = json_str(v);
	return 0;
}

int kubeconfig_bool(const struct kubeconfig *k, const struct json *object,
		    const char *field, bool *out, struct error *err)
{
	const struct json *v = json_get(object, str_of(field));

	if (json_is_set(v) && !json_is(v, JSON_BOOL))
		return kubeconfig_refuse(k, v, err,
					 "%s: it is %s, wanted true or false",
					 field, json_type_name(json_type(v)));
	*out = json_bool(v, false);
	return 0;
}

/* Neither blanks nor controls nor what is no ASCII. */
static bool is_visible(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	return true;
}

int kubeconfig_secret(struct arena *a, const struct kubeconfig *k,
		      const struct json *object, const char *field,
		      struct str *out, struct error *err)
{
	struct str text;

	if (kubeconfig_text(k, object, field, &text, err) < 0)
		return -1;
	if (!is_visible(text))
		return kubeconfig_refuse(
			k, json_get(object, str_of(field)), err,
			"%s: it holds blanks or characters that no token has",
			field);
	*out = text.n ? arena_str(a, text) : STR_NONE;
	return 0;
}

/* ---- addresses ---- */

static bool is_host(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!isalnum((unsigned char)text.p[i]) &&
		    !strchr("-._:", text.p[i]))
			return false;
	return text.n > 0 && is_visible(text);
}

int kubeconfig_host(struct arena *a, const struct kubeconfig *k,
		    const struct json *object, const char *field,
		    struct str *out, struct error *err)
{
	struct str text;

	if (kubeconfig_text(k, object, field, &text, err) < 0)
		return -1;
	if (text.n && !is_host(text))
		return kubeconfig_refuse(k, json_get(object, str_of(field)),
					 err, "%s: \"%.*s\" is no host name",
					 field, STR_ARG(text));
	*out = text.n ? arena_str(a, text) : STR_NONE;
	return 0;
}

static bool is_port(struct str text)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.n && port <= UINT16_MAX; i++) {
		if (!isdigit((unsigned char)text.p[i]))
			return false;
		port = 10 * port + (unsigned)(text.p[i] - '0');
	}
	return port > 0 && port <= UINT16_MAX;
}

/* "host", "host:port", "[ipv6]", "[ipv6]:port" */
static bool is_authority(struct str text)
{
	size_t end = str_find(text, ']');
	struct str host, rest;

	if (str_starts(text, STR("["))) {
		host = str_sub(text, 1, end);
		rest = str_sub(text, end + 1, text.n);
	} else {
		host = str_sub(text, 0, str_find(text, ':'));
		rest = str_sub(text, host.n, text.n);
	}
	return is_host(host) &&
	       (rest.n == 0 ||
		(rest.p[0] == ':' && is_port(str_sub(rest, 1, rest.n))));
}

static bool is_server(struct str text)
{
	struct str rest;

	if (str_starts(text, STR("https://")))
		rest = str_sub(text, 8, text.n);
	else if (str_starts(text, STR("http://")))
		rest = str_sub(text, 7, text.n);
	else
		return false;
	return is_visible(text) && str_find(text, '?') == text.n &&
	       str_find(text, '#') == text.n &&
	       is_authority(str_sub(rest, 0, str_find(rest, '/')));
}

int kubeconfig_server(struct arena *a, const struct kubeconfig *k,
		      const struct json *cluster, struct str *out,
		      struct error *err)
{
	const struct json *v = json_get(cluster, STR("server"));
	struct str text;

	if (kubeconfig_text(k, cluster, "server", &text, err) < 0)
		return -1;
	if (!text.n)
		return kubeconfig_refuse(k, cluster, err,
					 "the cluster has no server; wanted "
					 "https://HOST:PORT");
	while (str_ends(text, STR("/")))
		text.n--;
	/* What stands before an "@" would be a password. */
	if (!is_server(text))
		return kubeconfig_refuse(
			k, v, err,
			"server: \"%.*s\" is no address; wanted "
			"https://HOST:PORT",
			STR_ARG(str_find(text, '@') < text.n ? STR("...@...")
							     : text));
	*out = arena_str(a, text);
	return 0;
}

/* ---- files and data ---- */

int kubeconfig_path(struct arena *a, const struct kubeconfig *k,
		    const struct json *object, const char *field,
		    struct str *out, struct error *err)
{
	struct str text, folder = k->path;

	*out = STR_NONE;
	if (kubeconfig_text(k, object, field, &text, err) < 0)
		return -1;
	if (!text.n)
		return 0;
	if (str_find(text, '\0') < text.n)
		return kubeconfig_refuse(k, json_get(object, str_of(field)),
					 err, "%s: a path cannot hold a NUL",
					 field);
	while (folder.n && !str_ends(folder, STR("/")))
		folder.n--;
	if (str_starts(text, STR("/")))
		folder.n = 0;
	*out = arena_printf(a, "%.*s%.*s", STR_ARG(folder), STR_ARG(text));
	return 0;
}

static int pem_data(struct arena *a, const struct kubeconfig *k,
		    const struct json *object, const char *field,
		    struct str *out, struct error *err)
{
	const struct json *v = json_get(object, str_of(field));
	struct error why = ERROR_INIT;
	struct str text, bytes;

	*out = STR_NONE;
	if (kubeconfig_text(k, object, field, &text, err) < 0)
		return -1;
	if (!text.n)
		return 0;
	if (base64_decode_wrapped(a, text, &bytes, &why) < 0)
		return kubeconfig_refuse(k, v, err, "%s: %s", field, why.msg);
	if (str_find_str(bytes, STR("-----BEGIN ")) == bytes.n)
		return kubeconfig_refuse(k, v, err,
					 "%s: decoded from base64 it is no PEM",
					 field);
	*out = bytes;
	return 0;
}

int kubeconfig_pem(struct arena *a, const struct kubeconfig *k,
		   const struct json *object, const char *field,
		   struct str *file, struct str *data, struct error *err)
{
	struct str data_field = arena_printf(a, "%s-data", field);

	if (kubeconfig_path(a, k, object, field, file, err) < 0 ||
	    pem_data(a, k, object, data_field.p, data, err) < 0)
		return -1;
	if (file->n && data->n)
		return kubeconfig_refuse(k, json_get(object, str_of(field)),
					 err,
					 "%s and %s are both set: remove "
					 "one",
					 field, data_field.p);
	return 0;
}
