/*
 * Asks single modules of the engine what no verb of the program asks, for the
 * tests that compare us with a real API server: one question a line on standard
 * input, one answer a line on standard output, both JSON.
 *
 *	quantity        [x], [x, y]     the canonical texts; of two also -1, 0,
 *1 yaml            text in hex     the documents selector        {selector,
 *sets: [labels...]}         which sets match patch           {before, after}
 *the patch, and what it gives {doc, patch}    what it gives mutate, validate,
 *both TIERS    an AdmissionReview, its answer; other objects are entered into
 *the inventory
 *
 * What is refused is answered with {"error": why}.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/json_diff.h"
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "lib/quantity.h"
#include "lib/selector.h"
#include "lib/yamldoc.h"
#include "policies/kinds.h"
#include "policies/load.h"
#include "policies/review.h"

/* 2026-11-21T06:00:00Z. */
static const int64_t now = 1795240800;

struct probe {
	struct arena arena; /* of one line */
	struct snapshot *snapshot;
	struct inventory *inventory;
	enum review_phase phase;
	struct error err;
};

/* 1: *out is the answer; 0: there is none; -1: p->err says why. */
typedef int answer_fn(struct probe *p, struct str line, struct json *out);

static void put(struct probe *p, struct json *object, const char *key,
		struct json value)
{
	json_add(&p->arena, object, str_of(key), value);
}

static void push(struct probe *p, struct json *array, struct json value)
{
	json_append(&p->arena, array, value);
}

static int read_line(struct probe *p, struct str line, struct json *doc)
{
	return json_read(&p->arena, line, 0, NULL, doc, &p->err);
}

static int ask_quantity(struct probe *p, struct str line, struct json *out)
{
	struct quantity q[2];
	struct json texts;
	size_t n;

	if (read_line(p, line, &texts) < 0)
		return -1;
	n = json_array_len(&texts);
	if (n < 1 || n > 2)
		return error_set(&p->err, ERR_INPUT, "wanted one or two");
	*out = json_make_array();
	for (size_t i = 0; i < n; i++) {
		if (quantity_parse(json_text(json_item(&texts, i)), &q[i],
				   &p->err) < 0)
			return -1;
		push(p, out, json_make_string(quantity_str(&p->arena, q[i])));
	}
	if (n == 2)
		push(p, out,
		     json_make_int(&p->arena, quantity_cmp(q[0], q[1])));
	return 1;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static int ask_yaml(struct probe *p, struct str line, struct json *out)
{
	char *bytes = arena_new(&p->arena, char, line.n / 2 + 1);
	struct yamldoc *y;
	struct json doc;
	int got;

	for (size_t i = 0; i + 1 < line.n; i += 2)
		bytes[i / 2] =
			(char)(digit(line.p[i]) * 16 + digit(line.p[i + 1]));
	*out = json_make_array();
	y = yamldoc_open(&p->arena, (struct str){ bytes, line.n / 2 }, NULL);
	while ((got = yamldoc_next(y, &p->arena, &doc, &p->err)) > 0)
		push(p, out, doc);
	yamldoc_close(&y);
	return got < 0 ? -1 : 1;
}

static int ask_selector(struct probe *p, struct str line, struct json *out)
{
	struct json question;
	const struct json *selector;

	if (read_line(p, line, &question) < 0)
		return -1;
	selector = json_get(&question, STR("selector"));
	if (selector_check(selector, &p->err) < 0)
		return -1;
	*out = json_make_array();
	json_each_item(labels, json_get(&question, STR("sets")))
		push(p, out,
		     json_make_bool(selector_matches(selector, labels)));
	return 1;
}

static int ask_patch(struct probe *p, struct str line, struct json *out)
{
	struct json question, made, result;
	const struct json *doc, *patch;

	if (read_line(p, line, &question) < 0)
		return -1;
	doc = json_get(&question, STR("doc"));
	patch = json_get(&question, STR("patch"));
	if (!json_exists(patch)) {
		doc = json_get(&question, STR("before"));
		made = json_diff(&p->arena, doc,
				 json_get(&question, STR("after")));
		patch = &made;
	}
	if (json_patch(&p->arena, doc, patch, &result, &p->err) < 0)
		return -1;
	*out = json_make_object();
	put(p, out, "patch", *patch);
	put(p, out, "result", result);
	return 1;
}

static void know(struct probe *p, const struct json *doc)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);
	struct str version;

	o->doc = json_copy(a, doc);
	kind_split_api_version(json_str(json_get(&o->doc, STR("apiVersion"))),
			       &o->group, &version);
	o->kind = json_str(json_get(&o->doc, STR("kind")));
	o->ns = arena_str(a,
			  json_str(json_at(&o->doc, "metadata", "namespace")));
	o->name = json_str(json_at(&o->doc, "metadata", "name"));
	inventory_put(p->inventory, o);
}

/* 0 when the line was no question but something to know. */
static int read_review(struct probe *p, struct str line, struct review *review)
{
	struct json doc;

	if (read_line(p, line, &doc) < 0)
		return -1;
	if (!json_str_is(json_get(&doc, STR("kind")), STR("AdmissionReview"))) {
		know(p, &doc);
		return 0;
	}
	return review_parse(&p->arena, line, review, &p->err) < 0 ? -1 : 1;
}

static struct engine engine_of(const struct probe *p)
{
	return (struct engine){ .snapshot = p->snapshot,
				.inventory = p->inventory,
				.now = now };
}

static int ask_review(struct probe *p, struct str line, struct json *out)
{
	const struct engine engine = engine_of(p);
	struct review review;
	int got = read_review(p, line, &review);

	if (got > 0)
		*out = review_answer(&p->arena, &engine, &review, p->phase,
				     NULL);
	return got;
}

static int ask_fill(struct probe *p, struct str line, struct json *out)
{
	const struct engine engine = engine_of(p);
	struct review review;
	struct decision d;
	int got = read_review(p, line, &review);

	if (got <= 0)
		return got;
	engine_mutate(&p->arena, &engine, &review.subject, &d);
	*out = json_make_object();
	put(p, out, "patch",
	    json_diff(&p->arena, review.subject.object, &d.filled));
	put(p, out, "filled", d.filled);
	return 1;
}

static const struct question {
	const char *name;
	answer_fn *answer;
	bool of_tiers;
	enum review_phase phase;
} questions[] = {
	{ .name = "quantity", .answer = ask_quantity },
	{ .name = "yaml", .answer = ask_yaml },
	{ .name = "selector", .answer = ask_selector },
	{ .name = "patch", .answer = ask_patch },
	{ "fill", ask_fill, true, REVIEW_MUTATE },
	{ "validate", ask_review, true, REVIEW_VALIDATE },
	{ "both", ask_review, true, REVIEW_BOTH },
};

static const struct question *find_question(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(questions); i++)
		if (str_is(str_of(argv[1]), questions[i].name) &&
		    argc == (questions[i].of_tiers ? 3 : 2))
			return &questions[i];
	return NULL;
}

static void tell(struct probe *p, const struct json *answer)
{
	struct str text = json_to_str(&p->arena, answer);

	fwrite(text.p, 1, text.n, stdout);
	putchar('\n');
}

static void answer_all(struct probe *p, const struct question *q)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		struct json answer;
		int got;

		/* The arena holds the text that trees borrow. */
		got = q->answer(
			p,
			arena_str(&p->arena,
				  str_trim((struct str){ line, (size_t)n })),
			&answer);
		if (got < 0) {
			answer = json_make_object();
			put(p, &answer, "error",
			    json_make_string(str_of(p->err.msg)));
		}
		if (got != 0)
			tell(p, &answer);
		arena_reset(&p->arena);
	}
	free(line);
}

int main(int argc, char **argv)
{
	const struct question *q = find_question(argc, argv);
	struct probe p = { .arena = ARENA_INIT };

	if (!q) {
		fputs("usage: probe quantity|yaml|selector|patch\n"
		      "       probe fill|validate|both TIERS\n",
		      stderr);
		return 2;
	}
	p.phase = q->phase;
	if (q->of_tiers &&
	    load_policies(str_of(argv[2]), &p.snapshot, &p.err) < 0) {
		fprintf(stderr, "probe: %s\n", p.err.msg);
		return 2;
	}
	p.inventory = inventory_new();
	answer_all(&p, q);
	inventory_free(&p.inventory);
	snapshot_unref(&p.snapshot);
	arena_release(&p.arena);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
