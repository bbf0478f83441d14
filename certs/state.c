/* The state in the data of Secrets: one table says what stands where. */
#include "certs/state.h"

#include "lib/base64.h"

#define ITEM(member, ...)                                                      \
	{                                                                      \
		.offset = offsetof(struct certs_state, member), __VA_ARGS__    \
	}
#define CA(member, ...) ITEM(member, .in = CERTS_SECRET_CA, __VA_ARGS__)
#define LEAF(member, ...) ITEM(member, .in = CERTS_SECRET_LEAF, __VA_ARGS__)

const struct certs_item certs_items[CERTS_ITEMS] = {
	CA(ca.key, .key = "ca.key", .file = "ca.key", .is_private = true),
	CA(ca.cert, .key = "ca.crt", .file = "ca.crt"),
	CA(previous, .key = "previous.crt", .file = "previous.crt"),
	CA(next.key, .key = "next.key", .file = "next.key", .is_private = true),
	CA(next.cert, .key = "next.crt", .file = "next.crt"),
	CA(published, .key = "next.published", .file = "next.published"),
	LEAF(bundle, .key = "ca.crt", .file = "ca-bundle.crt"),
	LEAF(leaf.key, .key = "tls.key", .file = "tls.key", .is_private = true),
	LEAF(leaf.cert, .key = "tls.crt", .file = "tls.crt"),
};

struct str *certs_state_at(struct certs_state *state,
			   const struct certs_item *item)
{
	return (struct str *)(void *)((char *)state + item->offset);
}

static struct str value_of(const struct certs_state *state,
			   const struct certs_item *item)
{
	struct certs_state copy = *state;

	return *certs_state_at(&copy, item);
}

bool certs_state_equal(const struct certs_state *x, const struct certs_state *y,
		       enum certs_secret in)
{
	for (size_t i = 0; i < CERTS_ITEMS; i++)
		if (certs_items[i].in == in &&
		    !str_eq(value_of(x, &certs_items[i]),
			    value_of(y, &certs_items[i])))
			return false;
	return true;
}

/* Empty when it is no base64. */
static struct str decoded(struct arena *a, struct str text)
{
	struct error err = ERROR_INIT;
	struct str bytes;

	return base64_decode(a, text, &bytes, &err) < 0 ? STR_NONE : bytes;
}

void certs_state_read(struct arena *a, const struct json *data,
		      enum certs_secret in, struct certs_state *state)
{
	for (size_t i = 0; i < CERTS_ITEMS; i++) {
		const struct certs_item *item = &certs_items[i];

		if (item->in == in)
			*certs_state_at(state, item) =
				decoded(a, json_str(json_at(data, item->key)));
	}
}

struct json certs_state_data(struct arena *a, const struct certs_state *state,
			     enum certs_secret in)
{
	struct json data = json_make_object();

	for (size_t i = 0; i < CERTS_ITEMS; i++) {
		const struct certs_item *item = &certs_items[i];
		struct str value = value_of(state, item);

		if (item->in == in && value.n)
			json_add(a, &data, str_of(item->key),
				 json_make_string(base64_encode(a, value)));
	}
	return data;
}
