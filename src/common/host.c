/*-------------------------------------------------------------------------
 *
 * host.c
 *	  The server's memory and interrupts, as the computations in src/math ask
 *	  for them.
 *
 * A capability puts these three into a MathHost of its own, because src/common
 * does not know src/math.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/common/host.h"

/*
 * In the current memory context, which the caller may delete afterwards;
 * beyond 1 GB too.
 */
void *
crm_host_alloc(size_t size)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, size);
}

void
crm_host_release(void *ptr)
{
	pfree(ptr);
}

void
crm_host_check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}
