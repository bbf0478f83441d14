/* bulkhead render: the manifests with everything filled in. */
#include <stdio.h>

#include "cli/live.h"
#include "cli/rendering.h"
#include "cli/verbs/all.h"
#include "lib/file.h"
#include "lib/json_write.h"
#include "lib/yamldoc.h"

enum output { OUTPUT_YAML, OUTPUT_JSON };

/* What is said at the end, once. */
struct tally {
	size_t denied, left_out;
	bool kept; /* a file could not be edited in place */
};

static void count(struct tally *t, const struct rendering *r)
{
	t->denied += r->n_denied;
	t->left_out += r->n_left_out;
}

static void tell(const struct tally *t, const struct world *w)
{
	if (t->left_out)
		fputs("bulkhead render: shutdownTime is left to the cluster: "
		      "it is set when the object is created; give --now to "
		      "print it\n",
		      stderr);
	if (t->denied)
		fprintf(stderr,
			"bulkhead render: %zu of %zu object%s refused even "
			"when filled in; 'bulkhead check' tells why\n",
			t->denied, w->n_documents,
			w->n_documents == 1 ? " is" : "s are");
}

/* ---- one stream of YAML ---- */

static void put_document(struct buf *out, struct str text)
{
	if (out->n && str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	if (!str_trim(text).n)
		return;
	if (out->n && !str_ends(buf_str(out), STR("\n")))
		buf_putc(out, '\n');
	if (out->n && !str_starts(text, STR("---")))
		buf_puts(out, "---\n");
	buf_add(out, text);
}

static void put_tree(struct buf *out, const struct json *doc)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VERB_OUTPUT_MAX);

	yamldoc_write(&text, doc);
	put_document(out, buf_str(&text));
	out->failed = out->failed || text.failed;
}

static bool is_alone(const struct world *w, const struct rendering *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_parts; i++)
		n += json_exists(&r->parts[i].filled) + r->parts[i].n_extra;
	return w->n_files == 1 && n == 1;
}

static void put_rendering(struct buf *out, const struct world *w,
			  const struct rendering *r)
{
	bool alone = is_alone(w, r);

	for (size_t i = 0; i < r->n_parts; i++) {
		const struct rendering_part *part = &r->parts[i];

		if (!json_exists(&part->filled) && r->file->broken)
			continue;
		/* Not all that is JSON is YAML. */
		if (part->is_json && !alone)
			put_tree(out, &part->filled);
		else
			put_document(out, part->after);
		for (size_t k = 0; k < part->n_extra; k++)
			put_tree(out, &part->extra[k]);
	}
}

static int print_yaml(const struct world *w, struct renderer *r,
		      struct tally *tally)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	bool more = true;

	while (more) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct rendering rendering;

		more = rendering_next(&a, r, &rendering);
		if (more) {
			put_rendering(&out, w, &rendering);
			count(tally, &rendering);
		}
	}
	return verb_print(&out);
}

/* ---- one List of JSON ---- */

static int print_json(struct arena *a, struct renderer *r, struct tally *tally)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct json list = json_make_object(), items = json_make_array();
	struct rendering rendering;

	while (rendering_next(a, r, &rendering)) {
		for (size_t i = 0; i < rendering.n_parts; i++)
			rendering_documents(a, &rendering.parts[i], &items);
		count(tally, &rendering);
	}
	json_add(a, &list, STR("apiVersion"), json_make_string(STR("v1")));
	json_add(a, &list, STR("kind"), json_make_string(STR("List")));
	json_add(a, &list, STR("items"), items);
	json_write_pretty(&out, &list);
	return verb_print(&out);
}

/* ---- in place ---- */

/* True when the file may be written; else it was told why not. */
static bool is_editable(const struct rendering *r)
{
	const struct rendering_part *part = rendering_rewritten(r);
	struct str path = r->file->path;

	if (r->file->broken) {
		fprintf(stderr,
			"%.*s: left as it is: not all of it can be read\n",
			STR_ARG(path));
		return false;
	}
	if (!part)
		return true;
	fprintf(stderr,
		"%.*s:%u: left as it is: lines cannot be added to what the "
		"author wrote: %s; 'bulkhead render' prints it written anew\n",
		STR_ARG(path), part->why.line, part->why.msg);
	return false;
}

static int write_back(const struct rendering *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VERB_OUTPUT_MAX);
	struct error err = ERROR_INIT;

	rendering_text(&text, r);
	if (str_eq(buf_str(&text), r->file->text))
		return EXIT_CLEAN;
	if (buf_failed(&text)) {
		error_set(&err, ERR_LIMIT, "%.*s would be larger than %d bytes",
			  STR_ARG(r->file->path), VERB_OUTPUT_MAX);
		return verb_fail(EXIT_INTERNAL, &err);
	}
	if (file_write(r->file->path.p, buf_str(&text), &err) < 0)
		return verb_fail(EXIT_INTERNAL, &err);
	fprintf(stderr, "%.*s: %zu value%s added\n", STR_ARG(r->file->path),
		r->n_fills, r->n_fills == 1 ? "" : "s");
	return EXIT_CLEAN;
}

static int edit_files(struct renderer *r, struct tally *tally)
{
	for (;;) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct rendering rendering;
		int code;

		if (!rendering_next(&a, r, &rendering))
			return EXIT_CLEAN;
		count(tally, &rendering);
		if (!is_editable(&rendering)) {
			tally->kept = true;
			continue;
		}
		code = write_back(&rendering);
		if (code)
			return code;
	}
}

/* ---- the verb ---- */

static int check_usage(const struct settings *s, const struct texts *operands)
{
	if (!operands->n)
		return verb_usage(&verb_render, "no path given");
	if (!s->in_place)
		return 0;
	if (s->format != OUTPUT_YAML)
		return verb_usage(&verb_render,
				  "--in-place keeps each file's format: it "
				  "goes without --output");
	for (size_t i = 0; i < operands->n; i++)
		if (str_is(operands->v[i], "-"))
			return verb_usage(&verb_render,
					  "--in-place wants files: standard "
					  "input cannot be written back");
	return 0;
}

static int render(struct arena *a, const struct settings *s,
		  const struct world *w)
{
	struct renderer r = { .world = w, .with_times = w->now_given };
	struct tally tally = { .denied = 0 };
	int code;

	if (s->in_place)
		code = edit_files(&r, &tally);
	else if (s->format == OUTPUT_JSON)
		code = print_json(a, &r, &tally);
	else
		code = print_yaml(w, &r, &tally);
	tell(&tally, w);
	if (code)
		return code;
	if (w->n_problems)
		return EXIT_UNREADABLE;
	return tally.kept ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct world w;
	int code = check_usage(s, operands);

	if (code)
		return code;
	code = (int)world_load(&w, s, operands);
	if (code == EXIT_CLEAN) {
		world_tell_problems(&w);
		code = render(a, s, &w);
	}
	world_release(&w);
	return code;
}

static const char *const output_names[] = { "yaml", "json", NULL };

static const struct option options[] = {
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = output_names,
	       .help = "yaml (default), or json: one List of all objects"),
	OPTION(struct settings, in_place, .name = "in-place", .letter = 'i',
	       .type = OPTION_FLAG,
	       .help = "write the files back instead of printing them"),
	LIVE_OPTIONS,
	OPTION_END,
};

const struct verb verb_render = {
	.name = "render",
	.operands = "PATH...",
	.title = "Print manifests with all that their tiers fill in",
	.doc = "Prints every object as the cluster would store it. The "
	       "author's own text stays: comments,\n"
	       "layout, quoting; lines are only added. What cannot be edited "
	       "so is written anew: an older\n"
	       "spelling of the API, a value that an anchor shares. Files of "
	       "JSON become YAML, unless it is\n"
	       "one alone. Objects that no tier governs pass as they are.\n\n"
	       "The time at which a sandbox ends (shutdownTime) does not "
	       "belong into Git and is left to\n"
	       "the cluster; with --now it is printed.\n\n"
	       "With --in-place each file that lacks something is replaced "
	       "at once; files that cannot be\n"
	       "read in full, or that would have to be written anew, stay "
	       "as they are.\n\n"
	       "Exit status: 0, also when objects are refused (that is told, "
	       "and is for 'bulkhead check');\n"
	       "1 when --in-place left a file as it was; 3 when something "
	       "cannot be read.",
	.examples = "  bulkhead render manifests/ | kubectl apply -f -\n"
		    "  bulkhead render --in-place manifests/\n"
		    "  bulkhead render -o json --now now manifests/ | jq "
		    "'.items[].spec'",
	.options = options,
	.reads_objects = true,
	.completes_paths = true,
	.run = run,
};
