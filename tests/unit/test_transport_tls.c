/* kube/transport.c: what TLS checks, against a server on loopback */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "certs/key_pair.h"
#include "kube/transport.h"
#include "lib/clock.h"
#include "lib/file.h"

#define SECRET "s3cret"
#define ENOUGH_MS 60000
#define DAY INT64_C(86400)

/* A CA, what it has signed, and a server that has its certificate. */
struct place {
	struct arena arena;
	struct kube_stop *stop;
	struct key_pair ca, other_ca, server, client;
	struct str ca_path;
	char ca_name[32];
	struct MHD_Daemon *daemon;
	unsigned port;
};

/* "with" a client certificate, or "without". */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_n, void **request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	static char with[] = "with", without[] = "without";
	unsigned n = 0;
	struct MHD_Response *response;
	enum MHD_Result result;
	char *body;

	(void)context;
	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_n;
	(void)request;
	(void)gnutls_certificate_get_peers(info->tls_session, &n);
	body = n ? with : without;
	response = MHD_create_response_from_buffer(strlen(body), body,
						   MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return result;
}

static void start(struct place *place)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	place->daemon = MHD_start_daemon(
		MHD_USE_TLS | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
		answer, NULL, MHD_OPTION_SOCK_ADDR, &at,
		MHD_OPTION_HTTPS_MEM_KEY, place->server.key.p,
		MHD_OPTION_HTTPS_MEM_CERT, place->server.cert.p,
		MHD_OPTION_HTTPS_MEM_TRUST, place->ca.cert.p, MHD_OPTION_END);
	assert_non_null(place->daemon);
	place->port =
		MHD_get_daemon_info(place->daemon, MHD_DAEMON_INFO_BIND_PORT)
			->port;
}

static int set_up(void **state)
{
	static struct str dns[] = { STR_INIT("kube.test") };
	static struct str ips[] = { STR_INIT("127.0.0.1") };
	const struct cert_names names = { dns, 1, ips, 1 };
	struct place *place = calloc(1, sizeof(*place));
	int64_t now = clock_wall_seconds();
	const struct validity valid = { now - DAY, now + DAY };
	struct error err = ERROR_INIT;
	int fd;

	if (!place ||
	    key_pair_make_ca(&place->arena, valid, &place->ca, &err) < 0 ||
	    key_pair_make_ca(&place->arena, valid, &place->other_ca, &err) <
		    0 ||
	    key_pair_make_leaf(&place->arena, &place->ca, &names, valid,
			       &place->server, &err) < 0 ||
	    key_pair_make_leaf(&place->arena, &place->ca, &names, valid,
			       &place->client, &err) < 0)
		return -1;
	memcpy(place->ca_name, "/tmp/test_tls.XXXXXX",
	       sizeof("/tmp/test_tls.XXXXXX"));
	fd = mkstemp(place->ca_name);
	if (fd < 0 || close(fd) < 0 ||
	    file_write(place->ca_name, place->ca.cert, &err) < 0)
		return -1;
	place->ca_path = str_of(place->ca_name);
	place->stop = kube_stop_new();
	start(place);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	MHD_stop_daemon(place->daemon);
	kube_stop_free(&place->stop);
	(void)unlink(place->ca_name);
	arena_release(&place->arena);
	free(place);
	return 0;
}

static enum kube_transport_outcome
ask(struct place *place, struct kube_config *config, const char *scheme,
    struct kube_transport_answer *out, struct error *err)
{
	const struct kube_transport_request request = {
		.method = "GET", .path = STR("/"), .timeout_ms = ENOUGH_MS
	};
	struct kube_transport *t;
	enum kube_transport_outcome got = TRANSPORT_ANSWERED;

	config->server = arena_printf(&place->arena, "%s://127.0.0.1:%u",
				      scheme, place->port);
	config->token = STR(SECRET);
	config->source = STR("test.conf");
	if (kube_transport_new(config, place->stop, "test/1", &t, err) < 0)
		fail_msg("%s", err->msg);
	/* The second goes over what the first has opened. */
	for (size_t i = 0; i < 2 && got == TRANSPORT_ANSWERED; i++)
		got = kube_transport_send(t, &place->arena, &request, out, err);
	kube_transport_free(&t);
	return got;
}

static void takes_the_server_that_the_ca_has_signed(void **state)
{
	struct place *place = *state;
	struct kube_config rows[] = {
		{ .ca_data = place->ca.cert },
		{ .ca_file = place->ca_path },
		{ .ca_file = place->ca_path,
		  .tls_server_name = STR("kube.test") },
		{ .insecure = true },
		{ .ca_data = place->ca.cert,
		  .cert_data = place->client.cert,
		  .key_data = place->client.key },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kube_transport_answer got = { .status = 0 };
		struct error err = ERROR_INIT;
		const char *want = rows[i].cert_data.n ? "with" : "without";

		if (ask(place, &rows[i], "https", &got, &err) !=
			    TRANSPORT_ANSWERED ||
		    !str_is(got.body, want))
			fail_msg("row %zu: %.*s %s", i, STR_ARG(got.body),
				 err.msg);
	}
}

static void refuses_every_other(void **state)
{
	struct place *place = *state;
	struct {
		struct kube_config config;
		const char *says;
	} rows[] = {
		{ { .ca_data = place->other_ca.cert },
		  "127.0.0.1 against certificate-authority-data in test.conf" },
		{ { .ca_data = STR("-----BEGIN X") }, "test.conf" },
		{ { .insecure = false }, "against the system's" },
		{ { .ca_file = place->ca_path,
		    .tls_server_name = STR("other.test") },
		  "other.test against certificate authority /tmp/test_tls." },
		{ { .ca_file = STR("/nowhere/ca.crt") },
		  "/nowhere/ca.crt cannot be read" },
		{ { .ca_data = place->ca.cert,
		    .cert_data = place->client.cert,
		    .key_data = place->server.key },
		  "belong together" },
		{ { .ca_data = place->ca.cert,
		    .cert_file = STR("/nowhere/cert"),
		    .key_data = place->client.key },
		  "client certificate" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kube_transport_answer got;
		struct error err = ERROR_INIT;

		if (ask(place, &rows[i].config, "https", &got, &err) !=
			    TRANSPORT_REFUSED ||
		    err.code != ERR_CONFIG || !strstr(err.msg, rows[i].says) ||
		    strstr(err.msg, "/proc/") || strstr(err.msg, SECRET))
			fail_msg("row %zu: %s", i, err.msg);
	}
}

static void http_is_no_answer_of_a_tls_port(void **state)
{
	struct place *place = *state;
	struct kube_config config = { .insecure = false };
	struct kube_transport_answer got;
	struct error err = ERROR_INIT;

	assert_int_equal(ask(place, &config, "http", &got, &err),
			 TRANSPORT_UNKNOWN);
	assert_null(strstr(err.msg, SECRET));
}

/* The connection is checked anew with what stands in the file then. */
static void a_replaced_ca_file_counts(void **state)
{
	struct place *place = *state;
	struct kube_config config = { .ca_file = place->ca_path };
	struct kube_transport_answer got;
	struct error err = ERROR_INIT;

	assert_int_equal(ask(place, &config, "https", &got, &err),
			 TRANSPORT_ANSWERED);
	assert_int_equal(file_write(place->ca_name, place->other_ca.cert, &err),
			 0);
	assert_int_equal(ask(place, &config, "https", &got, &err),
			 TRANSPORT_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_the_server_that_the_ca_has_signed),
		TEST(refuses_every_other),
		TEST(http_is_no_answer_of_a_tls_port),
		TEST(a_replaced_ca_file_counts),
	};

	return cmocka_run_group_tests_name("kube/transport.c", tests, NULL,
					   NULL) != 0;
}
