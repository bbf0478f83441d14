/*
 * The fields around spec that all our kinds share, for their decode tables.
 * apiVersion, kind and metadata are read by the loader itself.
 */
#ifndef POLICIES_DOCUMENT_FIELDS_H
#define POLICIES_DOCUMENT_FIELDS_H

#include "lib/decode.h"

/* Reads nothing: the field is known, someone else looks at it. */
decode_fn decode_nothing;

/* A struct member that holds a label selector, checked; never NULL. */
decode_fn decode_selector;

#define DOCUMENT_FIELDS(spec_table)                                            \
	{ .name = "apiVersion", .decode = decode_nothing, .required = true },  \
		{ .name = "kind",                                              \
		  .decode = decode_nothing,                                    \
		  .required = true },                                          \
		{ .name = "metadata",                                          \
		  .decode = decode_nothing,                                    \
		  .required = true },                                          \
		{ .name = "spec",                                              \
		  .decode = decode_struct,                                     \
		  .required = true,                                            \
		  .param = (spec_table) },                                     \
		{ .name = "status", .decode = decode_nothing }, FIELD_END

#endif
