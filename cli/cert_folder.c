/* The members of the state as files of one folder. */
#include "cli/cert_folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs/certificate.h"
#include "lib/file.h"

enum { MODE_FOLDER = 0755 };

static const char *path_of(struct arena *a, struct str folder,
			   const struct certs_item *item)
{
	return arena_printf(a, "%.*s/%s", STR_ARG(folder), item->file).p;
}

int cert_folder_read(struct arena *a, struct str folder,
		     struct certs_state *state, struct error *err)
{
	*state = (struct certs_state){ .bundle = STR_NONE };
	for (size_t i = 0; i < CERTS_ITEMS; i++) {
		const struct certs_item *item = &certs_items[i];
		const char *path = path_of(a, folder, item);
		struct stat st;

		if (lstat(path, &st) < 0 && errno == ENOENT)
			continue;
		if (file_read(a, path, CERTIFICATE_TEXT_MAX,
			      certs_state_at(state, item), err) < 0)
			return -1;
	}
	return 0;
}

bool cert_folder_has_any(const struct certs_state *state)
{
	struct certs_state s = *state;

	/* An empty file has text, of no length. */
	for (size_t i = 0; i < CERTS_ITEMS; i++)
		if (certs_state_at(&s, &certs_items[i])->p)
			return true;
	return false;
}

static int write_item(struct arena *a, struct str folder,
		      const struct certs_item *item, struct str text,
		      struct error *err)
{
	const char *path = path_of(a, folder, item);

	if (item->is_private && text.n)
		return file_write_private(path, text, err);
	if (text.n)
		return file_write(path, text, err);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(err, ERR_IO, "cannot remove %s: %m", path);
	return 0;
}

int cert_folder_write(struct arena *a, struct str folder,
		      const struct certs_state *before,
		      const struct certs_state *after, struct error *err)
{
	struct certs_state old = *before, new = *after;

	if (mkdir(arena_str(a, folder).p, MODE_FOLDER) < 0 && errno != EEXIST)
		return error_set(err, ERR_IO, "cannot make the folder %.*s: %m",
				 STR_ARG(folder));
	for (size_t i = 0; i < CERTS_ITEMS; i++) {
		const struct certs_item *item = &certs_items[i];
		struct str text = *certs_state_at(&new, item);

		if (!str_eq(*certs_state_at(&old, item), text) &&
		    write_item(a, folder, item, text, err) < 0)
			return -1;
	}
	return 0;
}

void cert_folder_wipe(struct certs_state *state)
{
	key_pair_wipe(&state->ca);
	key_pair_wipe(&state->next);
	key_pair_wipe(&state->leaf);
}
