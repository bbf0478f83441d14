/* kube/config_file.c, kube/config_value.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "kube/config.h"
#include "lib/file.h"

#define SECRET "s3cret"

/* A folder for files, gone behind the test with what is in it. */
struct place {
	struct arena arena;
	struct str folder;
};

static const char *const names[] = { "config" };

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char folder[] = "/tmp/test_kube_config.XXXXXX";

	if (!place || !mkdtemp(folder))
		return -1;
	place->folder = arena_str(&place->arena, str_of(folder));
	*state = place;
	return 0;
}

static struct str path_of(struct place *place, const char *name)
{
	return arena_printf(&place->arena, "%s/%s", place->folder.p, name);
}

static int tear_down(void **state)
{
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(path_of(place, names[i]).p);
	(void)rmdir(place->folder.p);
	arena_release(&place->arena);
	free(place);
	return 0;
}

static struct str put(struct place *place, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	struct str path = path_of(place, name);

	if (file_write(path.p, str_of(text), &err) < 0)
		fail_msg("%s", err.msg);
	return path;
}

static void check_str(const char *what, struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("%s: \"%.*s\", wanted \"%s\"", what, STR_ARG(got),
			 want);
}

/* ---- kubeconfigs ---- */

#define CONTEXT "{name: c, context: {cluster: k, user: u}}"
/* One line each, so that rows of bad input can show where it is. */
#define WITH(cluster, user)                                                    \
	"current-context: c\n"                                                 \
	"contexts: [" CONTEXT "]\n"                                            \
	"clusters: [{name: k, cluster: {" cluster "}}]\n"                      \
	"users: [{name: u, user: {" user "}}]\n"
#define SERVER "server: 'https://a:6443'"
/* "-----BEGIN X" */
#define PEM "LS0tLS1CRUdJTiBY"

static void reads_what_kubectl_writes(void **state)
{
	static const char text[] =
		"apiVersion: v1\n"
		"kind: Config\n"
		"preferences: {}\n"
		"current-context: two\n"
		"clusters:\n"
		"- name: k1\n"
		"  cluster:\n"
		"    server: https://10.0.0.1:6443/\n"
		"    certificate-authority-data: " PEM "\n"
		"    extensions: [{name: x, extension: {}}]\n"
		"- cluster:\n"
		"    certificate-authority: pki/ca.crt\n"
		"    server: https://[fd00::1]:6443/k8s/clusters/c-1\n"
		"    tls-server-name: kubernetes.default\n"
		"  name: k2\n"
		"- {name: k3, cluster: {server: 'http://127.0.0.1:8001'}}\n"
		"- {name: k4, cluster: {server: 'https://b', "
		"insecure-skip-tls-verify: true}}\n"
		"users:\n"
		"- name: u1\n"
		"  user:\n"
		"    client-certificate-data: " PEM "\n"
		"    client-key-data: " PEM "\n"
		"    exec: null\n"
		"    username: ''\n"
		"- {name: u2, user: {token: " SECRET ", as-groups: []}}\n"
		"- {name: u3, user: {token: old, tokenFile: /t}}\n"
		"- {name: u4, user: {client-certificate: /c, client-key: k}}\n"
		"contexts:\n"
		"- {name: one, context: {cluster: k1, user: u1}}\n"
		"- {name: two, context: {cluster: k2, user: u2, "
		"namespace: ns}}\n"
		"- {name: three, context: {cluster: k3, user: u3}}\n"
		"- {name: four, context: {cluster: k4, user: u4}}\n"
		"- {name: broken, context: {cluster: none, user: none}}\n";
	struct place *place = *state;
	struct str path = put(place, "config", text);
	struct kube_config c;
	struct error err = ERROR_INIT;
	static const char *const contexts[] = { "", "one", "three", "four" };
	struct kube_config got[ARRAY_LEN(contexts)];

	for (size_t i = 0; i < ARRAY_LEN(contexts); i++)
		if (kube_config_read(&place->arena, path, str_of(contexts[i]),
				     &got[i], &err) < 0)
			fail_msg("%s: %s", contexts[i], err.msg);
	c = got[0];
	check_str("context", c.context, "two");
	check_str("source", c.source, path.p);
	check_str("server", c.server,
		  "https://[fd00::1]:6443/k8s/clusters/c-1");
	check_str("ca", c.ca_file, path_of(place, "pki/ca.crt").p);
	check_str("name", c.tls_server_name, "kubernetes.default");
	check_str("token", c.token, SECRET);
	check_str("namespace", c.ns, "ns");
	assert_int_equal(c.ca_data.n + c.cert_file.n + c.token_file.n, 0);
	c = got[1];
	check_str("server", c.server, "https://10.0.0.1:6443");
	check_str("ca", c.ca_data, "-----BEGIN X");
	check_str("cert", c.cert_data, "-----BEGIN X");
	check_str("key", c.key_data, "-----BEGIN X");
	check_str("namespace", c.ns, "default");
	assert_false(c.insecure);
	c = got[2];
	check_str("server", c.server, "http://127.0.0.1:8001");
	check_str("token file", c.token_file, "/t");
	check_str("token", c.token, "");
	c = got[3];
	assert_true(c.insecure);
	check_str("cert", c.cert_file, "/c");
	check_str("key", c.key_file, path_of(place, "k").p);
}

static void json_is_a_kubeconfig_too(void **state)
{
	struct place *place = *state;
	struct str path = put(
		place, "config",
		"{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\","
		"\"context\":{\"cluster\":\"k\",\"user\":\"u\"}}],"
		"\"clusters\":[{\"name\":\"k\",\"cluster\":{\"server\":"
		"\"https://a\"}}],\"users\":[{\"name\":\"u\",\"user\":{}}]}");
	struct kube_config c;
	struct error err = ERROR_INIT;

	if (kube_config_read(&place->arena, path, STR_NONE, &c, &err) < 0)
		fail_msg("%s", err.msg);
	check_str("server", c.server, "https://a");
}

static void refuses_with_the_place_and_without_the_secret(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *says;
	} rows[] = {
		{ "", 1, 1, "empty" },
		{ "[]", 1, 1, "array" },
		{ "a: b: c", 1, 5, "" },
		{ "contexts: []\n---\na: b\n", 3, 1, "second document" },
		{ "users: {}", 1, 8, "wanted an array" },
		{ "contexts:\n- context: {}\n", 2, 3, "without a name" },
		{ "users: [{name: a}, {name: a}]", 1, 27, "twice" },
		{ "contexts: []\n", 1, 1, "no current-context" },
		{ "current-context: 1\n", 1, 18, "wanted a string" },
		{ "current-context: x\ncontexts: [" CONTEXT "]", 1, 18,
		  "no context \"x\" in this file; contexts: \"c\"" },
		{ "current-context: x\n", 1, 18, "contexts: none" },
		{ "current-context: c\ncontexts: [{name: c}]", 2, 12,
		  "no context" },
		{ "current-context: c\ncontexts: [{name: c, context: 1}]", 2,
		  31, "object" },
		{ "current-context: c\n"
		  "contexts: [{name: c, context: {cluster: k}}]\n"
		  "clusters: [{name: k, cluster: {server: 'https://a'}}]\n",
		  2, 31, "no user" },
		{ "current-context: c\ncontexts: [" CONTEXT "]\n", 2, 41,
		  "no cluster \"k\"" },
		{ WITH("", ""), 3, 31, "no server" },
		{ WITH("server: 1", ""), 3, 40, "wanted a string" },
		{ WITH("server: a", ""), 3, 40, "https://HOST:PORT" },
		{ WITH("server: 'ftp://a'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://a:b'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://a:0'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://a:65536'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://a/?b'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://a b'", ""), 3, 40, "no address" },
		{ WITH("server: 'https://x:" SECRET "@a'", ""), 3, 40,
		  "no address" },
		{ WITH(SERVER ", proxy-url: 'http://p'", ""), 3, 69,
		  "proxies" },
		{ WITH(SERVER ", insecure-skip-tls-verify: 1", ""), 3, 84,
		  "true or false" },
		{ WITH(SERVER ", insecure-skip-tls-verify: true, "
			      "certificate-authority: a",
		       ""),
		  3, 84, "contradict" },
		{ WITH(SERVER ", tls-server-name: 'a/b'", ""), 3, 75,
		  "no host name" },
		{ WITH(SERVER ", certificate-authority-data: 'a*'", ""), 3, 86,
		  "no base64" },
		{ WITH(SERVER ", certificate-authority-data: 'YWJj'", ""), 3,
		  86, "no PEM" },
		{ WITH(SERVER ", certificate-authority-data: '" PEM
			      "', certificate-authority: a",
		       ""),
		  3, 129, "both set" },
		{ WITH(SERVER, "token: 'a " SECRET "'"), 4, 33, "token" },
		{ WITH(SERVER, "token: \"" SECRET "\\n\""), 4, 33, "token" },
		{ WITH(SERVER, "client-certificate: a"), 4, 25, "client-key" },
		{ WITH(SERVER, "client-key: a"), 4, 25, "client-certificate" },
		{ WITH(SERVER, "client-key-data: " SECRET), 4, 43,
		  "no base64" },
		{ WITH(SERVER, "exec: {command: x}"), 4, 32,
		  "kubectl create token" },
		{ WITH(SERVER, "auth-provider: {name: oidc}"), 4, 41,
		  "not run" },
		{ WITH(SERVER, "username: x, password: " SECRET), 4, 36,
		  "passwords" },
		{ WITH(SERVER, "password: " SECRET), 4, 36, "passwords" },
		{ WITH(SERVER, "as: x"), 4, 30, "somebody else" },
		{ WITH(SERVER, "as-groups: [x]"), 4, 37, "somebody else" },
		{ WITH(SERVER, "tokenFile: \"a\\0b\""), 4, 37, "NUL" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str path = put(place, "config", rows[i].text);
		struct str at =
			arena_printf(&place->arena, "%s:%u:%u: ", path.p,
				     rows[i].line, rows[i].column);
		struct kube_config c;
		struct error err = ERROR_INIT;

		if (kube_config_read(&place->arena, path, STR_NONE, &c, &err) !=
			    -1 ||
		    err.code != ERR_CONFIG ||
		    !str_starts(str_of(err.msg), at) ||
		    !strstr(err.msg, rows[i].says) || strstr(err.msg, SECRET))
			fail_msg("row %zu: \"%s\", wanted %s%s", i, err.msg,
				 at.p, rows[i].says);
	}
}

static void decodes_base64_across_lines(void **state)
{
	static const struct {
		const char *base64, *want; /* NULL: refused */
	} rows[] = {
		{ "LS0tLS1CRUdJTiA=", "-----BEGIN " },
		{ "LS0tLS1CRUdJTiB4", "-----BEGIN x" },
		{ "LS0tLS1CRUdJTiB4eQ==", "-----BEGIN xy" },
		{ "LS0tLS1C\\nRUdJTiB4\\r\\neQ==\\n", "-----BEGIN xy" },
		{ "LS0tLS1CRUdJTiA", NULL },
		{ "LS0tLS1CRUdJTiB4eQ=", NULL },
		{ "LS0tLS1CRUdJTiB4eQ===", NULL },
		{ "LS0tLS1CRUdJTiB4e===", NULL },
		{ "LS0tLS1CRUdJTiB4====", NULL },
		{ "LS0tLS1CRUdJTiA=LS0t", NULL },
		{ "LS0tLS1CRUdJTiB4 ", NULL },
		{ "LS0tLS1CRUdJTiB-", NULL },
		{ "LS0tLS1CRUdJTiB4eR==", NULL },
		{ "LS0tLS1CRUdJTiB4\\neR==\\n", NULL },
		{ "=", NULL },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str text = arena_printf(
			&place->arena,
			"current-context: c\ncontexts: [" CONTEXT "]\n"
			"clusters: [{name: k, cluster: {" SERVER
			", certificate-authority-data: \"%s\"}}]\n"
			"users: [{name: u, user: {}}]\n",
			rows[i].base64);
		struct str path = put(place, "config", text.p);
		struct kube_config c = { .ca_data = STR_NONE };
		struct error err = ERROR_INIT;
		int got = kube_config_read(&place->arena, path, STR_NONE, &c,
					   &err);

		if ((got == 0) != (rows[i].want != NULL) ||
		    (rows[i].want && !str_is(c.ca_data, rows[i].want)))
			fail_msg("row %zu: %s \"%.*s\"", i, err.msg,
				 STR_ARG(c.ca_data));
	}
}

static void files_that_cannot_be_read_are_io_errors(void **state)
{
	struct place *place = *state;
	struct kube_config c;
	struct error err = ERROR_INIT;

	assert_int_equal(kube_config_read(&place->arena,
					  path_of(place, "config"), STR_NONE,
					  &c, &err),
			 -1);
	assert_int_equal(err.code, ERR_IO);
	assert_int_equal(kube_config_read(&place->arena, place->folder,
					  STR_NONE, &c, &err),
			 -1);
	assert_int_equal(err.code, ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_kubectl_writes),
		TEST(json_is_a_kubeconfig_too),
		TEST(refuses_with_the_place_and_without_the_secret),
		TEST(decodes_base64_across_lines),
		TEST(files_that_cannot_be_read_are_io_errors),
	};

	return cmocka_run_group_tests_name("kube/config_file.c", tests, NULL,
					   NULL) != 0;
}
