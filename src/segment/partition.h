/*-------------------------------------------------------------------------
 *
 * partition.h
 *	  All values of a window's partition, sorted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SEGMENT_PARTITION_H
#define CRM_SEGMENT_PARTITION_H

#include "postgres.h"

#include "nodes/nodes.h"
#include "windowapi.h"

/* Check a value of the partition and make it a number that orders as it does. */
typedef double (*PartitionValue) (Datum value);

extern double *crm_partition_sorted(WindowObject winobj, PartitionValue value,
									int64 *n);

#endif							/* CRM_SEGMENT_PARTITION_H */
