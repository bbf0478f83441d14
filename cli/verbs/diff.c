/* bulkhead diff: what filling in would change, as a patch. */
#include <stdio.h>

#include "cli/live.h"
#include "cli/rendering.h"
#include "cli/terminal.h"
#include "cli/text_diff.h"
#include "cli/verbs/all.h"

static void tell_denied(struct arena *a, const struct rendering *r)
{
	for (size_t i = 0; i < r->n_denied; i++) {
		const struct document *d = r->denied[i];

		fprintf(stderr,
			"%.*s:%u: %.*s is refused even when filled in; "
			"'bulkhead check' tells why\n",
			STR_ARG(r->file->path), d->written.start.line,
			STR_ARG(document_title(a, d)));
	}
}

/* True when the file differs from its filled text. */
static bool diff_file(struct arena *a, struct buf *out,
		      const struct rendering *r, bool color)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VERB_OUTPUT_MAX);
	bool differs;

	tell_denied(a, r);
	rendering_text(&text, r);
	differs = text_diff(a, out, r->file->path, r->file->text,
			    buf_str(&text), color);
	out->failed = out->failed || text.failed;
	return differs;
}

static int diff(const struct settings *s, const struct world *w)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct renderer r = { .world = w, .with_times = true };
	bool color = terminal_wants_color((enum terminal_color)s->color);
	bool differs = false, more = true;
	int code;

	while (more) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct rendering rendering;

		more = rendering_next(&a, &r, &rendering);
		if (more && diff_file(&a, &out, &rendering, color))
			differs = true;
	}
	code = verb_print(&out);
	if (code)
		return code;
	if (w->n_problems)
		return EXIT_UNREADABLE;
	return differs ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct world w;
	int code;

	(void)a;
	if (!operands->n)
		return verb_usage(&verb_diff, "no path given");
	code = (int)world_load(&w, s, operands);
	if (code == EXIT_CLEAN) {
		world_tell_problems(&w);
		code = diff(s, &w);
	}
	world_release(&w);
	return code;
}

static const struct option options[] = {
	OPTION(struct settings, color, .name = "color", .type = OPTION_CHOICE,
	       .argument = "WHEN", .choices = terminal_color_names,
	       .help = "colours (default: at a terminal)"),
	LIVE_OPTIONS,
	OPTION_END,
};

const struct verb verb_diff = {
	.name = "diff",
	.operands = "PATH...",
	.title = "Show what tiers fill into manifests, as a patch",
	.doc = "Prints a unified diff from each file to what the cluster "
	       "would make of it now, the times\n"
	       "included at which sandboxes end. 'patch -p1' and 'git apply' "
	       "take it.\n\n"
	       "Exit status: 0 when nothing differs, 1 when something does, "
	       "3 when something cannot be read.",
	.examples = "  bulkhead diff manifests/\n"
		    "  bulkhead diff --context prod manifests/\n"
		    "  bulkhead diff --now 2030-01-31T12:00:00Z agent.yaml",
	.options = options,
	.reads_objects = true,
	.completes_paths = true,
	.run = run,
};
