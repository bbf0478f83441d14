/*
 * Streams: an exchange that is read while it goes on. Nothing happens between
 * two reads, so what the reader does not take stays with the kernel, and at
 * last with the server.
 */
#include "kube/transport_state.h"

#include <stdlib.h>

struct kube_stream {
	struct exchange x;
	char piece[EXCHANGE_PIECE_MAX];
};

static bool has_head(const struct exchange *x)
{
	return x->head_done && exchange_status(x) == 200;
}

static bool has_piece(const struct exchange *x)
{
	return x->piece_at < x->piece_n;
}

static bool is_whole(const struct exchange *x)
{
	return x->end == EXCHANGE_DONE && x->result == CURLE_OK;
}

enum kube_transport_outcome
kube_stream_open(struct kube_transport *transport, struct arena *a,
		 const struct kube_transport_request *request,
		 struct kube_transport_answer *answer, struct kube_stream **out,
		 struct error *err)
{
	struct kube_stream *stream = calloc(1, sizeof(*stream));
	enum kube_transport_outcome outcome = TRANSPORT_REFUSED;

	if (!stream)
		BUG("out of memory");
	if (transport->streaming)
		BUG("a second stream");
	transport->streaming = true;
	*out = NULL;
	if (exchange_begin(&stream->x, transport, request, stream->piece,
			   err) == 0) {
		exchange_run(&stream->x, has_head, request->timeout_ms);
		outcome = TRANSPORT_ANSWERED;
		/* What broke behind the head, the first read tells. */
		if (!has_head(&stream->x) && !is_whole(&stream->x))
			outcome = exchange_failure(&stream->x, err);
	}
	if (outcome == TRANSPORT_ANSWERED) {
		exchange_answer(&stream->x, a, answer);
		if (answer->status == 200) {
			*out = stream;
			return outcome;
		}
	}
	kube_stream_close(&stream);
	return outcome;
}

static int64_t take(struct exchange *x, char *p, size_t n)
{
	size_t left = x->piece_n - x->piece_at;

	if (n > left)
		n = left;
	memcpy(p, x->piece + x->piece_at, n);
	x->piece_at += n;
	return (int64_t)n;
}

int64_t kube_stream_read(struct kube_stream *stream, char *p, size_t n,
			 int64_t idle_ms, struct error *err)
{
	struct exchange *x = &stream->x;

	if (n == 0)
		BUG("a read of nothing");
	if (x->paused && !has_piece(x)) {
		x->paused = false;
		x->result = curl_easy_pause(x->easy, CURLPAUSE_CONT);
		if (x->result != CURLE_OK)
			x->end = EXCHANGE_DONE;
	}
	if (kube_stop_is_set(x->transport->stop))
		x->end = EXCHANGE_STOPPED;
	else if (x->end == EXCHANGE_RUNS && !has_piece(x))
		exchange_run(x, has_piece, idle_ms);
	if (x->end != EXCHANGE_STOPPED && has_piece(x))
		return take(x, p, n);
	if (is_whole(x))
		return 0;
	(void)exchange_failure(x, err);
	return -1;
}

void kube_stream_close(struct kube_stream **stream)
{
	struct kube_stream *s = *stream;

	if (!s)
		return;
	s->x.transport->streaming = false;
	exchange_release(&s->x);
	free(s);
	*stream = NULL;
}
