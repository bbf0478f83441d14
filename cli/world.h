/*
 * Everything a verb judges with: the documents of the files named, the policy,
 * and an inventory of what the cluster would know. Loaded once, then constant.
 *
 * Files are read in sorted order; a document keeps its file and its
 * marks. Malformed input is a problem in a list, not the end: the
 * other files are still judged.
 */
#ifndef CLI_WORLD_H
#define CLI_WORLD_H

#include "cli/verb.h"
#include "lib/json_build.h"
#include "policies/engine.h"
#include "policies/spelling.h"

/* For every reading of a manifest file. */
extern const struct json_limits world_file_limits;

enum { WORLD_LIST_DEPTH_MAX = 2 }; /* a List of Lists is nobody's manifest */

struct file {
	struct str path; /* as given or found; "-" for standard input */
	struct str text; /* whole, NUL-terminated behind its end */
	bool broken;	 /* has a problem: no in-place edit, no rewriting */
};

struct document {
	const struct file *file;
	bool in_list;		  /* an item of a "kind: List" */
	struct json written;	  /* as the author wrote it */
	struct spelling spelling; /* today's spelling: spelling.doc */
	struct subject subject;	  /* object is spelling.doc */
	const struct kind *kind;  /* NULL: no rule is to look at it */
	bool local;	/* marked as never applied: not judged, not looked up */
	bool generated; /* spelling made it up (a pool for an old claim) */
	bool live;	/* stands in the cluster: judged as it is */
};

/* A file or document that cannot be read. */
struct input_problem {
	struct str path;
	struct json_mark at; /* 0:0 when the whole file */
	struct str msg;
};

struct live;

struct world {
	struct arena arena;
	struct file *files;
	size_t n_files;
	struct document *documents;
	size_t n_documents, documents_cap;
	struct input_problem *problems;
	size_t n_problems, problems_cap;
	struct snapshot *snapshot;
	struct inventory *inventory;
	struct engine engine;
	bool now_given;	   /* --now was used */
	struct live *live; /* the cluster judged by; NULL: files */
};

/*
 * Loads policy, cluster objects and the paths (files, folders, "-"). Namespace
 * and RuntimeClass objects among the paths count as cluster objects too, and
 * templates are entered as the cluster would store them: filled.
 * EXIT_CLEAN, or the exit code after having told why on standard error (bad
 * usage, bad tiers). Input problems do not fail it: see problems. What stands
 * in two places is warned of on standard error. With --context and the like
 * policy and surroundings are those of the cluster (cli/live.h).
 */
enum exit_code world_load(struct world *w, const struct settings *s,
			  const struct texts *paths);

/*
 * The steps of world_load, for verbs that have their documents elsewhere:
 * begin, any number of add and know, settle; then the documents stay where
 * they are. world_release is due after begin, whatever it returned.
 */

/* What the options name. snapshot NULL: as the options say; else taken over. */
int world_begin(struct world *w, const struct settings *s,
		struct snapshot *snapshot, struct error *err) MUST_CHECK;

/* Files, folders, "-". */
void world_read(struct world *w, const struct texts *paths, struct str ns);

/*
 * An object, or a List of them, from file (both outlive w); ns is for objects
 * that name no namespace.
 */
void world_add(struct world *w, struct file *file, const struct json *doc,
	       struct str ns);

/* Its items are documents, down to WORLD_LIST_DEPTH_MAX. */
bool world_is_list(const struct json *doc);

/* Cluster-scoped kinds that the rules look up, and our own. */
bool world_is_cluster_scoped(const struct subject *s);

/* msg is copied, path is not. */
void world_add_problem(struct world *w, struct str path, struct json_mark at,
		       struct str msg);

/* An object that the cluster has: looked up, not judged. */
void world_know(struct world *w, const struct file *file,
		const struct json *doc, struct str ns);

int world_settle(struct world *w, const struct settings *s,
		 struct error *err) MUST_CHECK;

void world_release(struct world *w);

/* "path:line:column: message" for each, to standard error. */
void world_tell_problems(const struct world *w);

/* What the engine says of one document. */
struct judgement {
	const struct document *document;
	struct decision mutation;   /* fills and the filled object */
	struct decision validation; /* of the filled object */
};

/* In arena a; the world is only read. */
void world_judge(struct arena *a, const struct world *w,
		 const struct document *d, struct judgement *out);

/* "Sandbox team-a/agent-1", for messages. */
struct str document_title(struct arena *a, const struct document *d);

#endif
