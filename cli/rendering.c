/* Files to parts, parts to documents, documents to their filled text. */
#include "cli/rendering.h"

#include "cli/filled.h"
#include "cli/text_edit.h"
#include "lib/json_write.h"
#include "lib/yamldoc.h"

enum {
	TEXT_MAX = 1 << 30,
};

/* One part at work. */
struct work {
	struct arena *arena;
	struct renderer *renderer;
	struct rendering *out;
	struct rendering_part *part;
};

/* ---- filling ---- */

static size_t count_times(const struct verdict *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_fills; i++)
		n += filled_is_time(&v->fills[i]);
	return n;
}

static void add_denied(struct work *w, const struct document *d)
{
	struct rendering *out = w->out;

	out->denied = arena_grow(w->arena, out->denied, out->n_denied,
				 &out->denied_cap, sizeof(*out->denied));
	out->denied[out->n_denied++] = d;
}

static struct json fill_document(struct work *w, const struct document *d)
{
	const struct renderer *r = w->renderer;
	size_t times;
	struct judgement j;

	world_judge(w->arena, r->world, d, &j);
	if (verdict_action(&j.validation.verdict) == ACTION_DENY)
		add_denied(w, d);
	w->out->n_fills += j.mutation.verdict.n_fills;
	times = r->with_times ? 0 : count_times(&j.mutation.verdict);
	if (!times)
		return j.mutation.filled;
	w->out->n_fills -= times;
	w->out->n_left_out += times;
	return filled_without_times(w->arena, &j);
}

/* Those that a document's rewriting made stand behind all others. */
static void fill_extra(struct work *w, const struct document *d)
{
	const struct world *world = w->renderer->world;
	struct rendering_part *part = w->part;

	if (!json_exists(&d->spelling.extra))
		return;
	for (size_t i = world->n_documents; i > 0; i--) {
		const struct document *e = &world->documents[i - 1];

		if (!e->generated)
			return;
		if (e->file != d->file ||
		    e->written.u.members != d->spelling.extra.u.members)
			continue;
		part->extra =
			arena_grow(w->arena, part->extra, part->n_extra,
				   &part->extra_cap, sizeof(*part->extra));
		part->extra[part->n_extra++] = fill_document(w, e);
	}
}

/* The world's documents come in the order of the text. */
static struct json fill_next(struct work *w, const struct json *written)
{
	struct renderer *r = w->renderer;
	const struct document *d = &r->world->documents[r->document];
	struct json filled;

	if (r->document == r->world->n_documents || d->file != w->out->file ||
	    d->generated)
		return *written;
	r->document++;
	w->part->respelled = w->part->respelled || d->spelling.changed;
	filled = fill_document(w, d);
	fill_extra(w, d);
	return filled;
}

static struct json fill_tree(struct work *w, const struct json *written,
			     unsigned depth)
{
	struct path items = PATH_KEY(NULL, "items");
	struct json_edit edit;
	size_t i = 0;

	if (!world_is_list(written) || depth >= WORLD_LIST_DEPTH_MAX)
		return fill_next(w, written);
	edit = json_edit_start(w->arena, written);
	json_each_item(item, json_get(written, items.key)) {
		struct path at = path_index(&items, i++);

		json_edit_set(&edit, &at, fill_tree(w, item, depth + 1));
	}
	return edit.root;
}

/* ---- text ---- */

/* The lines before the document: its "---", comments. */
static struct str head_of(struct str text, const struct json *written)
{
	uint32_t line = 1;

	for (size_t i = 0; i < text.n; i++) {
		if (line == written->start.line)
			return str_sub(text, 0, i);
		line += text.p[i] == '\n';
	}
	return STR("");
}

static struct str rewrite(struct work *w, const struct json *written)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);

	buf_add(&out, head_of(w->part->before, written));
	if (w->part->is_json)
		json_write_pretty(&out, &w->part->filled);
	else
		yamldoc_write(&out, &w->part->filled);
	if (buf_failed(&out))
		BUG("a document has no bounds");
	return arena_str(w->arena, buf_str(&out));
}

/* Places in the part become places in the file. */
static void set_line(struct rendering_part *part)
{
	if (part->why.line)
		part->why.line += part->line - 1;
	else
		part->why.line = part->line;
}

static void render_part(struct work *w)
{
	struct rendering_part *part = w->part;
	struct error ignored = ERROR_INIT;
	struct json written;

	part->after = part->before;
	part->filled = json_missing;
	if (text_read_one(w->arena, part->before, &world_file_limits, &written,
			  &ignored) != 1 ||
	    !json_is(&written, JSON_OBJECT))
		return;
	part->is_json = written.style == JSON_STYLE_NONE;
	part->filled = fill_tree(w, &written, 0);
	if (text_edit(w->arena, part->before, &part->filled, &world_file_limits,
		      &part->after, &part->why) == 0)
		return;
	part->rewritten = true;
	if (part->respelled)
		error_set(&part->why, ERR_INPUT,
			  "an older spelling of the API becomes today's");
	part->after = rewrite(w, &written);
	set_line(part);
}

static bool is_separator(struct str rest)
{
	return str_starts(rest, STR("---"));
}

static void add_part(struct work *w, struct str text, uint32_t line)
{
	struct rendering *out = w->out;

	out->parts = arena_grow(w->arena, out->parts, out->n_parts, &out->cap,
				sizeof(*out->parts));
	w->part = &out->parts[out->n_parts++];
	*w->part = (struct rendering_part){ .before = text, .line = line };
	render_part(w);
}

static void render_file(struct work *w)
{
	struct str text = w->out->file->text;
	uint32_t line = 1, from_line = 1;
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\n')
			continue;
		line++;
		if (!is_separator(str_sub(text, i + 1, text.n)))
			continue;
		add_part(w, str_sub(text, from, i + 1), from_line);
		from = i + 1;
		from_line = line;
	}
	if (from < text.n)
		add_part(w, str_sub(text, from, text.n), from_line);
}

bool rendering_next(struct arena *a, struct renderer *r, struct rendering *out)
{
	const struct world *world = r->world;
	struct work w = { .arena = a, .renderer = r, .out = out };

	if (r->file == world->n_files)
		return false;
	*out = (struct rendering){ .file = &world->files[r->file++] };
	render_file(&w);
	/* What was read but not found again has no place in the text. */
	while (r->document < world->n_documents &&
	       world->documents[r->document].file == out->file &&
	       !world->documents[r->document].generated)
		r->document++;
	return true;
}

void rendering_text(struct buf *out, const struct rendering *r)
{
	for (size_t i = 0; i < r->n_parts; i++) {
		const struct rendering_part *part = &r->parts[i];

		buf_add(out, part->after);
		for (size_t k = 0; k < part->n_extra; k++) {
			buf_puts(out, "---\n");
			yamldoc_write(out, &part->extra[k]);
		}
	}
}

const struct rendering_part *rendering_rewritten(const struct rendering *r)
{
	for (size_t i = 0; i < r->n_parts; i++)
		if (r->parts[i].rewritten)
			return &r->parts[i];
	return NULL;
}

static void append_tree(struct arena *a, const struct json *doc,
			struct json *array, unsigned depth)
{
	if (!world_is_list(doc) || depth >= WORLD_LIST_DEPTH_MAX) {
		json_append(a, array, *doc);
		return;
	}
	json_each_item(item, json_get(doc, STR("items")))
		append_tree(a, item, array, depth + 1);
}

void rendering_documents(struct arena *a, const struct rendering_part *part,
			 struct json *array)
{
	if (json_exists(&part->filled))
		append_tree(a, &part->filled, array, 0);
	for (size_t i = 0; i < part->n_extra; i++)
		json_append(a, array, part->extra[i]);
}
