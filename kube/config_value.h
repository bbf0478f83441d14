/*
 * The values of a kubeconfig: each reads the field of an object, absent, null
 * and "" all being empty, and refuses what cannot be used, with its place.
 * For kube/config_file.c.
 */
#ifndef KUBE_CONFIG_VALUE_H
#define KUBE_CONFIG_VALUE_H

#include "kube/config_file.h"

/* -1, ERR_CONFIG: "FILE:LINE:COLUMN: ..." at v, or at the start of the file. */
int kubeconfig_refuse(const struct kubeconfig *k, const struct json *v,
		      struct error *err, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* The same for an error that has its place already. */
int kubeconfig_failed(const struct kubeconfig *k, struct error *err);

int kubeconfig_text(const struct kubeconfig *k, const struct json *object,
		    const char *field, struct str *out,
		    struct error *err) MUST_CHECK;
int kubeconfig_bool(const struct kubeconfig *k, const struct json *object,
		    const char *field, bool *out, struct error *err) MUST_CHECK;

/* "https://host[:port][/prefix]"; never empty. */
int kubeconfig_server(struct arena *a, const struct kubeconfig *k,
		      const struct json *cluster, struct str *out,
		      struct error *err) MUST_CHECK;
/* A DNS name or address. */
int kubeconfig_host(struct arena *a, const struct kubeconfig *k,
		    const struct json *object, const char *field,
		    struct str *out, struct error *err) MUST_CHECK;
/* What may stand in a header; never quoted. */
int kubeconfig_secret(struct arena *a, const struct kubeconfig *k,
		      const struct json *object, const char *field,
		      struct str *out, struct error *err) MUST_CHECK;
/* Relative paths are relative to the file. */
int kubeconfig_path(struct arena *a, const struct kubeconfig *k,
		    const struct json *object, const char *field,
		    struct str *out, struct error *err) MUST_CHECK;
/* field is a path, field-data PEM in base64; not both. */
int kubeconfig_pem(struct arena *a, const struct kubeconfig *k,
		   const struct json *object, const char *field,
		   struct str *file, struct str *data,
		   struct error *err) MUST_CHECK;

#endif
