/*
 * static_reply PORT CERT KEY: libmicrohttpd with its TLS, set up as the
 * admission server does it, one thread, a fixed reply: the price of the
 * transport alone.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"

enum { FILE_MAX = 1 << 16, HEAD_MAX = 32 << 10 };

static const char reply[] =
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
	"\"response\":{\"uid\":\"705ab4f5-6393-11e8-b7cc-42010a800002\","
	"\"allowed\":true}}";

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
static enum MHD_Result serve(void *context, struct MHD_Connection *mhd,
			     const char *path, const char *method,
			     const char *version, const char *upload,
			     size_t *upload_size, void **request)
{
	static char seen;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)context;
	(void)path;
	(void)method;
	(void)version;
	(void)upload;
	if (!*request || *upload_size) {
		*request = &seen;
		*upload_size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(sizeof(reply) - 1,
						   (void *)(uintptr_t)reply,
						   MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "application/json");
	result = MHD_queue_response(mhd, 200, response);
	MHD_destroy_response(response);
	return result;
}

static struct str text_of(struct arena *a, const char *path)
{
	struct error err = ERROR_INIT;
	struct str text;

	if (file_read(a, path, FILE_MAX, &text, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		_exit(1);
	}
	return text;
}

int main(int argc, char **argv)
{
	struct arena a = ARENA_INIT;
	struct sockaddr_in at = { .sin_family = AF_INET };
	const struct json port =
		json_make_number(str_of(argc == 4 ? argv[1] : ""));
	int64_t n;

	if (!json_int(&port, &n) || n < 1 || n > UINT16_MAX)
		return 2;
	at.sin_port = htons((uint16_t)n);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS |
				      MHD_USE_ITC,
			      0, NULL, NULL, serve, NULL, MHD_OPTION_SOCK_ADDR,
			      &at, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			      (size_t)HEAD_MAX, MHD_OPTION_HTTPS_PRIORITIES,
			      "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"
			      "%SERVER_PRECEDENCE",
			      MHD_OPTION_HTTPS_MEM_CERT, text_of(&a, argv[2]).p,
			      MHD_OPTION_HTTPS_MEM_KEY, text_of(&a, argv[3]).p,
			      MHD_OPTION_END)) {
		fprintf(stderr, "cannot serve on port %s\n", argv[1]);
		return 1;
	}
	for (;;)
		pause();
}
