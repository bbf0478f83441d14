/*
 * Self-managed certificates in a folder: the same state, and the same steps of
 * rotation, as the controller keeps in Secrets (certs/state.h).
 */
#ifndef CLI_CERT_FOLDER_H
#define CLI_CERT_FOLDER_H

#include "certs/rotation.h"

/* Missing files are empty members. Text, keys included, lives in a. */
int cert_folder_read(struct arena *a, struct str folder,
		     struct certs_state *state, struct error *err) MUST_CHECK;

/* Whether any file of the state is there. */
bool cert_folder_has_any(const struct certs_state *state);

/*
 * Stores what differs, file by file in the order of certs_items, each of them
 * whole or not at all; makes the folder. What a crash leaves behind is healed
 * by the next step.
 */
int cert_folder_write(struct arena *a, struct str folder,
		      const struct certs_state *before,
		      const struct certs_state *after,
		      struct error *err) MUST_CHECK;

/* Overwrites the private keys in memory. */
void cert_folder_wipe(struct certs_state *state);

#endif
