/* kube/config.c: where a configuration is found */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kube/config.h"
#include "lib/file.h"

#define SECRET "s3cret"

/* A folder for files, gone behind the test with what is in it. */
struct place {
	struct arena arena;
	struct str folder;
};

static const char *const names[] = { "token", "ca.crt", "namespace",
				     "a",     "b",	"c:d" };

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

/* ---- finding ---- */

static struct str simple(struct place *place, const char *context,
			 const char *current)
{
	return arena_printf(&place->arena,
			    "current-context: '%s'\n"
			    "contexts: [{name: %s, context: {cluster: k, "
			    "user: u}}]\n"
			    "clusters: [{name: k, cluster: {server: "
			    "'https://%s'}}]\n"
			    "users: [{name: u, user: {}}]\n",
			    current, context, context);
}

/* "%" is the folder. */
static struct str expand(struct place *place, const char *text)
{
	struct str rest = str_of(text), field, out = STR("");
	bool first = true;

	while (text && str_split(&rest, '%', &field)) {
		out = arena_printf(&place->arena, "%.*s%s%.*s", STR_ARG(out),
				   first ? "" : place->folder.p,
				   STR_ARG(field));
		first = false;
	}
	return out;
}

static void finds_as_kubectl_does(void **state)
{
	static const struct {
		const char *path, *context, *kubeconfig, *home;
		const char *want; /* server; NULL: an error that says */
		const char *says;
	} rows[] = {
		{ "", "", "%/a", NULL, "https://a", NULL },
		{ "", "", "%/none:%/a:%/b", NULL, "https://a", NULL },
		{ "", "b", "%/a:%/b", NULL, "https://b", NULL },
		/* The current context of b is in a. */
		{ "", "", "::%/b:%/a:", NULL, "https://a", NULL },
		{ "%/b", "b", "%/a", NULL, "https://b", NULL },
		{ "%/c:d", "", "%/a", NULL, "https://colon", NULL },
		{ "", "", "%/b", NULL, NULL, "no context \"a\"" },
		{ "", "x", "%/a:%/b", NULL, NULL, "no context \"x\"" },
		{ "", "", "%/none", NULL, NULL, "no file" },
		{ "", "", NULL, "%", NULL, "/.kube/config" },
		{ "", "", "", "%", NULL, "/.kube/config" },
		{ "", "", NULL, NULL, NULL, "neither KUBECONFIG nor HOME" },
		{ "", "", "", "", NULL, "neither KUBECONFIG nor HOME" },
		{ "%/none", "", "%/a", NULL, NULL, "cannot open" },
	};
	struct place *place = *state;

	put(place, "a", simple(place, "a", "a").p);
	put(place, "b", simple(place, "b", "a").p);
	put(place, "c:d", simple(place, "colon", "colon").p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *list = rows[i].kubeconfig, *home = rows[i].home;
		struct kube_config c = { .server = STR_NONE };
		struct error err = ERROR_INIT;
		int got = kube_config_find(
			&place->arena, expand(place, rows[i].path),
			str_of(rows[i].context),
			list ? expand(place, list).p : NULL,
			home ? expand(place, home).p : NULL, &c, &err);

		if ((got == 0) != (rows[i].want != NULL) ||
		    (got == 0 && !str_is(c.server, rows[i].want)) ||
		    (got < 0 && !strstr(err.msg, rows[i].says)))
			fail_msg("row %zu: %.*s %s", i, STR_ARG(c.server),
				 err.msg);
	}
}

static void finds_the_file_below_home(void **state)
{
	struct place *place = *state;
	struct str folder = path_of(place, "h:ome"), kube, file;
	struct kube_config c;
	struct error err = ERROR_INIT;

	kube = arena_printf(&place->arena, "%s/.kube", folder.p);
	file = arena_printf(&place->arena, "%s/config", kube.p);
	assert_int_equal(mkdir(folder.p, 0700), 0);
	assert_int_equal(mkdir(kube.p, 0700), 0);
	assert_int_equal(file_write(file.p, simple(place, "a", "a"), &err), 0);
	if (kube_config_find(&place->arena, STR_NONE, STR_NONE, NULL, folder.p,
			     &c, &err) < 0)
		fail_msg("%s", err.msg);
	check_str("source", c.source, file.p);
	(void)unlink(file.p);
	(void)rmdir(kube.p);
	(void)rmdir(folder.p);
}

/* ---- in the cluster ---- */

static void a_pod_finds_its_service_account(void **state)
{
	static const struct {
		const char *host, *port, *ns, *want, *want_ns;
	} rows[] = {
		{ "10.96.0.1", "443", "bulkhead\n", "https://10.96.0.1:443",
		  "bulkhead" },
		{ "fd00::1", "443", "", "https://[fd00::1]:443", "default" },
		{ "[fd00::1]", "6443", " a ", "https://[fd00::1]:6443", "a" },
		{ "kubernetes", "443", NULL, "https://kubernetes:443",
		  "default" },
	};
	struct place *place = *state;

	put(place, "token", SECRET);
	put(place, "ca.crt", "-----BEGIN X");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kube_config c;
		struct error err = ERROR_INIT;

		(void)unlink(path_of(place, "namespace").p);
		if (rows[i].ns)
			put(place, "namespace", rows[i].ns);
		if (kube_config_in_cluster(&place->arena, place->folder,
					   rows[i].host, rows[i].port, &c,
					   &err) < 0)
			fail_msg("row %zu: %s", i, err.msg);
		check_str("server", c.server, rows[i].want);
		check_str("namespace", c.ns, rows[i].want_ns);
		check_str("context", c.context, "in-cluster");
		check_str("token", c.token_file, path_of(place, "token").p);
		check_str("ca", c.ca_file, path_of(place, "ca.crt").p);
		assert_int_equal(c.token.n, 0);
	}
}

static void says_what_a_pod_lacks(void **state)
{
	static const struct {
		const char *host, *port, *absent, *says;
	} rows[] = {
		{ NULL, "443", "", "KUBERNETES_SERVICE_HOST" },
		{ "", "443", "", "KUBERNETES_SERVICE_HOST" },
		{ "10.96.0.1", NULL, "", "KUBERNETES_SERVICE_PORT" },
		{ "10.96.0.1", "", "", "KUBERNETES_SERVICE_PORT" },
		{ "10.96.0.1", "443", "token", "/token" },
		{ "10.96.0.1", "443", "ca.crt", "/ca.crt" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kube_config c;
		struct error err = ERROR_INIT;

		put(place, "token", SECRET);
		put(place, "ca.crt", "-----BEGIN X");
		if (*rows[i].absent)
			(void)unlink(path_of(place, rows[i].absent).p);
		if (kube_config_in_cluster(&place->arena, place->folder,
					   rows[i].host, rows[i].port, &c,
					   &err) != -1 ||
		    err.code != ERR_CONFIG || !strstr(err.msg, rows[i].says))
			fail_msg("row %zu: %s", i, err.msg);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_as_kubectl_does),
		TEST(finds_the_file_below_home),
		TEST(a_pod_finds_its_service_account),
		TEST(says_what_a_pod_lacks),
	};

	return cmocka_run_group_tests_name("kube/config.c", tests, NULL,
					   NULL) != 0;
}
