/*
 * The table of go-yaml v2's resolver. The first character decides what a plain
 * scalar may be at all: a word, a number, or only text.
 */
#include "lib/yaml_scalar.h"

#include <inttypes.h>

#include "lib/base64.h"
#include "lib/yaml_float.h"

#define TAG(name) STR_INIT("tag:yaml.org,2002:" name)

enum kind {
	KIND_NULL,
	KIND_BOOL,
	KIND_INT,
	KIND_FLOAT,
	KIND_ENDLESS, /* .inf and .nan: no JSON number */
	KIND_TEXT,
};

struct resolved {
	enum kind kind;
	bool boolean;	    /* KIND_BOOL */
	bool negative;	    /* KIND_INT */
	uint64_t magnitude; /* KIND_INT */
	double real;	    /* KIND_FLOAT */
};

struct word {
	struct str text;
	enum kind kind;
	bool boolean;
};

static const struct word words[] = {
	{ STR_INIT(""), KIND_NULL, false },
	{ STR_INIT("~"), KIND_NULL, false },
	{ STR_INIT("null"), KIND_NULL, false },
	{ STR_INIT("Null"), KIND_NULL, false },
	{ STR_INIT("NULL"), KIND_NULL, false },
	{ STR_INIT("y"), KIND_BOOL, true },
	{ STR_INIT("Y"), KIND_BOOL, true },
	{ STR_INIT("yes"), KIND_BOOL, true },
	{ STR_INIT("Yes"), KIND_BOOL, true },
	{ STR_INIT("YES"), KIND_BOOL, true },
	{ STR_INIT("true"), KIND_BOOL, true },
	{ STR_INIT("True"), KIND_BOOL, true },
	{ STR_INIT("TRUE"), KIND_BOOL, true },
	{ STR_INIT("on"), KIND_BOOL, true },
	{ STR_INIT("On"), KIND_BOOL, true },
	{ STR_INIT("ON"), KIND_BOOL, true },
	{ STR_INIT("n"), KIND_BOOL, false },
	{ STR_INIT("N"), KIND_BOOL, false },
	{ STR_INIT("no"), KIND_BOOL, false },
	{ STR_INIT("No"), KIND_BOOL, false },
	{ STR_INIT("NO"), KIND_BOOL, false },
	{ STR_INIT("false"), KIND_BOOL, false },
	{ STR_INIT("False"), KIND_BOOL, false },
	{ STR_INIT("FALSE"), KIND_BOOL, false },
	{ STR_INIT("off"), KIND_BOOL, false },
	{ STR_INIT("Off"), KIND_BOOL, false },
	{ STR_INIT("OFF"), KIND_BOOL, false },
	{ STR_INIT(".nan"), KIND_ENDLESS, false },
	{ STR_INIT(".NaN"), KIND_ENDLESS, false },
	{ STR_INIT(".NAN"), KIND_ENDLESS, false },
	{ STR_INIT(".inf"), KIND_ENDLESS, false },
	{ STR_INIT(".Inf"), KIND_ENDLESS, false },
	{ STR_INIT(".INF"), KIND_ENDLESS, false },
	{ STR_INIT("+.inf"), KIND_ENDLESS, false },
	{ STR_INIT("+.Inf"), KIND_ENDLESS, false },
	{ STR_INIT("+.INF"), KIND_ENDLESS, false },
	{ STR_INIT("-.inf"), KIND_ENDLESS, false },
	{ STR_INIT("-.Inf"), KIND_ENDLESS, false },
	{ STR_INIT("-.INF"), KIND_ENDLESS, false },
};

/* The tags that must agree with what the text is. */
static const struct {
	struct str tag;
	enum kind kind;
	const char *wanted;
} tags[] = {
	{ TAG("bool"), KIND_BOOL, "true or false" },
	{ TAG("int"), KIND_INT, "a whole number" },
	{ TAG("float"), KIND_FLOAT, "a number" },
	{ TAG("null"), KIND_NULL, "null" },
};

static bool resolve_word(struct str s, struct resolved *r)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq(words[i].text, s)) {
			r->kind = words[i].kind;
			r->boolean = words[i].boolean;
			return true;
		}
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

static bool parse_magnitude(struct str s, unsigned base, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = digit_value(s.p[i]);

		if (d >= base || __builtin_mul_overflow(*out, base, out) ||
		    __builtin_add_overflow(*out, d, out))
			return false;
	}
	return true;
}

/* Cuts a leading sign. */
static char take_sign(struct str *s)
{
	char sign = 0;

	if (s->n > 0 && (s->p[0] == '+' || s->p[0] == '-')) {
		sign = s->p[0];
		*s = str_sub(*s, 1, s->n);
	}
	return sign;
}

/* Cuts "0x", "0o", "0b" or the old octal "0". */
static unsigned take_base(struct str *s)
{
	unsigned base = 10;

	if (s->n == 0 || s->p[0] != '0')
		return 10;
	if (s->n >= 3 && (s->p[1] | 0x20) == 'x')
		base = 16;
	else if (s->n >= 3 && (s->p[1] | 0x20) == 'o')
		base = 8;
	else if (s->n >= 3 && (s->p[1] | 0x20) == 'b')
		base = 2;
	*s = str_sub(*s, base == 10 ? 1 : 2, s->n);
	return base == 10 ? 8 : base;
}

static bool sign_fits(char sign, uint64_t magnitude)
{
	if (sign == '-')
		return magnitude <= (uint64_t)INT64_MAX + 1;
	return sign == 0 || magnitude <= INT64_MAX;
}

/* Go's ParseInt and, without a sign, ParseUint, both with base 0. */
static bool resolve_int(struct str s, struct resolved *r)
{
	char sign = take_sign(&s);
	bool again = sign == 0 && str_starts(s, STR("0b"));
	unsigned base;

	if (s.n == 0)
		return false;
	base = take_base(&s);
	/* go-yaml tries again behind "0b", where a sign may stand then. */
	if (again && base == 2)
		sign = take_sign(&s);
	if (base != 8 && s.n == 0)
		return false;
	r->kind = KIND_INT;
	r->negative = sign == '-';
	return parse_magnitude(s, base, &r->magnitude) &&
	       sign_fits(sign, r->magnitude);
}

static size_t skip_digits(struct str s, size_t i)
{
	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i;
}

/* [-+]? ( .D+ | D+ (.D*)? ) ( [eE] [-+]? D+ )? */
static bool is_float(struct str s)
{
	size_t start = s.n > 0 && (s.p[0] == '+' || s.p[0] == '-');
	size_t i = skip_digits(s, start), whole = i - start;

	if (i < s.n && s.p[i] == '.') {
		size_t point = i;

		i = skip_digits(s, point + 1);
		if (whole == 0 && i == point + 1)
			return false;
	} else if (whole == 0) {
		return false;
	}
	if (i < s.n && (s.p[i] | 0x20) == 'e') {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		start = i;
		i = skip_digits(s, i);
		if (i == start)
			return false;
	}
	return i == s.n;
}

/* Go's rule where no other applies: a digit on both sides of each "_". */
static bool underscores_valid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_' &&
		    (i == 0 || i + 1 == s.n || !is_digit(s.p[i - 1]) ||
		     !is_digit(s.p[i + 1])))
			return false;
	}
	return true;
}

/* NUL-terminated, for yaml_float_read. */
static struct str without_underscores(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '_')
			p[n++] = s.p[i];
	}
	p[n] = '\0';
	return (struct str){ p, n };
}

static void resolve_number(struct arena *a, struct str s, struct resolved *r)
{
	struct str bare;

	if (s.p[0] == '.' && !underscores_valid(s))
		return;
	bare = without_underscores(a, s);
	if (s.p[0] != '.' && resolve_int(bare, r))
		return;
	r->kind = KIND_TEXT;
	if (is_float(bare) && yaml_float_read(bare.p, &r->real))
		r->kind = KIND_FLOAT;
}

static struct resolved resolve(struct arena *a, struct str s)
{
	struct resolved r = { .kind = KIND_TEXT };

	if (resolve_word(s, &r))
		return r;
	if (is_digit(s.p[0]) || s.p[0] == '.' || s.p[0] == '+' || s.p[0] == '-')
		resolve_number(a, s, &r);
	return r;
}

static int check_tag(const struct yaml_scalar *s, struct resolved *r,
		     struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (!str_eq(tags[i].tag, s->tag) || tags[i].kind == r->kind)
			continue;
		/* A float may be written as a whole number. */
		if (tags[i].kind == KIND_FLOAT && r->kind == KIND_INT &&
		    (r->negative || r->magnitude <= INT64_MAX)) {
			r->kind = KIND_FLOAT;
			r->real = r->negative ? -(double)r->magnitude
					      : (double)r->magnitude;
			continue;
		}
		return error_set(err, ERR_INPUT,
				 "\"%.*s\" is tagged !!%s, which wants %s",
				 STR_ARG(s->text), tags[i].tag.p + 18,
				 tags[i].wanted);
	}
	return 0;
}

static bool tag_asks_text(struct str tag)
{
	return !str_is(tag, "tag:yaml.org,2002:bool") &&
	       !str_is(tag, "tag:yaml.org,2002:int") &&
	       !str_is(tag, "tag:yaml.org,2002:float") &&
	       !str_is(tag, "tag:yaml.org,2002:null");
}

/* *text is what the scalar says when the kind is KIND_TEXT. */
static int resolve_tagged(struct arena *a, const struct yaml_scalar *s,
			  struct resolved *r, struct str *text,
			  struct error *err)
{
	*r = (struct resolved){ .kind = KIND_TEXT };
	*text = s->text;
	if (str_is(s->tag, "tag:yaml.org,2002:timestamp"))
		return error_set(err, ERR_INPUT,
				 "the tag !!timestamp is not accepted; quote "
				 "\"%.*s\" instead",
				 STR_ARG(s->text));
	if (str_is(s->tag, "tag:yaml.org,2002:binary")) {
		if (base64_decode_wrapped(a, s->text, text, err) < 0)
			return error_wrap(err, "the !!binary value");
		return 0;
	}
	if (s->tag.p ? tag_asks_text(s->tag) : !s->plain)
		return 0;
	*r = resolve(a, s->text);
	if (r->kind == KIND_ENDLESS)
		return error_set(err, ERR_INPUT,
				 "\"%.*s\" is no number that JSON can hold; "
				 "quote it when text is meant",
				 STR_ARG(s->text));
	return s->tag.p ? check_tag(s, r, err) : 0;
}

static struct str int_text(struct arena *a, const struct resolved *r)
{
	return arena_printf(a, "%s%" PRIu64,
			    r->negative && r->magnitude > 0 ? "-" : "",
			    r->magnitude);
}

int yaml_scalar_value(struct arena *a, const struct yaml_scalar *s,
		      struct json *v, struct error *err)
{
	struct resolved r;
	struct str text;

	if (resolve_tagged(a, s, &r, &text, err) < 0)
		return -1;
	switch (r.kind) {
	case KIND_NULL:
	case KIND_ENDLESS:
		*v = (struct json){ .type = JSON_NULL };
		break;
	case KIND_BOOL:
		*v = json_make_bool(r.boolean);
		break;
	case KIND_INT:
		*v = json_make_number(int_text(a, &r));
		break;
	case KIND_FLOAT:
		*v = json_make_number(yaml_float_json(a, r.real));
		break;
	case KIND_TEXT:
		*v = json_make_string(text);
		break;
	}
	return 0;
}

int yaml_scalar_key(struct arena *a, const struct yaml_scalar *s,
		    struct str *key, struct error *err)
{
	struct resolved r;

	if (resolve_tagged(a, s, &r, key, err) < 0)
		return -1;
	switch (r.kind) {
	case KIND_NULL:
	case KIND_ENDLESS:
		return error_set(err, ERR_INPUT,
				 "a key may not be null; quote \"%.*s\" when "
				 "text is meant",
				 STR_ARG(s->text));
	case KIND_BOOL:
		*key = r.boolean ? STR("true") : STR("false");
		break;
	case KIND_INT:
		if (!r.negative && r.magnitude > INT64_MAX)
			return error_set(err, ERR_INPUT,
					 "the key %.*s is too large for a "
					 "number; quote it",
					 STR_ARG(s->text));
		*key = int_text(a, &r);
		break;
	case KIND_FLOAT:
		*key = yaml_float_key(a, r.real);
		break;
	case KIND_TEXT:
		break;
	}
	return 0;
}
