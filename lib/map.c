/* Open addressing with linear probing; seeded 64-bit FNV-1a with a mixer. */
#include "lib/map.h"

#include <stdatomic.h>
#include <sys/random.h>

/* Drawn once; zero means not yet. Losing the race is harmless: same value. */
static _Atomic uint64_t process_seed;

static uint64_t seed(void)
{
	uint64_t s = atomic_load_explicit(&process_seed, memory_order_relaxed);
	uint64_t fresh, none = 0;

	if (s)
		return s;
	if (getrandom(&fresh, sizeof(fresh), GRND_NONBLOCK) != sizeof(fresh))
		fresh = (uint64_t)(uintptr_t)&fresh;
	fresh |= 1;
	if (atomic_compare_exchange_strong(&process_seed, &none, fresh))
		return fresh;
	return none;
}

static uint64_t hash_of(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u ^ seed();

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ (h >> 32);
}

static struct map_slot *slot_of(const struct map *m, struct str key,
				uint64_t hash)
{
	size_t i = hash & (m->size - 1);

	while (m->slots[i].key.p && (m->slots[i].hash != hash ||
				     !str_eq(m->slots[i].key, key)))
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
