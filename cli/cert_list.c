/* Reading certificates and keys from files, judging and showing them. */
#include "cli/cert_list.h"

#include "cli/reports/escape.h"
#include "lib/duration.h"
#include "lib/file.h"
#include "lib/timestamp.h"

enum {
	DAY = 86400,
	DAYS_FROM = 2 * DAY, /* shorter times are told in hours */
	BUNDLE_MAX = 16 << 20,
	NAMES_TEXT_MAX = 1 << 20,
};

static const char *const suffixes[] = { ".crt", ".cer", ".pem", ".key", NULL };

/* ---- reading ---- */

static int add_certificates(struct cert_list *l, struct str file,
			    struct str text, struct error *err)
{
	struct certificate_list found;

	if (certificate_read_all(l->arena, text, &found, err) < 0)
		return -1;
	if (l->n_certs + found.n > CERT_LIST_MAX)
		return error_set(err, ERR_LIMIT,
				 "with it there are more than %d certificates; "
				 "name fewer files",
				 CERT_LIST_MAX);
	for (size_t i = 0; i < found.n; i++) {
		l->certs = arena_grow(l->arena, l->certs, l->n_certs,
				      &l->certs_cap, sizeof(*l->certs));
		l->certs[l->n_certs++] =
			(struct cert_shown){ .file = file, .cert = found.v[i] };
	}
	return 0;
}

static int add_key(struct cert_list *l, struct str file, struct str text,
		   struct error *err)
{
	if (certificate_read_key(text, err) < 0)
		return -1;
	l->keys = arena_grow(l->arena, l->keys, l->n_keys, &l->keys_cap,
			     sizeof(*l->keys));
	l->keys[l->n_keys++] = (struct cert_key){ .file = file, .text = text };
	return 0;
}

static bool holds(struct str text, struct str what)
{
	return str_find_str(text, what) < text.n;
}

static int add_file(struct cert_list *l, struct str file, struct error *err)
{
	struct str text;
	bool has_key;

	if (l->n_files++ == CERT_LIST_FILES_MAX)
		return error_set(err, ERR_LIMIT,
				 "more than %d files; name fewer",
				 CERT_LIST_FILES_MAX);
	if (file_read(l->arena, file.p, CERTIFICATE_TEXT_MAX, &text, err) < 0)
		return -1;
	has_key = holds(text, STR("PRIVATE KEY-----"));
	if ((has_key && add_key(l, file, text, err) < 0) ||
	    ((!has_key || holds(text, STR("BEGIN CERTIFICATE-----"))) &&
	     add_certificates(l, file, text, err) < 0))
		return error_wrap(err, "%.*s", STR_ARG(file));
	return 0;
}

int cert_list_add(struct cert_list *l, struct str path, struct error *err)
{
	struct file_list files = { .n = 0 };

	if (file_list(l->arena, arena_str(l->arena, path).p, suffixes, &files,
		      err) < 0)
		return -1;
	if (!files.n)
		return error_set(err, ERR_INPUT,
				 "%.*s: holds no .crt, .cer, .pem or .key file",
				 STR_ARG(path));
	for (size_t i = 0; i < files.n; i++)
		if (add_file(l, files.paths[i], err) < 0)
			return -1;
	return 0;
}

/* ---- judging ---- */

static struct str stem(struct str file)
{
	size_t dot = file.n;

	while (dot && file.p[dot - 1] != '.' && file.p[dot - 1] != '/')
		dot--;
	return dot && file.p[dot - 1] == '.' ? str_sub(file, 0, dot - 1) : file;
}

static struct cert_key *key_of(struct cert_list *l,
			       const struct certificate *cert)
{
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < l->n_keys; i++)
		if (certificate_check_key(cert, l->keys[i].text, &ignored) == 0)
			return &l->keys[i];
	return NULL;
}

/* The key that stands beside, which whoever reads the two will take. */
static const struct cert_key *beside(const struct cert_list *l, struct str file)
{
	for (size_t i = 0; i < l->n_keys; i++)
		if (str_eq(stem(l->keys[i].file), stem(file)))
			return &l->keys[i];
	return NULL;
}

static bool is_first_of_file(const struct cert_list *l, size_t i)
{
	return i == 0 || !str_eq(l->certs[i - 1].file, l->certs[i].file);
}

static void find_key(struct cert_list *l, size_t i)
{
	struct cert_shown *c = &l->certs[i];
	struct cert_key *own = key_of(l, &c->cert);
	const struct cert_key *near = beside(l, c->file);

	if (own) {
		own->is_used = true;
		c->key_file = own->file;
	} else if (near && is_first_of_file(l, i)) {
		c->problem = arena_printf(l->arena,
					  "the private key in %.*s belongs to "
					  "another certificate",
					  STR_ARG(near->file));
	}
}

static struct str problem_of(const struct cert_shown *c, int64_t now,
			     struct str cas)
{
	struct error err = ERROR_INIT;

	if (now < c->cert.valid.not_before)
		return STR("it is not valid yet");
	if (now >= c->cert.valid.not_after)
		return STR("it has expired");
	if (c->cert.is_ca || !cas.n ||
	    certificate_verify(&c->cert, cas, now, &err) == 0)
		return STR("");
	return STR("no CA among these covers it for TLS servers");
}

static const char *trust_of(const struct cert_shown *c, struct str cas)
{
	if (c->cert.is_ca)
		return "is a CA itself";
	if (!cas.n)
		return "unknown, no CA is among these";
	return c->problem.n ? "no" : "covered by a CA among these";
}

void cert_list_judge(struct cert_list *l, int64_t now)
{
	CLEANUP(buf_release) struct buf cas = BUF_INIT(BUNDLE_MAX);

	for (size_t i = 0; i < l->n_certs; i++) {
		find_key(l, i);
		if (l->certs[i].cert.is_ca)
			buf_add(&cas, l->certs[i].cert.pem);
	}
	for (size_t i = 0; i < l->n_certs; i++) {
		struct cert_shown *c = &l->certs[i];

		if (!c->problem.n)
			c->problem = problem_of(c, now, buf_str(&cas));
		c->trust = trust_of(c, buf_str(&cas));
		l->n_problems += c->problem.n > 0;
	}
	for (size_t i = 0; i < l->n_keys; i++) {
		l->n_problems += !l->keys[i].is_used;
		explicit_bzero((char *)(uintptr_t)l->keys[i].text.p,
			       l->keys[i].text.n);
	}
}

/* ---- showing ---- */

static struct str left(struct arena *a, int64_t until, int64_t now)
{
	int64_t rest = until - now;
	int64_t size = rest < 0 ? -rest : rest;
	struct str length =
		size >= DAYS_FROM
			? arena_printf(a, "%lld days", (long long)(size / DAY))
			: duration_short(a, size * DURATION_SECOND);

	return rest <= 0 ? arena_printf(a, "expired %.*s ago", STR_ARG(length))
			 : arena_printf(a, "%.*s left", STR_ARG(length));
}

static void put_line(struct buf *out, const char *label, struct str value)
{
	buf_printf(out, "  %-8s", label);
	escape_line(out, value);
	buf_putc(out, '\n');
}

static void add_names(struct buf *text, const char *kind, const struct str *v,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(text, text->n ? ", " : "");
		buf_puts(text, kind);
		buf_add(text, v[i]);
	}
}

static void put_names(struct buf *out, const struct certificate *c)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(NAMES_TEXT_MAX);

	add_names(&text, "DNS ", c->names.dns, c->names.n_dns);
	add_names(&text, "IP ", c->names.ips, c->names.n_ips);
	if (c->n_other_names)
		buf_printf(&text, "%s%zu of other kinds", text.n ? ", " : "",
			   c->n_other_names);
	put_line(out, "names", text.n ? buf_str(&text) : STR("none"));
}

static void put_one(struct arena *a, struct buf *out,
		    const struct cert_shown *s, int64_t now)
{
	const struct certificate *c = &s->cert;
	struct str begins = timestamp_str(a, c->valid.not_before);
	struct str ends = timestamp_str(a, c->valid.not_after);
	struct str rest = left(a, c->valid.not_after, now);

	escape_line(out, s->file);
	buf_putc(out, '\n');
	put_line(out, "subject", c->subject);
	put_line(out, "issuer", c->issuer);
	put_names(out, c);
	put_line(out, "valid",
		 arena_printf(a, "%.*s to %.*s, %.*s", STR_ARG(begins),
			      STR_ARG(ends), STR_ARG(rest)));
	put_line(out, "key",
		 arena_printf(a, "%.*s, %s%.*s", STR_ARG(c->key_type),
			      s->key_file.n ? "in " : "not among these",
			      STR_ARG(s->key_file)));
	put_line(out, "trust", str_of(s->trust));
	put_line(out, "sha256", c->fingerprint);
	if (s->problem.n)
		put_line(out, "PROBLEM", s->problem);
	buf_putc(out, '\n');
}

void cert_list_text(struct buf *out, const struct cert_list *l, int64_t now)
{
	for (size_t i = 0; i < l->n_certs; i++)
		put_one(l->arena, out, &l->certs[i], now);
	for (size_t i = 0; i < l->n_keys; i++) {
		if (l->keys[i].is_used)
			continue;
		escape_line(out, l->keys[i].file);
		buf_puts(out, "\n  PROBLEM this private key belongs to none of "
			      "the certificates\n\n");
	}
	buf_printf(out, "certificates: %zu, private keys: %zu, problems: %zu\n",
		   l->n_certs, l->n_keys, l->n_problems);
}

static struct json texts(struct arena *a, const struct str *v, size_t n)
{
	struct json list = json_make_array();

	for (size_t i = 0; i < n; i++)
		json_append(a, &list, json_make_string(escape_utf8(a, v[i])));
	return list;
}

static void add_text(struct arena *a, struct json *object, struct str key,
		     struct str value)
{
	json_add(a, object, key, json_make_string(escape_utf8(a, value)));
}

static struct json one_json(struct arena *a, const struct cert_shown *s,
			    int64_t now)
{
	const struct certificate *c = &s->cert;
	struct json one = json_make_object();

	add_text(a, &one, STR("file"), s->file);
	add_text(a, &one, STR("subject"), c->subject);
	add_text(a, &one, STR("issuer"), c->issuer);
	add_text(a, &one, STR("serial"), c->serial);
	json_add(a, &one, STR("dnsNames"),
		 texts(a, c->names.dns, c->names.n_dns));
	json_add(a, &one, STR("ipAddresses"),
		 texts(a, c->names.ips, c->names.n_ips));
	add_text(a, &one, STR("notBefore"),
		 timestamp_str(a, c->valid.not_before));
	add_text(a, &one, STR("notAfter"),
		 timestamp_str(a, c->valid.not_after));
	json_add(a, &one, STR("secondsLeft"),
		 json_make_int(a, c->valid.not_after - now));
	json_add(a, &one, STR("isCA"), json_make_bool(c->is_ca));
	add_text(a, &one, STR("keyType"), c->key_type);
	add_text(a, &one, STR("keyFile"), s->key_file);
	add_text(a, &one, STR("trust"), str_of(s->trust));
	add_text(a, &one, STR("sha256"), c->fingerprint);
	add_text(a, &one, STR("problem"), s->problem);
	return one;
}

struct json cert_list_json(const struct cert_list *l, int64_t now)
{
	struct json all = json_make_object(), certs = json_make_array();
	struct json keys = json_make_array();
	struct arena *a = l->arena;

	for (size_t i = 0; i < l->n_certs; i++)
		json_append(a, &certs, one_json(a, &l->certs[i], now));
	for (size_t i = 0; i < l->n_keys; i++)
		if (!l->keys[i].is_used)
			json_append(a, &keys,
				    json_make_string(
					    escape_utf8(a, l->keys[i].file)));
	json_add(a, &all, STR("certificates"), certs);
	json_add(a, &all, STR("keysOfNone"), keys);
	return all;
}
