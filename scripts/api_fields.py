#!/usr/bin/env python3
"""Writes policies/api_fields_table.c: the fields that the agent-sandbox API
knows, read from the CustomResourceDefinitions of its releases.

    scripts/api_fields.py CRD.yaml... >policies/api_fields_table.c

A version that several files define knows the fields of all of them: a field
that one supported release serves is no mistake. Tables of equal content are
written once. The same input gives the same bytes, in any order of files.
"""

import sys
import textwrap

import yaml

# What every object's metadata may hold (apimachinery's ObjectMeta); a CRD
# does not spell it out. The server's own keys too: people apply exports.
OWNER = ("apiVersion", "blockOwnerDeletion", "controller", "kind", "name", "uid")
OBJECT_META = (
    "annotations", "creationTimestamp", "deletionGracePeriodSeconds",
    "deletionTimestamp", "finalizers", "generateName", "generation", "labels",
    "managedFields", "name", "namespace", "ownerReferences", "resourceVersion",
    "selfLink", "uid",
)

HEAD = """\
/* Written by scripts/api_fields.py from upstream's CRDs; do not edit. */
#include "policies/api_fields.h"

/* clang-format off */
#define LEAF(name) { name, NULL }
#define DEEP(name, table) { name, &(table) }
#define OBJECT(table, ...) \\
	static const struct api_field table##_fields[] = { __VA_ARGS__ }; \\
	static const struct api_object table = { table##_fields, \\
						 ARRAY_LEN(table##_fields) }
#define NOTHING(table) static const struct api_object table = { NULL, 0 }

"""

ANYTHING = None


def leaves(names):
    return dict.fromkeys(names, ANYTHING)


def fields(schema):
    """Name -> fields below it. ANYTHING for a scalar or a map of free keys;
    an object without properties has no fields: what stands in it is dropped."""
    if "items" in schema:
        return fields(schema["items"])
    if schema.get("type") != "object" or "additionalProperties" in schema:
        return ANYTHING
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return ANYTHING
    return {k: fields(v) for k, v in schema.get("properties", {}).items()}


def merge(into, other):
    """The fields of both."""
    for name, below in other.items():
        if name not in into:
            into[name] = below
        elif into[name] is ANYTHING or below is ANYTHING:
            into[name] = ANYTHING
        else:
            merge(into[name], below)


def root(schema):
    known = fields(schema)
    known["metadata"] = leaves(OBJECT_META)
    known["metadata"]["ownerReferences"] = leaves(OWNER)
    if "status" in known:
        known["status"] = ANYTHING  # not a person's to write
    return known


def read(paths):
    roots = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            crd = yaml.safe_load(file)
        kind = crd["spec"]["names"]["kind"]
        for version in crd["spec"]["versions"]:
            known = root(version["schema"]["openAPIV3Schema"])
            merge(roots.setdefault((kind, version["name"]), {}), known)
    return roots


class Tables:
    def __init__(self):
        self.ids = {}
        self.taken = {}

    def write(self, known, name):
        """The id of the table that holds these fields."""
        rows = []
        for field in sorted(known):
            if known[field] is ANYTHING:
                rows.append('LEAF("%s")' % field)
            else:
                below = self.write(known[field], field)
                rows.append('DEEP("%s", %s)' % (field, below))
        key = tuple(rows)
        if key not in self.ids:
            self.taken[name] = self.taken.get(name, 0) + 1
            self.ids[key] = "%s_%d" % (name, self.taken[name])
            self.print(rows, self.ids[key])
        return self.ids[key]

    @staticmethod
    def print(rows, table):
        if not rows:
            print("NOTHING(%s);" % table)
            return
        # A row is never broken: its spaces are hidden from the wrapping.
        text = ", ".join(row.replace(" ", "\0") for row in rows)
        text = "OBJECT(%s, %s);" % (table, text)
        for line in textwrap.wrap(text, 80, subsequent_indent="  ",
                                  break_long_words=False,
                                  break_on_hyphens=False):
            print(line.replace("\0", " "))


def main():
    roots = read(sys.argv[1:])
    if not roots:
        sys.exit(__doc__)
    tables = Tables()
    sys.stdout.write(HEAD)
    kinds = []
    for kind, version in sorted(roots):
        table = tables.write(roots[kind, version], kind)
        kinds.append('  { "%s", "%s", &%s },' % (kind, version, table))
    print("\nconst struct api_kind api_kinds[] = {")
    print("\n".join(kinds))
    print("  { NULL, NULL, NULL },\n};")


main()
