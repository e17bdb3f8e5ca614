/*-------------------------------------------------------------------------
 *
 * event_delay.c
 *	  Events on their way to the logs of groups that no cache holds.
 *
 * With a table in order of time, an aggregate that hashes comes to another
 * group with every row, and waits for its state's memory longer than all else
 * about the row takes.  So a row only asks for the memory, and leaves its event
 * to one that comes a little later, when the memory has arrived.
 *
 * States do not outlive the memory context of their aggregate, which may be
 * reset without anybody having read them: then the events that wait for them
 * are forgotten.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "src/common/event_delay.h"

static void forget(void *arg);

/*
 * Nothing is waiting.
 */
void
crm_event_delay_init(EventDelay *delay)
{
	memset(delay, 0, sizeof(*delay));
}

/*
 * May events wait for logs in this context?  They do for one context at a
 * time: that of others, as grouping sets have them, are added at once.
 */
bool
crm_event_delay_use(EventDelay *delay, MemoryContext context)
{
	MemoryContextCallback *callback;

	if (delay->context != NULL)
		return delay->context == context;

	callback = (MemoryContextCallback *)
		MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	callback->func = forget;
	callback->arg = delay;
	MemoryContextRegisterResetCallback(context, callback);
	delay->context = context;
	return true;
}

/*
 * The memory of the logs goes.
 */
static void
forget(void *arg)
{
	crm_event_delay_init((EventDelay *) arg);
}

/*
 * Add what is waiting, the oldest first.
 */
void
crm_event_delay_settle_all(EventDelay *delay)
{
	uint32		i;

	for (i = 0; i < EVENT_DELAY_ROWS; i++)
	{
		LateEvent  *place = &delay->waiting[(delay->next + i) % EVENT_DELAY_ROWS];
		EventLog   *log = place->log;

		place->log = NULL;
		if (log != NULL)
			crm_event_log_add_in(log, delay->context, place->word);
	}
	delay->any = false;
	delay->last = NULL;
}
