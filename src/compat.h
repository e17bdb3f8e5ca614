/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Every difference between the server versions that we build on: 15 to 18.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_COMPAT_H
#define CRM_COMPAT_H

/* VARDATA_ANY and its kin moved out of postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Intervals can be infinite from 17 on. */
#if PG_VERSION_NUM < 170000
#define INTERVAL_IS_NOEND(i)	(false)
#endif

/* 18 writes "pg_noreturn extern", as C23 does, and no mark at the end. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* pq_sendcountedtext lost its last argument, countincludesself, in 17. */
#if PG_VERSION_NUM >= 170000
#define crm_sendcountedtext(buf, str, len) pq_sendcountedtext(buf, str, len)
#else
#define crm_sendcountedtext(buf, str, len) pq_sendcountedtext(buf, str, len, false)
#endif

#endif							/* CRM_COMPAT_H */
