/*
 * What the API server answers when it does not do what was asked: its Status
 * (metav1.Status) as an error for a person, with what to do about it.
 */
#include "kube/client.h"

enum {
	SERVER_TEXT_MAX = 280, /* so that the advice behind it is not cut off */
	VALUE_SHOWN_MAX = 64,
	CAUSES_SHOWN_MAX = 5,
	CAUSE_TEXT_MAX = 100, /* so that the fields behind it are told too */
};

static const struct kind {
	unsigned status;
	enum error_code code;
	const char *words;
	const char *advice;
} kinds[] = {
	{ 400, ERR_INPUT, "bad request", "" },
	{ 401, ERR_CONFIG, "not authenticated",
	  "the server does not accept our token or certificate: is it of this "
	  "cluster, and has it expired?" },
	{ 403, ERR_CONFIG, "forbidden", "" },
	{ 404, ERR_IO, "not found", "" },
	{ 405, ERR_IO, "not allowed for this kind", "" },
	{ 409, ERR_CONFLICT, "conflict", "" },
	{ 410, ERR_GONE, "no longer there", "list again" },
	{ 413, ERR_IO, "too large", "" },
	{ 415, ERR_INPUT, "type not supported", "" },
	{ 422, ERR_INPUT, "invalid", "" },
	{ 429, ERR_IO, "too many requests", "the server asks us to slow down" },
	{ 502, ERR_IO, "no good answer from behind the proxy", "" },
	{ 503, ERR_IO, "the server is not available", "" },
	{ 504, ERR_IO, "the server took too long", "" },
};

/* For all other statuses, by their first digit. */
static const struct kind classes[] = {
	[3] = { 0, ERR_IO, "sent elsewhere",
		"redirects are not followed: is this the API server's "
		"address?" },
	[4] = { 0, ERR_IO, "refused", "" },
	[5] = { 0, ERR_IO, "the server failed", "" },
	[6] = { 0, ERR_IO, "failed", "" },
};

static const struct kind *kind_of(unsigned status)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].status == status)
			return &kinds[i];
	return &classes[status >= 300 && status < 600 ? status / 100 : 6];
}

static bool is_status(const struct json *body)
{
	return json_str_is(json_at(body, "kind"), STR("Status"));
}

/* The ERROR event of a watch comes with 200 and has its code inside. */
static unsigned code_of(unsigned http_status, const struct json *body)
{
	struct str reason = json_str(json_at(body, "reason"));
	int64_t code;

	if (http_status >= 300 || !is_status(body))
		return http_status;
	if (json_int(json_at(body, "code"), &code) && code >= 300 && code < 600)
		return (unsigned)code;
	if (str_is(reason, "Expired") || str_is(reason, "Gone"))
		return 410;
	return http_status;
}

/* Where the quoted text that starts at i ends (Go's %q), or s.n. */
static size_t quoted_end(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

/*
 * Strings are quoted there, structs and lists are JSON, of which the text does
 * not say where it ends: all that follows. Numbers and words are short.
 */
static size_t value_end(struct str s, size_t i)
{
	if (i < s.n && s.p[i] == '"')
		return quoted_end(s, i);
	return i < s.n && (s.p[i] == '{' || s.p[i] == '[') ? s.n : i;
}

struct text {
	char p[SERVER_TEXT_MAX];
	size_t n;
	bool cut;
};

static void add(struct text *out, struct str s)
{
	size_t room = sizeof(out->p) - out->n;

	if (s.n > room) {
		out->cut = true;
		s.n = room;
	}
	if (s.n)
		memcpy(out->p + out->n, s.p, s.n);
	out->n += s.n;
}

/*
 * The server quotes the value that it refuses, which may be the whole object,
 * a Secret even. A short one helps; what is longer is left out.
 */
static void add_without_values(struct text *out, struct str s)
{
	/* Invalid, Duplicate, Unsupported (ErrorType of field.Error) */
	static const struct str mark = STR_INIT(" value: ");

	while (s.n) {
		size_t start = str_find_str(s, mark), end;

		if (start == s.n) {
			add(out, s);
			return;
		}
		start += mark.n;
		end = value_end(s, start);
		add(out, str_sub(s, 0, start));
		add(out, end - start > VALUE_SHOWN_MAX
				 ? STR("(left out)")
				 : str_sub(s, start, end));
		s = str_sub(s, end, s.n);
	}
}

/* Values go first: a cut one would look short. */
static void add_cause(struct text *out, struct str field, struct str message)
{
	struct text one = { .n = 0 };

	add_without_values(&one, message);
	if (field.n) {
		add(out, field);
		add(out, STR(": "));
	}
	add(out, str_sub((struct str){ one.p, one.n }, 0, CAUSE_TEXT_MAX));
	if (one.n > CAUSE_TEXT_MAX)
		add(out, STR("..."));
}

/* "spec.a: Required value; spec.b: Invalid value: ..." */
static void add_causes(struct text *out, const struct json *causes)
{
	size_t shown = 0;

	json_each_item(cause, causes) {
		struct str message = json_str(json_at(cause, "message"));

		if (!message.n || shown == CAUSES_SHOWN_MAX)
			continue;
		if (shown++)
			add(out, STR("; "));
		add_cause(out, json_str(json_at(cause, "field")), message);
	}
	if (json_array_len(causes) > shown && shown)
		add(out, STR("; and more"));
}

static void server_text(struct text *out, unsigned status,
			const struct json *body)
{
	if (!is_status(body))
		return;
	/* Of other errors the message says more than the causes. */
	if (status == 422)
		add_causes(out, json_at(body, "details", "causes"));
	if (!out->n)
		add_without_values(out, json_str(json_at(body, "message")));
}

static bool holds(const struct text *text, struct str needle)
{
	struct str s = { text->p, text->n };

	return str_find_str(s, needle) < s.n;
}

/* Without Status: who answered was the server's front, or somebody else. */
static const char *advice_without_status(unsigned status)
{
	if (status == 404)
		return "this kind is not served here: is its "
		       "CustomResourceDefinition installed?";
	return "the answer has no Status: does a proxy stand before the API "
	       "server?";
}

static const char *advice_of(unsigned status, const struct json *body,
			     const struct text *text)
{
	struct str reason = json_str(json_at(body, "reason"));
	const struct json *causes = json_at(body, "details", "causes");
	struct str cause = json_str(json_at(json_item(causes, 0), "reason"));

	if (kind_of(status)->advice[0])
		return kind_of(status)->advice;
	if (!is_status(body))
		return advice_without_status(status);
	/* What RBAC says; quotas and webhooks forbid in other words. */
	if (status == 403 && holds(text, STR("\" cannot ")))
		return "allow it in a Role or ClusterRole that is bound to "
		       "this account";
	if (status == 409 && str_is(cause, "FieldManagerConflict"))
		return "another manager owns the field: leave it out, or "
		       "apply with force";
	if (status == 409 && str_is(reason, "Conflict"))
		return "read it again and repeat the change";
	/* All that it says of a JSON Patch that cannot be applied. */
	if (status == 422 && holds(text, STR("an error in our request")))
		return "a \"test\" of the patch failed, or a path is not "
		       "there: read it again";
	if (status == 404 && holds(text, STR("requested resource")))
		return advice_without_status(status);
	return "";
}

int kube_status_error(const char *what, unsigned http_status,
		      const struct json *body, struct str *reason,
		      struct error *err)
{
	unsigned status = code_of(http_status, body);
	const struct kind *kind = kind_of(status);
	struct text text = { .n = 0 };
	const char *advice;
	struct str why = STR_NONE;

	if (is_status(body))
		why = json_str(json_at(body, "reason"));
	if (reason)
		*reason = why;
	server_text(&text, status, body);
	advice = advice_of(status, body, &text);
	return error_set(
		err, kind->code, "%s: %s (%u%s%.*s)%s%.*s%s%s%s", what,
		str_is(why, "AlreadyExists") ? "already exists" : kind->words,
		status, why.n ? " " : "", STR_ARG(str_sub(why, 0, 40)),
		text.n ? ": " : "", STR_ARG(((struct str){ text.p, text.n })),
		text.cut ? "..." : "", advice[0] ? ": " : "", advice);
}
