/*
 * runtime.compatibility: what gVisor and Kata cannot do is said when it is
 * asked for, not by a Pod that never starts or silently lacks it. What the
 * tier's Pod Security level refuses anyway is left to those rules.
 */
#include "policies/rules/all.h"
#include "policies/runtime_lint.h"

/* A value of a scalar field that a runtime cannot honour. */
struct clash {
	struct str key, below; /* below: the member of key, or empty */
	const char *value;     /* "true", "false"; or the string */
	enum json_type type;
	unsigned families;
	enum action action;
	bool privileged_only;	   /* Baseline refuses it already */
	const char *verb, *wanted; /* "is true, which gVisor <verb>" */
};

static const struct clash pod_clashes[] = {
	{ STR_INIT("hostNetwork"), STR_INIT(""), "true", JSON_BOOL, LINT_ALL,
	  ACTION_DENY, true, "cannot isolate", "unset" },
	{ STR_INIT("hostPID"), STR_INIT(""), "true", JSON_BOOL, LINT_ALL,
	  ACTION_DENY, true, "cannot share", "unset" },
	{ STR_INIT("hostIPC"), STR_INIT(""), "true", JSON_BOOL, LINT_ALL,
	  ACTION_DENY, true, "cannot share", "unset" },
	{ STR_INIT("hostUsers"), STR_INIT(""), "false", JSON_BOOL, LINT_ALL,
	  ACTION_DENY, false,
	  "does not support: the kubelet would refuse the Pod", "unset" },
	{ STR_INIT("os"), STR_INIT("name"), "windows", JSON_STRING, LINT_ALL,
	  ACTION_DENY, false, "cannot run", "linux" },
};

/* Below securityContext, of the Pod and of containers. */
static const struct clash context_clashes[] = {
	{ STR_INIT("privileged"), STR_INIT(""), "true", JSON_BOOL, LINT_ALL,
	  ACTION_DENY, true, "does not support", "unset" },
	{ STR_INIT("procMount"), STR_INIT(""), "Unmasked", JSON_STRING,
	  LINT_GVISOR, ACTION_WARN, true, "does not support", "unset" },
	{ STR_INIT("seccompProfile"), STR_INIT("type"), "Localhost",
	  JSON_STRING, LINT_GVISOR, ACTION_WARN, false,
	  "does not apply inside the sandbox", "RuntimeDefault" },
	{ STR_INIT("seccompProfile"), STR_INIT("type"), "Localhost",
	  JSON_STRING, LINT_ANY_KATA, ACTION_WARN, false,
	  "does not apply in the guest by default", "RuntimeDefault" },
	{ STR_INIT("appArmorProfile"), STR_INIT("type"), "Localhost",
	  JSON_STRING, LINT_ALL, ACTION_WARN, false,
	  "does not apply inside the sandbox", "RuntimeDefault" },
};

static bool is_value(const struct json *v, const struct clash *clash)
{
	/* Of the wrong type: nobody can say that it is harmless. */
	if (!json_is(v, clash->type))
		return true;
	if (clash->type == JSON_BOOL)
		return json_is_true(v) == (clash->value[0] == 't');
	return json_str_is(v, str_of(clash->value));
}

static void report_clash(const struct lint *lint, const struct clash *clash,
			 const struct json *v, const struct path *up)
{
	struct path first = path_key(up, clash->key);
	struct path second = path_key(&first, clash->below);

	lint_report(lint, clash->action, clash->below.n ? &second : &first,
		    (struct says){ lint_because(lint, v, clash->verb),
				   str_of(clash->wanted), STR("remove it") });
}

static void check_clash(const struct lint *lint, const struct clash *clash,
			const struct json *holder, const struct path *up)
{
	const struct json *v;

	if (!(clash->families & lint->family) ||
	    (clash->privileged_only && !lint->privileged))
		return;
	v = json_get(holder, clash->key);
	if (clash->below.n)
		v = json_get(v, clash->below);
	if (json_is_set(v) && is_value(v, clash))
		report_clash(lint, clash, v, up);
}

static void check_capabilities(const struct lint *lint,
			       const struct place *context)
{
	struct place capabilities, add;

	if (lint->family != LINT_GVISOR || !lint->privileged)
		return;
	capabilities = place_get(context, STR("capabilities"), JSON_OBJECT);
	add = place_get(&capabilities, STR("add"), JSON_ARRAY);
	for (size_t i = 0; i < json_len(add.json); i++) {
		struct path item = path_index(&add.path, i);
		const struct json *v = json_item(add.json, i);

		if (!json_str_is(v, STR("NET_RAW")) &&
		    !json_str_is(v, STR("ALL")))
			continue;
		lint_report(lint, ACTION_WARN, &item,
			    (struct says){
				    lint_because(lint, v,
						 "honours only with --net-raw"),
				    STR("no raw sockets"), STR("remove it") });
	}
}

static void check_context(const struct lint *lint)
{
	struct place context =
		place_get(&lint->root, STR("securityContext"), JSON_OBJECT);
	struct path labels = PATH_KEY(&context.path, "seLinuxOptions");

	if (!json_exists(context.json))
		return;
	for (size_t i = 0; i < ARRAY_LEN(context_clashes); i++)
		check_clash(lint, &context_clashes[i], context.json,
			    &context.path);
	if (lint->family == LINT_GVISOR)
		lint_content(lint, ACTION_WARN,
			     json_get(context.json, labels.key), &labels,
			     "sets labels, which %s does not support");
	check_capabilities(lint, &context);
}

static void check_ports(const struct lint *lint)
{
	struct path list = PATH_KEY(NULL, "ports");
	size_t i = 0;

	if (!(lint->family & LINT_ANY_KATA) || !lint->privileged)
		return;
	json_each_item(it, json_get(lint->container->json, list.key)) {
		struct path item = path_index(&list, i++);
		struct path port = PATH_KEY(&item, "hostPort");
		const struct json *v = json_get(it, port.key);
		int64_t n;

		if (!json_is_set(v) || (json_int(v, &n) && n == 0))
			continue;
		lint_report(
			lint, ACTION_WARN, &port,
			(struct says){ lint_because(lint, v, "may not forward"),
				       STR("unset"), STR("use a Service") });
	}
}

static void check_pod_fields(const struct lint *lint)
{
	const struct target *t = lint->check->target;
	struct path context = PATH_KEY(NULL, "securityContext");
	struct path sysctls = PATH_KEY(&context, "sysctls");
	struct path ephemeral = PATH_KEY(NULL, "ephemeralContainers");

	for (size_t i = 0; i < ARRAY_LEN(pod_clashes); i++)
		check_clash(lint, &pod_clashes[i], t->pod_spec, NULL);
	check_context(lint);
	lint_content(lint,
		     lint->family == LINT_GVISOR ? ACTION_DENY : ACTION_WARN,
		     path_get(t->pod_spec, &sysctls), &sysctls,
		     "sets kernel parameters, which do not reach the node "
		     "under %s");
	lint_content(lint, ACTION_WARN, json_get(t->pod_spec, ephemeral.key),
		     &ephemeral,
		     "attaches to running containers, which %s supports only "
		     "in part");
}

/* A Firecracker guest keeps the size that it was started with. */
static void check_resize(const struct lint *lint)
{
	const struct subject *s = lint->check->target->subject;
	struct path list = PATH_KEY(NULL, "containers");
	struct path every = PATH_KEY(&list, "*");
	struct path resources = PATH_KEY(&every, "resources");

	if (lint->family == LINT_KATA_FC && str_is(s->subresource, "resize"))
		lint_report(lint, ACTION_DENY, &resources,
			    (struct says){ STR("is resized, which Kata with "
					       "Firecracker cannot do"),
					   STR("the size at the start"),
					   STR("make the Pod again with other "
					       "resources") });
}

static void check(const struct check *c)
{
	struct lint lint = lint_start(c);

	if (!lint.family)
		return;
	check_pod_fields(&lint);
	check_resize(&lint);
	lint_volumes(&lint);
	lint_claims(&lint);
	target_each_container(it, c->target)
	{
		struct lint inner = lint_inside(&lint, it);

		check_context(&inner);
		check_ports(&inner);
		lint_mounts(&inner);
	}
}

const struct rule rule_runtime_compatibility = {
	.id = "runtime.compatibility",
	.kinds = SUBJECT_ALL,
	.title = "Nothing is asked of gVisor or Kata that they cannot do",
	.doc = "Fields that the Pod's runtime does not support, judged by the "
	       "family of its class (gVisor, Kata, Kata with Firecracker). "
	       "Refused: host namespaces, privileged containers and "
	       "`hostPath` where the tier's Pod Security level would let them "
	       "pass, `hostUsers: false`, Windows Pods, bidirectional mount "
	       "propagation; under gVisor also sysctls and raw block devices; "
	       "under Firecracker shared claims (`ReadWriteMany`, "
	       "`ReadOnlyMany`) and resizing a running Pod. Warned of: "
	       "Localhost seccomp and AppArmor profiles, ephemeral "
	       "containers; under gVisor SELinux labels, `procMount: Unmasked` "
	       "and `NET_RAW`; under Kata sysctls, `subPath` and `hostPort`; "
	       "under Firecracker `configMap` and `secret` volumes, whose "
	       "files are copied into the guest once.\n\n"
	       "Such a Pod either never starts, with the reason hidden in an "
	       "event on the node, or it starts and lacks the protection that "
	       "its manifest promises. An exception makes sense where a newer "
	       "runtime has learned the feature.",
	.fields = "spec.hostNetwork\nspec.hostPID\nspec.hostIPC\n"
		  "spec.hostUsers\nspec.os.name\nspec.securityContext\n"
		  "spec.volumes\nspec.ephemeralContainers\n"
		  "spec.containers[*].securityContext\n"
		  "spec.containers[*].ports[*].hostPort\n"
		  "spec.containers[*].volumeMounts\n"
		  "spec.containers[*].volumeDevices\n"
		  "spec.volumeClaimTemplates",
	.check = check,
};
