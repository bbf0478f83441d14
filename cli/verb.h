/*
 * A verb of the command line: one file (verb_<name>.c), one const struct, one
 * row in verbs.c. Help, completion and man page are made from the table.
 *
 * Output discipline: results go to standard output only, everything else to
 * standard error.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "lib/buf.h"
#include "lib/option.h"

enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3, /* input that cannot be read or parsed */
	EXIT_INTERNAL = 4,
};

/* Values of all options; a verb's tables fill what it has. */
struct settings {
	/* shared: where policy and objects come from */
	struct str tiers;	       /* --tiers DIR */
	struct texts cluster_objects;  /* --cluster-objects DIR */
	struct texts namespace_labels; /* --namespace-labels [NS:]k=v,... */
	struct texts namespaces;       /* -n, --namespace */
	struct str namespace;	       /* the last of them, or "default" */
	struct str now;		       /* --now TIME */
	bool help;
	/* the cluster to read (cli/live.h) */
	struct texts contexts; /* --context NAME */
	struct str kubeconfig; /* --kubeconfig FILE */
	bool in_cluster;
	/* check */
	struct texts outputs;	   /* -o, --output */
	struct texts output_files; /* --output-file */
	int fail_on;		   /* --fail-on: enum fail_on */
	bool require_match;
	bool quiet;
	int color; /* --color auto|always|never */
	/* render, diff */
	bool in_place;
	/* review, tiers */
	int phase; /* --phase: index in its names */
	bool network_policy;
	/* certs */
	struct str out;		/* --out DIR */
	struct texts dns_names; /* --dns-name NAME */
	struct texts ips;	/* --ip ADDRESS */
	struct str ca_life;	/* --ca-life DURATION */
	struct str life;	/* --life DURATION */
	struct str wait;	/* --wait DURATION */
	bool renew;
	/* others */
	bool fix;
	bool list;
	int format;
	int shell;
};

enum fail_on { FAIL_ON_DENY, FAIL_ON_WARN, FAIL_ON_NEVER };

struct verb {
	const char *name;
	const char *operands; /* "PATH..." for usage; "" when none */
	const char *title;    /* one line */
	const char *doc;      /* paragraphs, Markdown without headings */
	const char *examples; /* one command a line */
	const struct option *options; /* of this verb; may be NULL */
	bool reads_objects;	      /* takes the shared options */
	bool completes_paths;	      /* operands are files */
	/* What the first operand may be, a blank between; NULL: anything. */
	void (*operand_words)(struct buf *out);
	int (*run)(struct arena *a, const struct settings *s,
		   const struct texts *operands);
};

extern const struct verb *const verbs[]; /* ended by NULL */
extern const struct option shared_options[];

/* Prints "bulkhead: message" to standard error; returns code. */
int verb_fail(enum exit_code code, const struct error *err);
/* The whole result to standard output: EXIT_CLEAN, or EXIT_INTERNAL, told. */
int verb_print(const struct buf *out);

enum { VERB_OUTPUT_MAX = 1 << 30 }; /* bytes of a result */

int verb_usage(const struct verb *verb, const char *fmt, ...)
	PRINTF_LIKE(2, 3); /* EXIT_USAGE */

#endif
