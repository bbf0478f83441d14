/* Paths and queries of the API, with everything in them encoded. */
#include "kube/resource.h"

#include "lib/buf.h"

enum { PATH_MAX_BYTES = 1 << 20 };

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static void encode(struct buf *out, struct str s, bool dots)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(c) && !(dots && c == '.')) {
			buf_putc(out, (char)c);
			continue;
		}
		buf_putc(out, '%');
		buf_putc(out, hex[c >> 4]);
		buf_putc(out, hex[c & 15]);
	}
}

/*
 * "." and ".." are steps of a path even though their bytes are unreserved (RFC
 * 3986, section 5.2.4): whoever passes the request on may take them.
 */
static void segment(struct buf *out, struct str s)
{
	buf_putc(out, '/');
	encode(out, s, str_is(s, ".") || str_is(s, ".."));
}

/* A cut path would name something else. */
static struct str finish(struct arena *a, struct buf *out)
{
	struct str path;

	if (buf_failed(out))
		BUG("a path of the API beyond 1 MiB");
	path = arena_str(a, buf_str(out));
	buf_release(out);
	return path;
}

struct str kube_resource_api_version(struct arena *a,
				     const struct kube_resource *resource)
{
	if (!resource->group[0])
		return arena_str(a, str_of(resource->version));
	return arena_printf(a, "%s/%s", resource->group, resource->version);
}

struct str kube_resource_path(struct arena *a,
			      const struct kube_resource *resource,
			      struct str ns, struct str name,
			      struct str subresource)
{
	struct buf out = BUF_INIT(PATH_MAX_BYTES);

	buf_puts(&out, resource->group[0] ? "/apis" : "/api");
	if (resource->group[0])
		segment(&out, str_of(resource->group));
	segment(&out, str_of(resource->version));
	if (resource->namespaced && ns.n) {
		buf_puts(&out, "/namespaces");
		segment(&out, ns);
	}
	segment(&out, str_of(resource->plural));
	if (name.n)
		segment(&out, name);
	if (name.n && subresource.n)
		segment(&out, subresource);
	return finish(a, &out);
}

bool kube_resource_name_valid(struct str name)
{
	return name.n > 0 && !str_is(name, ".") && !str_is(name, "..") &&
	       str_find(name, '/') == name.n && str_find(name, '%') == name.n;
}

struct str kube_path_query(struct arena *a, struct str path, const char *key,
			   struct str value)
{
	struct buf out = BUF_INIT(PATH_MAX_BYTES);

	buf_add(&out, path);
	buf_putc(&out, str_find(path, '?') < path.n ? '&' : '?');
	encode(&out, str_of(key), false);
	buf_putc(&out, '=');
	encode(&out, value, false);
	return finish(a, &out);
}
