/*
 * Names for certificates. What passes here is pure [a-z0-9.-], so that no name
 * can carry a second one, a control or a wildcard into an extension.
 */
#include "certs/names.h"

#include "lib/cidr.h"

enum { DNS_MAX = 253, LABEL_MAX = 63, V4_BYTES = 4, V6_BYTES = 16 };

/* ---- one name ---- */

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static const char *label_fault(struct str label)
{
	if (!label.n)
		return "it has an empty label";
	if (label.n > LABEL_MAX)
		return "a label is longer than 63 bytes";
	for (size_t i = 0; i < label.n; i++)
		if (!is_alphanumeric(label.p[i]) && label.p[i] != '-')
			return "only a-z, 0-9, \"-\" and \".\" may stand in it";
	if (!is_alphanumeric(label.p[0]) ||
	    !is_alphanumeric(label.p[label.n - 1]))
		return "a label begins or ends with \"-\"";
	return NULL;
}

static const char *dns_fault(struct str name)
{
	struct str rest = name, label;
	unsigned char address[V6_BYTES];
	size_t n;

	if (!name.n)
		return "it is empty";
	if (name.n > DNS_MAX)
		return "it is longer than 253 bytes";
	if (cert_names_address(name, address, &n))
		return "it is an IP address, which is named apart";
	while (str_split(&rest, '.', &label)) {
		const char *fault = label_fault(label);

		if (fault)
			return fault;
	}
	return NULL;
}

static int parse_address(struct str text, enum ip_family *family,
			 unsigned __int128 *address)
{
	struct error ignored = ERROR_INIT;

	return cidr_parse_address(text, family, address, &ignored);
}

bool cert_names_address(struct str text, unsigned char *bytes, size_t *n)
{
	unsigned __int128 address;
	enum ip_family family;

	if (parse_address(text, &family, &address) < 0)
		return false;
	*n = family == IP_V4 ? V4_BYTES : V6_BYTES;
	for (size_t i = *n; i-- > 0; address >>= 8)
		bytes[i] = (unsigned char)(address & 0xff);
	return true;
}

/* ---- lists ---- */

static bool has(const struct str *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], name))
			return true;
	return false;
}

static int add_dns(struct arena *a, struct str name, struct cert_names *to,
		   struct error *err)
{
	const char *fault = dns_fault(name);

	if (fault)
		return error_set(
			err, ERR_CONFIG,
			"\"%.*s\" is no DNS name for a certificate: "
			"%s; wanted the full name of the Service, such "
			"as bulkhead-webhook.bulkhead-system.svc",
			STR_ARG(name), fault);
	if (!has(to->dns, to->n_dns, name))
		to->dns[to->n_dns++] = arena_str(a, name);
	return 0;
}

static int add_ip(struct arena *a, struct str text, struct cert_names *to,
		  struct error *err)
{
	unsigned __int128 address;
	enum ip_family family;
	struct str name;

	if (parse_address(text, &family, &address) < 0)
		return error_set(
			err, ERR_CONFIG,
			"\"%.*s\" is no IP address; wanted one such as "
			"10.0.0.1 or fd00::1",
			STR_ARG(text));
	name = cidr_address_str(a, family, address);
	if (!has(to->ips, to->n_ips, name))
		to->ips[to->n_ips++] = name;
	return 0;
}

int cert_names_read(struct arena *a, const struct cert_names *from,
		    struct cert_names *to, struct error *err)
{
	if (from->n_dns + from->n_ips == 0)
		return error_set(err, ERR_CONFIG,
				 "a serving certificate needs at least one DNS "
				 "name or IP address");
	if (from->n_dns + from->n_ips > CERT_NAMES_MAX)
		return error_set(err, ERR_CONFIG,
				 "a certificate for %zu names; at most %d are "
				 "allowed",
				 from->n_dns + from->n_ips, CERT_NAMES_MAX);
	*to = (struct cert_names){
		.dns = arena_new(a, struct str, from->n_dns),
		.ips = arena_new(a, struct str, from->n_ips),
	};
	for (size_t i = 0; i < from->n_dns; i++)
		if (add_dns(a, from->dns[i], to, err) < 0)
			return -1;
	for (size_t i = 0; i < from->n_ips; i++)
		if (add_ip(a, from->ips[i], to, err) < 0)
			return -1;
	return 0;
}

bool cert_names_equal(const struct cert_names *x, const struct cert_names *y)
{
	if (x->n_dns != y->n_dns || x->n_ips != y->n_ips)
		return false;
	for (size_t i = 0; i < x->n_dns; i++)
		if (!has(y->dns, y->n_dns, x->dns[i]))
			return false;
	for (size_t i = 0; i < x->n_ips; i++)
		if (!has(y->ips, y->n_ips, x->ips[i]))
			return false;
	return true;
}
