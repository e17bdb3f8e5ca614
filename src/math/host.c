/*-------------------------------------------------------------------------
 *
 * host.c
 *	  Interrupts where there is no MathHost at hand.
 *
 * A fit gets its MathHost as an argument.  A prediction is a number from a few
 * numbers, by functions that know of nothing else, and nearly always a matter of
 * microseconds; the few that may take many milliseconds call this instead.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/host.h"

static void no_interrupts(void);

void		(*crm_math_check_interrupts) (void) = no_interrupts;

static void
no_interrupts(void)
{
}
