/*-------------------------------------------------------------------------
 *
 * floor_div.h
 *	  Integer division that rounds down, as calendars need before their epoch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FLOOR_DIV_H
#define CRM_FLOOR_DIV_H

#include "postgres.h"

/* The greatest integer not above a / b, for b > 0. */
static inline int64
crm_floor_div(int64 a, int64 b)
{
	int64		quotient = a / b;

	return (a % b < 0) ? quotient - 1 : quotient;
}

#endif							/* CRM_FLOOR_DIV_H */
