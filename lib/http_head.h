/*
 * What stands in the head of an HTTP request, judged without any library: the
 * length and type of the body, and the route.
 */
#ifndef LIB_HTTP_HEAD_H
#define LIB_HTTP_HEAD_H

#include "lib/http.h"

struct http_head {
	struct str content_type;
	int64_t length;		   /* of the body as announced; 0 without one */
	bool chunked;		   /* length unknown */
	unsigned lengths, codings; /* how many of those headers */
	bool bad_length;
};

/* Takes note of one header. */
void http_head_add(struct http_head *head, struct str name, struct str value);

/* A length that two readers could read differently. */
bool http_head_ambiguous(const struct http_head *head);

/* "application/json", "Application/JSON; charset=utf-8". */
bool http_type_is(struct str value, const char *type);

/* 0 for a method that we do not know. */
enum http_method http_method_of(struct str name);

/* "GET, HEAD": for the header Allow. */
struct str http_methods_str(struct arena *a, unsigned methods);

const struct http_route *http_route_find(const struct http_route *routes,
					 struct str path);

/* Why it is refused by its head alone; HTTP_REFUSALS: it is not. */
enum http_refusal http_head_judge(const struct http_head *head,
				  const struct http_route *route,
				  enum http_method method);

unsigned http_refusal_status(enum http_refusal why);
struct str http_refusal_text(enum http_refusal why);

#endif
