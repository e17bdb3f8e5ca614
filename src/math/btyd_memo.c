/*-------------------------------------------------------------------------
 *
 * btyd_memo.c
 *	  Discounted purchases of living customers, remembered.
 *
 * They are the slowest of the predictions, some microseconds, and depend on less
 * than the history: not on when the last purchase was, unless purchases are
 * regular.  On a grid of days a million customers are a few thousand different
 * ones, and most of a table's rows find their value among those computed before.
 *
 * A table with one place for each hash value: a later value takes the place of an
 * earlier one.  It is 768 kB of memory that is not touched before it is used, and
 * changes no result.  A program with threads would need it to be thread local.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <stdint.h>
#include <string.h>

#define MEMO_BITS 13

/* What a value depends on, beside the model's functions */
#define MEMO_KEYS (BTYD_LIVING + 2)

typedef struct MemoEntry
{
	const BtydModelOps *ops;	/* NULL: empty */
	double		key[MEMO_KEYS]; /* the living customer, delta, horizon */
	double		value;
} MemoEntry;

static MemoEntry memo[1 << MEMO_BITS];

/*
 * The discounted purchases of a living customer, v[BTYD_LIVING].
 */
double
crm_btyd_living_discounted(const BtydModelOps *ops, const double *v,
						   double delta, double horizon)
{
	double		key[MEMO_KEYS];
	uint64_t	bits[MEMO_KEYS];
	uint64_t	hash = 0;
	MemoEntry  *entry;

	memcpy(key, v, BTYD_LIVING * sizeof(double));
	key[BTYD_LIVING] = delta;
	key[BTYD_LIVING + 1] = horizon;
	memcpy(bits, key, sizeof(bits));
	for (int i = 0; i < MEMO_KEYS; i++)
	{
		hash = (hash ^ bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}

	entry = &memo[hash >> (64 - MEMO_BITS)];
	if (entry->ops != ops || memcmp(entry->key, key, sizeof(key)) != 0)
	{
		double		value = ops->discounted(v, delta, horizon);

		entry->ops = ops;
		memcpy(entry->key, key, sizeof(key));
		entry->value = value;
	}
	return entry->value;
}
