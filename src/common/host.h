/*-------------------------------------------------------------------------
 *
 * host.h
 *	  The server's memory and interrupts, as the computations in src/math ask
 *	  for them (MathHost in src/math/host.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_HOST_H
#define CRM_HOST_H

#include "postgres.h"

extern void *crm_host_alloc(size_t size);
extern void crm_host_release(void *ptr);
extern void crm_host_check_interrupts(void);

#endif							/* CRM_HOST_H */
