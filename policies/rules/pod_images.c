/* pod.images: where images come from, and whether they are pinned. */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/says.h"

enum { SHA256_HEX = 64 };

static bool has_digest(struct str image)
{
	static const struct str mark = STR_INIT("@sha256:");
	size_t at = str_find_str(image, mark);
	struct str hex = str_sub(image, at + mark.n, image.n);

	if (at == 0 || at == image.n || hex.n != SHA256_HEX)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (!((hex.p[i] >= '0' && hex.p[i] <= '9') ||
		      (hex.p[i] >= 'a' && hex.p[i] <= 'f')))
			return false;
	return true;
}

/*
 * The name that the node pulls, so that no spelling slips by a pattern in
 * images.deny: the registry in lower case, Docker Hub's spelled out.
 */
static struct str full_name(struct arena *a, struct str image)
{
	size_t slash = str_find(image, '/');
	struct str host = str_sub(image, 0, slash);
	bool is_host = slash < image.n && (str_find(host, '.') < host.n ||
					   str_find(host, ':') < host.n ||
					   str_is(host, "localhost"));
	char *lower;

	if (!is_host)
		return arena_printf(a, "docker.io/%s%.*s",
				    slash < image.n ? "" : "library/",
				    STR_ARG(image));
	lower = arena_raw(a, image.n, 1);
	memcpy(lower, image.p, image.n);
	for (size_t i = 0; i < slash; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	return (struct str){ lower, image.n };
}

/* The first pattern that matches or gives up; *at stays when none does. */
static enum pattern_result match(const struct patterns *p, struct str image,
				 const struct pattern **at)
{
	for (size_t i = 0; i < p->n; i++) {
		enum pattern_result r = pattern_match(p->v[i], image);

		if (r == PATTERN_NO)
			continue;
		*at = p->v[i];
		return r;
	}
	return PATTERN_NO;
}

static struct says give_up(struct arena *a, struct str image)
{
	return (struct says){
		arena_printf(a, "is %s, which is too long or complex to match",
			     says_quoted(a, image).p),
		STR("a plain image name"),
		STR("use a shorter name, or have the platform team simplify "
		    "the pattern")
	};
}

static struct says tell_denied(struct arena *a, struct str image,
			       const struct pattern *by)
{
	return (struct says){ arena_printf(a,
					   "is %s, which the tier denies by %s",
					   says_quoted(a, image).p,
					   says_quoted(a, pattern_text(by)).p),
			      STR("another image"),
			      STR("use an image from an allowed registry") };
}

static struct says tell_not_allowed(const struct target *t, struct str image)
{
	const struct patterns *p = &t->tier->pod.images.allow;
	struct strs texts = { arena_new(t->arena, struct str, p->n), p->n };

	for (size_t i = 0; i < p->n; i++)
		texts.v[i] = pattern_text(p->v[i]);
	return (struct says){
		arena_printf(t->arena, "is %s", says_quoted(t->arena, image).p),
		arena_printf(t->arena, "a name that matches %.*s",
			     STR_ARG(says_one_of(t->arena, &texts))),
		STR("use an image from an allowed registry")
	};
}

/* False, and what to say, when the tier does not want the image. */
static bool is_named_well(const struct target *t, struct str image,
			  struct says *says)
{
	const struct patterns *deny = &t->tier->pod.images.deny;
	const struct patterns *allow = &t->tier->pod.images.allow;
	const struct pattern *by = NULL;
	enum pattern_result r = match(deny, image, &by);

	if (r == PATTERN_NO && deny->n)
		r = match(deny, full_name(t->arena, image), &by);
	if (r == PATTERN_YES) {
		*says = tell_denied(t->arena, image, by);
		return false;
	}
	if (r == PATTERN_NO && allow->n) {
		r = match(allow, image, &by);
		if (r == PATTERN_NO) {
			*says = tell_not_allowed(t, image);
			return false;
		}
	}
	if (r == PATTERN_LIMIT)
		*says = give_up(t->arena, image);
	return r != PATTERN_LIMIT;
}

static void report(const struct check *c, const struct container *container,
		   const struct path *path, struct says says)
{
	if (container)
		check_container(c, container, path, says);
	else
		check_pod(c, path, says);
}

/* container NULL: path is below the Pod spec. */
static void check_image(const struct check *c,
			const struct container *container,
			const struct path *path, const struct json *v)
{
	const struct target *t = c->target;
	struct str image = json_str(v);
	bool digest = t->tier->pod.images.require_digest;
	struct says says = { says_is(t->arena, &json_missing), STR("an image"),
			     STR("name an image") };

	if (json_is_set(v) && !json_is(v, JSON_STRING)) {
		says.found = says_is(t->arena, v);
		report(c, container, path, says);
		return;
	}
	if (!image.n) {
		if (digest || t->tier->pod.images.allow.n)
			report(c, container, path, says);
		return;
	}
	if (!is_named_well(t, image, &says))
		report(c, container, path, says);
	if (!digest || has_digest(image))
		return;
	says = (struct says){ says_is(t->arena, v),
			      STR("an image with @sha256: and its digest"),
			      STR("pin it: the tag may stay in front of the "
				  "digest") };
	report(c, container, path, says);
}

static void check_image_volumes(const struct place *volumes)
{
	size_t i = 0;

	json_each_item(volume, volumes->json) {
		struct path item = path_index(&volumes->path, i++);
		struct path image = PATH_KEY(&item, "image");
		struct path reference = PATH_KEY(&image, "reference");
		const struct json *v = json_get(volume, image.key);

		if (json_is_set(v))
			check_image(volumes->check, NULL, &reference,
				    json_get(v, reference.key));
	}
}

static void check(const struct check *c)
{
	static const struct path image_path = { NULL, STR_INIT("image"), 0 };
	const struct target *t = c->target;
	struct place pod, volumes;

	if (!t->tier->pod.images.allow.n && !t->tier->pod.images.deny.n &&
	    !t->tier->pod.images.require_digest)
		return;
	pod = place_pod(c);
	place_get(&pod, STR("containers"), JSON_ARRAY);
	place_get(&pod, STR("initContainers"), JSON_ARRAY);
	place_get(&pod, STR("ephemeralContainers"), JSON_ARRAY);
	volumes = place_get(&pod, STR("volumes"), JSON_ARRAY);
	target_each_container(it, t)
	{
		check_image(c, it, &image_path,
			    json_get(it->json, image_path.key));
	}
	check_image_volumes(&volumes);
}

const struct rule rule_pod_images = {
	.id = "pod.images",
	.kinds = SUBJECT_ALL,
	.title = "Images come from where the tier says",
	.doc = "The image of every container (main, init, sidecar, ephemeral) "
	       "and of every `image` volume is held against the tier's "
	       "`pod.images`: a pattern in `deny` refuses it, then some "
	       "pattern in `allow` must match, when there are any; "
	       "`requireDigest` wants `@sha256:` and 64 hexadecimal digits at "
	       "the end. Patterns see the text as it is written; `deny` also "
	       "sees the full name, with the registry in lower case, so "
	       "`^docker\\.io/` refuses `nginx` too. Anchor patterns with "
	       "`^` and escape dots.\n\n"
	       "The image is the one part of a sandbox that can be known in "
	       "advance. A tag can be moved after the review, a digest "
	       "cannot. Where images are built per task, allow the registry "
	       "that builds them.",
	.fields = "spec.containers[*].image\nspec.initContainers[*].image\n"
		  "spec.ephemeralContainers[*].image\n"
		  "spec.volumes[*].image.reference",
	.check = check,
};
