/* Open addressing with linear probing; keyed SipHash-1-3. */
#include "lib/map.h"

#include <pthread.h>
#include <sys/random.h>

/* Drawn once, then only read. */
static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static uint64_t seed[2];

static void draw_seed(void)
{
	/* Without entropy (early boot) the address space layout must do. */
	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed)) {
		seed[0] = (uint64_t)(uintptr_t)&seed;
		seed[1] = (uint64_t)(uintptr_t)__builtin_frame_address(0);
	}
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/*
 * A seed alone is not enough: for simple multiplicative hashes there are texts
 * that collide whatever the seed is.
 */
static uint64_t hash_of(struct str key)
{
	uint64_t v[4], word;
	size_t i = 0;

	pthread_once(&seeded, draw_seed);
	v[0] = seed[0] ^ 0x736f6d6570736575u;
	v[1] = seed[1] ^ 0x646f72616e646f6du;
	v[2] = seed[0] ^ 0x6c7967656e657261u;
	v[3] = seed[1] ^ 0x7465646279746573u;
	for (; key.n - i >= 8; i += 8) {
		memcpy(&word, key.p + i, 8);
		sip_word(v, word);
	}
	word = (uint64_t)key.n << 56;
	for (unsigned shift = 0; i < key.n; i++, shift += 8)
		word |= (uint64_t)(unsigned char)key.p[i] << shift;
	sip_word(v, word);
	v[2] ^= 0xff;
	for (int rounds = 0; rounds < 3; rounds++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct map_slot *slot_of(const struct map *m, struct str key,
				uint64_t hash)
{
	size_t i = hash & (m->size - 1);

	while (m->slots[i].key.p &&
	       (m->slots[i].hash != hash || !str_eq(m->slots[i].key, key)))
		i = (i + 1) & (m->size - 1);
	return &m->slots[i];
}

static void grow(struct map *m)
{
	struct map bigger = { .arena = m->arena, .n = m->n };

	bigger.size = m->size ? 2 * m->size : 16;
	bigger.slots = arena_new(m->arena, struct map_slot, bigger.size);
	for (size_t i = 0; i < m->size; i++) {
		const struct map_slot *s = &m->slots[i];

		if (s->key.p)
			*slot_of(&bigger, s->key, s->hash) = *s;
	}
	*m = bigger;
}

void *map_get(const struct map *m, struct str key)
{
	if (!m->size)
		return NULL;
	return slot_of(m, key, hash_of(key))->value;
}

void map_set(struct map *m, struct str key, void *value)
{
	uint64_t hash = hash_of(key);
	struct map_slot *s;

	if (!value)
		BUG("map_set of NULL");
	if (2 * (m->n + 1) > m->size)
		grow(m);
	s = slot_of(m, key, hash);
	if (!s->key.p) {
		*s = (struct map_slot){ arena_str(m->arena, key), hash, NULL };
		m->n++;
	}
	s->value = value;
}

const struct map_slot *map_next(const struct map *m, size_t *i)
{
	while (*i < m->size) {
		const struct map_slot *s = &m->slots[(*i)++];

		if (s->key.p)
			return s;
	}
	return NULL;
}
