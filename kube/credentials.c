/*
 * Anonymous files for what a kubeconfig holds as data, because the TLS library
 * takes certificates by path alone; and the token, read when it is due.
 */
#include "kube/credentials.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/file.h"

#define TOKEN_PERIOD_NS (60 * INT64_C(1000000000))

static int write_all(int fd, struct str data)
{
	while (data.n > 0) {
		ssize_t put = write(fd, data.p, data.n);

		if (put < 0)
			return -1;
		data = str_sub(data, (size_t)put, data.n);
	}
	return 0;
}

/* The path of the file, or of a new one that holds data. */
static int pem_path(struct kube_credentials *c, struct str file,
		    struct str data, int *fd, const char **path,
		    struct error *err)
{
	if (file.n) {
		*path = arena_str(&c->arena, file).p;
		return 0;
	}
	if (!data.n)
		return 0;
	*fd = memfd_create("pem", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0 || write_all(*fd, data) < 0 ||
	    fcntl(*fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) < 0)
		return error_set(err, ERR_IO,
				 "cannot keep a certificate in memory: %m");
	*path = arena_printf(&c->arena, "/proc/self/fd/%d", *fd).p;
	return 0;
}

/* It stands in a header: visible ASCII, which every token is. */
static bool is_token(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	return text.n > 0 && text.n <= TOKEN_MAX;
}

static void forget(struct kube_credentials *c)
{
	if (!c->token)
		return;
	explicit_bzero(c->token, c->token_n);
	free(c->token);
	c->token = NULL;
	c->token_n = 0;
}

static void keep(struct kube_credentials *c, struct str text)
{
	forget(c);
	c->token = malloc(text.n);
	if (!c->token)
		BUG("out of memory");
	memcpy(c->token, text.p, text.n);
	c->token_n = text.n;
}

int kube_credentials_init(struct kube_credentials *c,
			  const struct kube_config *config, struct error *err)
{
	*c = KUBE_CREDENTIALS_NONE;
	if (pem_path(c, config->ca_file, config->ca_data, &c->fds[0], &c->ca,
		     err) < 0 ||
	    pem_path(c, config->cert_file, config->cert_data, &c->fds[1],
		     &c->cert, err) < 0 ||
	    pem_path(c, config->key_file, config->key_data, &c->fds[2], &c->key,
		     err) < 0)
		return -1;
	if (config->token_file.n) {
		c->token_file = arena_str(&c->arena, config->token_file).p;
	} else if (config->token.n) {
		if (!is_token(config->token))
			return error_set(err, ERR_CONFIG,
					 "the token holds what no token may: "
					 "wanted visible ASCII, no blanks");
		keep(c, config->token);
	}
	return 0;
}

void kube_credentials_release(struct kube_credentials *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->fds); i++)
		if (c->fds[i] >= 0)
			(void)close(c->fds[i]);
	forget(c);
	arena_release(&c->arena);
}

static int read_token(struct kube_credentials *c, struct arena *scratch,
		      struct error *err)
{
	struct str text, token;
	int result = 0;

	if (file_read(scratch, c->token_file, TOKEN_MAX, &text, err) < 0) {
		err->code = ERR_CONFIG;
		return error_wrap(err, "token file");
	}
	token = str_trim(text);
	if (is_token(token))
		keep(c, token);
	else
		result = error_set(err, ERR_CONFIG, "token file %s %s",
				   c->token_file,
				   token.n ? "holds more than a token: wanted "
					     "visible ASCII, no blanks"
					   : "is empty");
	/* Ours alone, and about to be given back. */
	explicit_bzero((void *)(uintptr_t)text.p, text.n);
	return result;
}

int kube_credentials_token(struct kube_credentials *c, int64_t now_ns,
			   struct str *token, struct error *err)
{
	if (c->token_file && (!c->token_n || now_ns >= c->token_due)) {
		CLEANUP(arena_release) struct arena scratch = ARENA_INIT;

		if (read_token(c, &scratch, err) < 0 && !c->token_n)
			return -1;
		c->token_due = now_ns + TOKEN_PERIOD_NS;
	}
	*token = (struct str){ c->token, c->token_n };
	return 0;
}

void kube_credentials_distrust(struct kube_credentials *c)
{
	c->token_due = INT64_MIN;
}
