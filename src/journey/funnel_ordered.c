/*-------------------------------------------------------------------------
 *
 * funnel_ordered.c
 *	  The general search for the best chain in order of steps: every option.
 *
 * Events of one time (an instant) are in no order, so an instant is the unit
 * of the search.  A chain that has reached step p before the instant may move
 * on to a later step q by its events, or through it untouched.  An event
 * speaks against a chain (an exclusion, a repeated step, any other event in
 * strict mode) when it lies strictly between in time: so it is no matter at
 * the chain's first and last instant, and the events of an instant only
 * decide whether a chain can go on after it.
 *
 * First pass, forward: level and start.  For each step keep the chains that
 * have reached it and can go on, less those that another is as good as in
 * every respect: later start, later end of the window, later time of the last
 * step.  Nearly always one chain is left.
 *
 * Second pass, for that level and start, backward: at which instants and
 * steps can a chain be that gets to the level?  Then forward again: take each
 * step as early as that allows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/journey/funnel.h"

/* All events of one time */
typedef struct Instant
{
	int64		ts;
	const FunnelEvent *rows;
	uint32		first;			/* index of the first row */
	uint32		n;
	uint32		steps;			/* of any row */
	bool		exclude;		/* some row is an exclusion */
	bool		several;		/* some row is more than one step */
} Instant;

/* A move by an instant's events: from step p to q, f being the first step */
typedef struct Move
{
	int			p;
	int			f;
	int			q;
	int			max_q;
	uint32		need;			/* steps that must be served */
	uint32		allowed;		/* steps that may be */
} Move;

/* A chain that can go on */
typedef struct Open
{
	int64		start;
	int64		end;			/* of its window */
	int64		time;			/* of the last step reached */
} Open;

/* The chains that can go on from a step */
typedef struct Front
{
	int			n;
	int			max;
	Open	   *chains;
	Open		first[1];		/* in place of an allocation */
} Front;

typedef struct Search
{
	FunnelPlan *plan;
	const FunnelEvent *events;
	uint32		n;
	bool		use_exclude;
	int64		start_at;		/* when only one start is allowed */
} Search;

static void read_instant(const Search *search, uint32 first, Instant *instant);
static void read_instant_before(const Search *search, uint32 end, Instant *instant);
static bool serves(const FunnelPlan *plan, const Instant *instant, uint32 need);
static bool covers(const FunnelPlan *plan, const Instant *instant, uint64 which,
				   bool all, uint32 need, uint32 allowed);
static bool goes_on(const Search *search, const Instant *instant, int p, int q,
					uint32 need, uint32 allowed);
static bool passes(const Search *search, const Instant *instant, int p);
static void moves_begin(Move *move, int p, int max_q);
static bool moves_next(const FunnelPlan *plan, const Instant *instant, Move *move);
static bool in_time(FunnelPlan *plan, int64 from, int f, int64 ts);
static bool as_good(FunnelPlan *plan, const Open *a, const Open *b);
static void front_add(FunnelPlan *plan, Front *front, const Open *chain);
static uint32 find_level(Search *search, bool first_complete, int *level, int64 *start);
static uint32 *find_ways(Search *search, int level, uint32 from, uint32 to);
static bool can_take(const Search *search, const Instant *instant, int p, uint32 taken,
					 int s, uint32 skipped, uint32 ways, int level);
static void take_steps(Search *search, int level, int64 start, uint32 to,
					   FunnelChain *chain);

/*
 * The instant whose first row is given.
 */
static void
read_instant(const Search *search, uint32 first, Instant *instant)
{
	const FunnelEvent *rows = search->events + first;
	uint32		n_max = search->n - first;
	uint64		any = 0;
	bool		several = false;
	uint32		i = 0;

	do
	{
		uint32		steps = (uint32) rows[i].mask;

		any |= rows[i].mask;
		several |= (steps & (steps - 1)) != 0;
		i++;
	} while (i < n_max && rows[i].ts == rows[0].ts);
	instant->ts = rows[0].ts;
	instant->rows = rows;
	instant->first = first;
	instant->n = i;
	instant->steps = (uint32) any;
	instant->exclude = (any & FUNNEL_EXCLUDE_BIT) != 0;
	instant->several = several;
}

/*
 * The instant whose last row is end - 1.
 */
static void
read_instant_before(const Search *search, uint32 end, Instant *instant)
{
	uint32		first = end - 1;

	while (first > 0 && search->events[first - 1].ts == search->events[first].ts)
		first--;
	read_instant(search, first, instant);
}

/*
 * Can the instant's events serve these steps at once?
 */
static bool
serves(const FunnelPlan *plan, const Instant *instant, uint32 need)
{
	if ((need & ~instant->steps) != 0)
		return false;
	if ((need & (need - 1)) == 0)
		return true;
	if (plan->must_increase)
		return false;
	if (plan->reuse_event || !instant->several)
		return true;
	return crm_funnel_match_rows(instant->rows, instant->n, need) == pg_popcount32(need);
}

/*
 * Can all events (or those that are a step of "which") serve steps among the
 * allowed ones, while the needed ones are served?
 */
static bool
covers(const FunnelPlan *plan, const Instant *instant, uint64 which, bool all,
	   uint32 need, uint32 allowed)
{
	if (!all && (instant->steps & which) == 0)
		return true;
	if (plan->must_increase)
	{
		/* one event for one step: the others would be left over */
		const FunnelEvent *only = NULL;
		uint32		i;

		for (i = 0; i < instant->n; i++)
		{
			if (!all && (instant->rows[i].mask & which) == 0)
				continue;
			if (only != NULL)
				return false;
			only = &instant->rows[i];
		}
		return (only->mask & need) != 0;
	}
	return crm_funnel_rows_fit(instant->rows, instant->n, which, all, allowed);
}

/*
 * Can a chain that moves from step p to q in this instant go on after it?  One
 * that starts here always can: what else there is may have come before.  Where
 * repeats stop a chain, it must use all events of the steps up to q; but where
 * times must increase, it cannot use those of a step that it skips here.
 */
static bool
goes_on(const Search *search, const Instant *instant, int p, int q, uint32 need,
		uint32 allowed)
{
	const FunnelPlan *plan = search->plan;

	if (p == 0)
		return true;
	if (search->use_exclude && instant->exclude &&
		p >= plan->exclude_from && q < plan->exclude_to)
		return false;
	if (plan->mode == FUNNEL_STRICT)
		return covers(plan, instant, 0, true, need, allowed);
	if (plan->stop_on_repeat)
		return covers(plan, instant,
					  plan->must_increase ? step_bits(1, p) | need : step_bits(1, q),
					  false, need, allowed);
	return true;
}

/*
 * Can a chain at step p go through the instant without using it?  One that
 * stops at repeats takes the first event of its next step, or it could leave
 * an event out to say that the next one is no repeat.
 */
static bool
passes(const Search *search, const Instant *instant, int p)
{
	const FunnelPlan *plan = search->plan;

	if (plan->mode == FUNNEL_STRICT)
		return false;
	if (search->use_exclude && instant->exclude &&
		p >= plan->exclude_from && p < plan->exclude_to)
		return false;
	if (plan->stop_on_repeat)
	{
		uint32		to_come = plan->required & ~step_bits(1, p);
		int			next = pg_rightmost_one_pos32(to_come) + 1;

		return (instant->steps & step_bits(1, next)) == 0;
	}
	return true;
}

/*
 * Go through the moves of an instant from step p to steps up to max_q.
 */
static void
moves_begin(Move *move, int p, int max_q)
{
	move->p = p;
	move->f = p + 1;
	move->q = 0;
	move->max_q = max_q;
}

static bool
moves_next(const FunnelPlan *plan, const Instant *instant, Move *move)
{
	/* no step between p and f may be required */
	for (; move->f <= move->max_q &&
		 (plan->required & step_bits(move->p + 1, move->f - 1)) == 0;
		 move->f++, move->q = 0)
	{
		if ((instant->steps & STEP_BIT(move->f)) == 0)
			continue;
		for (move->q = Max(move->q + 1, move->f); move->q <= move->max_q; move->q++)
		{
			uint32		between = plan->required & step_bits(move->f + 1, move->q - 1);

			if ((between & ~instant->steps) != 0)
				break;
			move->need = STEP_BIT(move->f) | between | STEP_BIT(move->q);
			if (!serves(plan, instant, move->need))
				continue;
			move->allowed = step_bits(move->f, move->q);
			return true;
		}
	}
	return false;
}

/*
 * Does step_within allow step f at ts, the step before it having been reached
 * at from?
 */
static bool
in_time(FunnelPlan *plan, int64 from, int f, int64 ts)
{
	return !plan->has_step_within ||
		ts <= crm_funnel_span_end(&plan->step_within[f - 1], plan->time, from);
}

/*
 * Of two chains at one step: can a do whatever b can, and started no earlier?
 */
static bool
as_good(FunnelPlan *plan, const Open *a, const Open *b)
{
	int			i;

	if (a->start < b->start || a->end < b->end)
		return false;
	if (!plan->has_step_within || a->time == b->time)
		return true;
	if (a->time < b->time)
		return false;
	for (i = 1; i < plan->n_steps && !plan->step_within_fixed; i++)
	{
		if (crm_funnel_span_end(&plan->step_within[i], plan->time, a->time) <
			crm_funnel_span_end(&plan->step_within[i], plan->time, b->time))
			return false;
	}
	return true;
}

static void
front_add(FunnelPlan *plan, Front *front, const Open *chain)
{
	int			kept = 0;
	int			i;

	for (i = 0; i < front->n; i++)
	{
		if (as_good(plan, &front->chains[i], chain))
			return;
	}
	for (i = 0; i < front->n; i++)
	{
		if (!as_good(plan, chain, &front->chains[i]))
			front->chains[kept++] = front->chains[i];
	}
	front->n = kept;
	if (front->n >= front->max)
	{
		Size		size;

		front->max = Max(front->max * 2, 8);
		size = (Size) front->max * sizeof(Open);
		if (front->chains == front->first)
		{
			front->chains = (Open *) palloc(size);
			memcpy(front->chains, front->first, sizeof(front->first));
		}
		else
			front->chains = (Open *) repalloc_huge(front->chains, size);
	}
	front->chains[front->n++] = *chain;
}

/*
 * The highest level, and the latest start of a chain that reaches it.  With
 * first_complete, stop at the first instant at which a chain is complete.
 * Returns the index after the last event looked at.
 */
static uint32
find_level(Search *search, bool first_complete, int *level, int64 *start)
{
	FunnelPlan *plan = search->plan;
	Front		fronts[FUNNEL_MAX_STEPS + 1];
	Instant		instant;
	uint32		next;
	int			n_steps = plan->n_steps;
	int			p;

	for (p = 1; p <= n_steps; p++)
	{
		fronts[p].n = 0;
		fronts[p].max = 1;
		fronts[p].chains = fronts[p].first;
	}
	*level = 0;
	*start = PG_INT64_MIN;

	for (next = 0; next < search->n; next = instant.first + instant.n)
	{
		CHECK_FOR_INTERRUPTS();
		read_instant(search, next, &instant);

		/*
		 * From the last step down, so that a chain does not move twice in an
		 * instant: moves lead to steps already dealt with.
		 */
		for (p = n_steps - 1; p >= 0; p--)
		{
			Open		opening;
			const Open *chains;
			int			n_chains;
			Move		move;
			int			i;
			int			kept = 0;

			if (p == 0)
			{
				if ((instant.steps & STEP_BIT(1)) == 0 ||
					(plan->entry != FUNNEL_ENTRY_ANY && instant.ts != search->start_at))
					break;
				opening.start = opening.time = instant.ts;
				opening.end = crm_funnel_span_end(&plan->within, plan->time, instant.ts);
				chains = &opening;
				n_chains = 1;
			}
			else
			{
				Front	   *front = &fronts[p];

				/* those whose window has ended are done */
				for (i = 0; i < front->n; i++)
				{
					if (front->chains[i].end >= instant.ts)
						front->chains[kept++] = front->chains[i];
				}
				front->n = kept;
				if (kept == 0)
					continue;
				chains = front->chains;
				n_chains = kept;
			}

			moves_begin(&move, p, n_steps);
			while (moves_next(plan, &instant, &move))
			{
				bool		on = move.q < n_steps &&
					goes_on(search, &instant, p, move.q, move.need, move.allowed);

				for (i = 0; i < n_chains; i++)
				{
					Open		moved = chains[i];

					if (p > 0 && !in_time(plan, moved.time, move.f, instant.ts))
						continue;
					if (move.q > *level || (move.q == *level && moved.start > *start))
					{
						*level = move.q;
						*start = moved.start;
					}
					moved.time = instant.ts;
					if (on)
						front_add(plan, &fronts[move.q], &moved);
				}
			}
			if (p > 0 && !passes(search, &instant, p))
				fronts[p].n = 0;
		}
		if (first_complete && *level == n_steps)
			return instant.first + instant.n;
	}
	return search->n;
}

/*
 * For events from .. to - 1, the first of which is the chain's first instant:
 * at the index of an instant's first event, the steps that a chain may have
 * reached in it, and go on to the level.
 */
static uint32 *
find_ways(Search *search, int level, uint32 from, uint32 to)
{
	FunnelPlan *plan = search->plan;
	uint32	   *ways = (uint32 *) MemoryContextAllocHuge(CurrentMemoryContext,
														 (Size) (to - from) * sizeof(uint32));

	/*
	 * Of the moves of a chain at p that lead on to the level: the first steps
	 * that there are, and the earliest time for each.
	 */
	uint32		moves[FUNNEL_MAX_STEPS + 1];
	int64		earliest[FUNNEL_MAX_STEPS + 1][FUNNEL_MAX_STEPS + 1];
	uint32		end = to;
	int			p;
	int			f;

	memset(moves, 0, sizeof(moves));
	while (end > from)
	{
		Instant		instant;
		uint32		here = 0;

		CHECK_FOR_INTERRUPTS();
		read_instant_before(search, end, &instant);
		for (p = 1; p < level; p++)
		{
			for (f = p + 1; f <= level; f++)
			{
				if ((moves[p] & STEP_BIT(f)) != 0 &&
					in_time(plan, instant.ts, f, earliest[p][f]))
				{
					here |= STEP_BIT(p);
					break;
				}
			}
		}
		ways[instant.first - from] = here;

		for (p = 1; p < level; p++)
		{
			Move		move;

			if (!passes(search, &instant, p))
				moves[p] = 0;
			moves_begin(&move, p, level);
			while (moves_next(plan, &instant, &move))
			{
				if (move.q == level ||
					((here & STEP_BIT(move.q)) != 0 &&
					 goes_on(search, &instant, p, move.q, move.need, move.allowed)))
				{
					moves[p] |= STEP_BIT(move.f);
					earliest[p][move.f] = instant.ts;
				}
			}
		}
		end = instant.first;
	}
	return ways;
}

/*
 * May a chain that was at p before the instant take step s in it, having taken
 * the steps "taken" there and never taking the skipped ones?
 */
static bool
can_take(const Search *search, const Instant *instant, int p, uint32 taken,
		 int s, uint32 skipped, uint32 ways, int level)
{
	const FunnelPlan *plan = search->plan;
	int			q;

	for (q = s; q <= level; q++)
	{
		uint32		between = plan->required & step_bits(s + 1, q - 1);
		uint32		need = taken | STEP_BIT(s) | between | STEP_BIT(q);
		uint32		allowed = step_bits(p + 1, q) & ~skipped;

		if ((between & ~instant->steps) != 0)
			break;
		if (!serves(plan, instant, need))
			continue;
		if (q == level ||
			((ways & STEP_BIT(q)) != 0 &&
			 goes_on(search, instant, p, q, need, allowed)))
			return true;
	}
	return false;
}

/*
 * The times of the chain of that level and start among the events before
 * "to": each step as early as can be, a step rather than none.
 */
static void
take_steps(Search *search, int level, int64 start, uint32 to, FunnelChain *chain)
{
	FunnelPlan *plan = search->plan;
	int64		end = crm_funnel_span_end(&plan->within, plan->time, start);
	uint32		from = 0;
	uint32		low = 0;
	uint32		high = to;
	uint32	   *ways;
	Instant		instant;
	int			p = 0;			/* reached before the instant */
	int			last = 0;		/* reached in it */
	int			s = 1;			/* to be decided */
	uint32		taken = 0;
	uint32		skipped = 0;

	/* the first event at the start, and the first after the window */
	while (low < high)
	{
		uint32		mid = low + (high - low) / 2;

		if (search->events[mid].ts < start)
			low = mid + 1;
		else
			high = mid;
	}
	from = low;
	high = to;
	while (low < high)
	{
		uint32		mid = low + (high - low) / 2;

		if (search->events[mid].ts <= end)
			low = mid + 1;
		else
			high = mid;
	}
	to = low;

	ways = find_ways(search, level, from, to);
	read_instant(search, from, &instant);
	while (last < level)
	{
		bool		later = false;

		if (can_take(search, &instant, p, taken, s, skipped,
					 ways[instant.first - from], level))
		{
			/* in this instant */
			taken |= STEP_BIT(s);
		}
		else if (taken != 0 &&
				 goes_on(search, &instant, p, last, taken, taken))
		{
			Instant		after = instant;

			while (after.first + after.n < to)
			{
				read_instant(search, after.first + after.n, &after);
				if (!in_time(plan, instant.ts, s, after.ts))
					break;
				later = can_take(search, &after, last, 0, s, skipped,
								 ways[after.first - from], level);
				if (later || !passes(search, &after, last))
					break;
			}
			if (later)
			{
				p = last;
				taken = STEP_BIT(s);
				instant = after;
			}
		}

		if ((taken & STEP_BIT(s)) != 0)
		{
			chain->entered[s - 1] = instant.ts;
			chain->reached |= STEP_BIT(s);
			last = s;
		}
		else
		{
			if (s >= level || (plan->required & STEP_BIT(s)) != 0)
				elog(ERROR, "funnel chain of level %d not found again", level);
			skipped |= STEP_BIT(s);
		}
		s++;
	}
	pfree(ways);
}

/*
 * Search the events, which are in order of time.  With first_complete, the
 * chain is the one that is complete first.  Returns the index after the last
 * event looked at.
 */
uint32
crm_funnel_search_ordered(FunnelPlan *plan, const FunnelEvent *events, uint32 n,
						  bool use_exclude, bool first_complete, bool want_times,
						  FunnelChain *chain)
{
	Search		search = {plan, events, n, use_exclude, PG_INT64_MIN};
	int64		start;
	uint32		end;
	uint32		i;

	if (plan->entry == FUNNEL_ENTRY_FIRST)
	{
		for (i = 0; i < n; i++)
		{
			if ((events[i].mask & STEP_BIT(1)) == 0)
				continue;
			search.start_at = events[i].ts;
			break;
		}
	}
	else if (plan->entry == FUNNEL_ENTRY_LAST)
	{
		for (i = n; i > 0; i--)
		{
			if ((events[i - 1].mask & STEP_BIT(1)) == 0)
				continue;
			search.start_at = events[i - 1].ts;
			break;
		}
	}

	end = find_level(&search, first_complete, &chain->level, &start);
	chain->reached = 0;
	chain->excluded = false;
	if (chain->level > 0 && want_times)
		take_steps(&search, chain->level, start, end, chain);
	return end;
}
