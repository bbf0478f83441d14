/* From the options to a client of an API server that answers. */
#include "cli/live.h"

enum { ANSWER_MS = 10000 };

bool live_is_wanted(const struct settings *s)
{
	return s->contexts.n || s->kubeconfig.n || s->in_cluster;
}

static struct str shown(const struct kube_config *c)
{
	return c->context.n ? c->context : STR("current");
}

/*
 * One try with little patience: whoever waits wants to hear what is wrong,
 * while the client's own retries are meant for programs that stay.
 */
static int greet(struct arena *a, struct live_connection *c, struct error *err)
{
	const struct kube_transport_request request = {
		.method = "GET",
		.path = STR("/version"),
		.timeout_ms = ANSWER_MS,
	};
	struct kube_transport_answer answer;

	if (kube_transport_send(kube_client_transport(c->client), a, &request,
				&answer, err) == TRANSPORT_ANSWERED)
		return 0;
	error_wrap(err, "the cluster of context \"%.*s\" cannot be read",
		   STR_ARG(shown(&c->config)));
	err->code = ERR_IO;
	return -1;
}

int live_connect(struct arena *a, const struct settings *s, struct str context,
		 struct live_connection *out, struct error *err)
{
	struct kube_client_options options = {
		.user_agent = "bulkhead/" BULKHEAD_VERSION,
		.field_manager = "bulkhead",
	};

	*out = (struct live_connection){ .client = NULL };
	if (s->in_cluster && (context.n || s->kubeconfig.n))
		return error_set(err, ERR_CONFIG,
				 "--in-cluster and --context or --kubeconfig "
				 "are two clusters: give one of them");
	if (kube_config_choose(a, s->in_cluster, s->kubeconfig, context,
			       &out->config, err) < 0) {
		err->code = ERR_CONFIG;
		return -1;
	}
	options.stop = out->stop = kube_stop_new();
	if (kube_client_new(&out->config, &options, &out->client, err) < 0)
		return -1;
	return greet(a, out, err);
}

void live_disconnect(struct live_connection *c)
{
	kube_client_free(&c->client);
	kube_stop_free(&c->stop);
}
