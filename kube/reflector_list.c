/*
 * Page after page, each in an arena of its own, so that a list of any length
 * costs the memory of one page and of its names. A token lives as long as the
 * server remembers its version, about five minutes; then the list begins anew.
 */
#include "kube/reflector_list.h"

enum { LIST_MS = 60000 }; /* a page, all tries */

/* What is remembered from page to page. */
struct progress {
	struct arena arena;
	struct mirror_seen seen;
	struct str token, version;
	bool restarted;
};

static void begin(struct progress *progress)
{
	arena_reset(&progress->arena);
	progress->seen.names = (struct map)MAP_INIT(&progress->arena);
	progress->token = progress->version = STR("");
}

static void release(struct progress *progress)
{
	mirror_seen_release(&progress->seen);
	arena_release(&progress->arena);
}

/* kube_do lets no list without items pass; null is an empty one. */
static int put_items(const struct reflector_list *list,
		     const struct json *items, struct progress *progress,
		     struct error *err)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;

	json_each_item(item, items) {
		if (mirror_put(list->mirror, &scratch, item, &progress->seen,
			       err) < 0)
			return -1;
		arena_reset(&scratch);
	}
	return 0;
}

static int read_page(const struct reflector_list *list,
		     const struct json *answer, struct progress *progress,
		     struct error *err)
{
	const struct json *metadata = json_at(answer, "metadata");
	struct str version = json_str(json_at(metadata, "resourceVersion"));
	struct str token = json_str(json_at(metadata, "continue"));

	if (!version.n)
		return error_set(err, ERR_INPUT,
				 "the list has no metadata.resourceVersion");
	if (token.n && str_eq(token, progress->token))
		return error_set(err, ERR_INPUT,
				 "the list goes on with the same page");
	if (put_items(list, json_at(answer, "items"), progress, err) < 0)
		return -1;
	progress->version = arena_str(&progress->arena, version);
	progress->token = arena_str(&progress->arena, token);
	return 0;
}

static int get_page(struct reflector_list *list, struct progress *progress,
		    struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct kube_reflector_options *options = list->mirror->options;
	struct kube_call call = {
		.verb = KUBE_LIST,
		.resource = list->resource,
		.ns = options->ns,
		.label_selector = options->label_selector,
		.field_selector = options->field_selector,
		.continue_token = progress->token,
		.limit = list->page,
		.metadata_only = options->metadata_only,
		.timeout_ms = LIST_MS,
	};
	const int result = kube_do(list->client, &a, &call, err);

	list->status = call.status;
	if (result < 0)
		return -1;
	if (read_page(list, &call.answer, progress, err) < 0)
		return error_wrap(err, "list %s", list->resource->plural);
	return 0;
}

/*
 * Whether a page that failed can be asked for otherwise. A token fits pages of
 * any size (the size is no part of it), so a page too large is cut in two.
 */
static bool asks_again(struct reflector_list *list, struct progress *progress,
		       const struct error *err)
{
	if (err->code == ERR_LIMIT && list->page > 1) {
		list->page /= 2;
		return true;
	}
	if (err->code == ERR_GONE && progress->token.n &&
	    !progress->restarted) {
		begin(progress);
		progress->restarted = true;
		return true;
	}
	return false;
}

static int get_pages(struct reflector_list *list, struct progress *progress,
		     struct error *err)
{
	begin(progress);
	for (;;) {
		if (get_page(list, progress, err) == 0) {
			if (!progress->token.n)
				return 0;
		} else if (!asks_again(list, progress, err)) {
			return -1;
		}
	}
}

int reflector_list(struct reflector_list *list, struct buf *version,
		   struct error *err)
{
	CLEANUP(release)
	struct progress progress = { .seen = MIRROR_SEEN_INIT(NULL) };

	list->status = 0;
	if (get_pages(list, &progress, err) < 0)
		return -1;
	buf_clear(version);
	buf_add(version, progress.version);
	if (buf_failed(version)) {
		buf_clear(version);
		return error_set(err, ERR_LIMIT,
				 "list %s: a resourceVersion of %zu bytes",
				 list->resource->plural, progress.version.n);
	}
	mirror_sweep(list->mirror, &progress.seen);
	return 0;
}
