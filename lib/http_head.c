/* Reading the head of a request. */
#include "lib/http_head.h"

#include <strings.h>

#include "lib/json.h"

static bool same_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

void http_head_add(struct http_head *head, struct str name, struct str value)
{
	if (same_word(name, "Content-Type")) {
		head->content_type = value;
	} else if (same_word(name, "Content-Length")) {
		const struct json number = json_make_number(str_trim(value));

		head->lengths++;
		if (!json_int(&number, &head->length) || head->length < 0)
			head->bad_length = true;
	} else if (same_word(name, "Transfer-Encoding")) {
		head->codings++;
		head->chunked = true;
	}
}

/* RFC 9112, section 6.3. */
bool http_head_ambiguous(const struct http_head *head)
{
	return head->bad_length || head->lengths > 1 || head->codings > 1 ||
	       (head->lengths && head->codings);
}

bool http_type_is(struct str value, const char *type)
{
	return same_word(str_trim(str_sub(value, 0, str_find(value, ';'))),
			 type);
}

static const struct {
	const char *name;
	enum http_method method;
} methods[] = {
	{ "GET", HTTP_GET },
	{ "HEAD", HTTP_HEAD },
	{ "POST", HTTP_POST },
};

enum http_method http_method_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_is(name, methods[i].name))
			return methods[i].method;
	return (enum http_method)0;
}

struct str http_methods_str(struct arena *a, unsigned bits)
{
	struct str text = STR("");

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (bits & methods[i].method)
			text = arena_printf(a, "%.*s%s%s", STR_ARG(text),
					    text.n ? ", " : "",
					    methods[i].name);
	return text;
}

const struct http_route *http_route_find(const struct http_route *routes,
					 struct str path)
{
	for (; routes->path; routes++)
		if (str_is(path, routes->path))
			return routes;
	return NULL;
}

enum http_refusal http_head_judge(const struct http_head *head,
				  const struct http_route *route,
				  enum http_method method)
{
	if (http_head_ambiguous(head))
		return HTTP_REFUSED_BAD;
	if (!route)
		return HTTP_REFUSED_PATH;
	if (!(route->methods & method))
		return HTTP_REFUSED_METHOD;
	if (method == HTTP_POST && route->content_type &&
	    !http_type_is(head->content_type, route->content_type))
		return HTTP_REFUSED_TYPE;
	return HTTP_REFUSALS;
}

static const struct {
	unsigned status;
	struct str text;
} refusals[] = {
	[HTTP_REFUSED_BAD] = { 400,
			       STR_INIT("the length of the body can be read "
					"in two ways\n") },
	[HTTP_REFUSED_PATH] = { 404, STR_INIT("no such path\n") },
	[HTTP_REFUSED_METHOD] = { 405, STR_INIT("method not allowed here\n") },
	[HTTP_REFUSED_TOO_LARGE] = { 413, STR_INIT("the body is too "
						   "large\n") },
	[HTTP_REFUSED_TYPE] = { 415, STR_INIT("wanted Content-Type: "
					      "application/json\n") },
	[HTTP_REFUSED_BUSY] = { 503, STR_INIT("too much is under way, "
					      "try again\n") },
};
_Static_assert(ARRAY_LEN(refusals) == HTTP_REFUSALS, "a text for each");

unsigned http_refusal_status(enum http_refusal why)
{
	return refusals[why].status;
}

struct str http_refusal_text(enum http_refusal why)
{
	return refusals[why].text;
}
