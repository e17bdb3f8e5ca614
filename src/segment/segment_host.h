/*-------------------------------------------------------------------------
 *
 * segment_host.h
 *	  The server as the host of the computations in src/math.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SEGMENT_HOST_H
#define CRM_SEGMENT_HOST_H

#include "src/common/host.h"
#include "src/math/host.h"

static const MathHost segment_host = {
	crm_host_alloc,
	crm_host_release,
	crm_host_check_interrupts
};

#endif							/* CRM_SEGMENT_HOST_H */
