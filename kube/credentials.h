/*
 * What TLS and HTTP need of a configuration, in the form that they take it:
 * paths of PEM files, and the bearer token of the moment. Data that stands in
 * a kubeconfig becomes an anonymous file, which is gone with the process.
 *
 * One thread at a time. Secrets are wiped when they are no longer needed.
 */
#ifndef KUBE_CREDENTIALS_H
#define KUBE_CREDENTIALS_H

#include "kube/config.h"

enum { TOKEN_MAX = 64 << 10 };

struct kube_credentials {
	/* Paths to read at each connection; NULL: not given. */
	const char *ca, *cert, *key;
	const char *token_file;
	int fds[3]; /* of the anonymous files, -1: none */
	char *token;
	size_t token_n;	   /* 0: none yet */
	int64_t token_due; /* CLOCK_MONOTONIC, ns: when to read it again */
	struct arena arena;
};

/* Nothing to release, and safe to: 0 would be somebody's descriptor. */
#define KUBE_CREDENTIALS_NONE                                                  \
	((struct kube_credentials){ .fds = { -1, -1, -1 } })

/* ERR_CONFIG for a token that is none; ERR_IO when files cannot be made. */
int kube_credentials_init(struct kube_credentials *c,
			  const struct kube_config *config,
			  struct error *err) MUST_CHECK;
void kube_credentials_release(struct kube_credentials *c);

/*
 * The token into *token, borrowed until the next call; empty when there is
 * none. A file is read again after a minute, half of the time that the kubelet
 * takes to replace it; while that fails the one we have stays in use.
 */
int kube_credentials_token(struct kube_credentials *c, int64_t now_ns,
			   struct str *token, struct error *err) MUST_CHECK;

/* The server did not accept it: reads the file before the next request. */
void kube_credentials_distrust(struct kube_credentials *c);

#endif
