/*-------------------------------------------------------------------------
 *
 * name_table.h
 *	  Names of events as small numbers, and names in stored types.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_NAME_TABLE_H
#define CRM_JOURNEY_NAME_TABLE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "src/common/summary.h"

typedef struct EventName
{
	char	   *data;			/* in the database's encoding, no NUL */
	int32		len;
	uint32		hash;
} EventName;

/* Distinct names, numbered from 0 as they came */
typedef struct NameTable
{
	MemoryContext context;
	EventName  *names;
	int32		n;
	int32		max;			/* allocated */
	int32	   *slots;			/* open addressing; -1 is free */
	uint32		n_slots;		/* a power of two */
} NameTable;

extern NameTable *crm_names_make(MemoryContext context);
extern int32 crm_names_add(NameTable *table, const char *data, int32 len);
extern int32 crm_names_add_from(NameTable *table, const EventName *name);
extern int32 *crm_names_rank(const NameTable *table, int32 *ids, int32 n_ids,
							 int32 *n_ranked);

/* Names and numbers in stored values */
extern void crm_put_varint(StringInfo buf, uint64 value);
extern void crm_put_name(StringInfo buf, const EventName *name);
extern uint64 crm_get_varint(const char **pos, const char *end, const char *type_name);
extern void crm_get_name(const char **pos, const char *end, EventName *name,
						 const char *type_name);
pg_noreturn extern void crm_stored_value_error(const char *type_name);

/* Names in text and binary forms */
extern void crm_text_names(StringInfo buf, const EventName *names, int32 n);
extern NameTable *crm_text_read_names(TextReader *reader);
extern void crm_send_names(StringInfo buf, const EventName *names, int32 n);
extern NameTable *crm_recv_names(StringInfo buf, const char *type_name);

#endif							/* CRM_JOURNEY_NAME_TABLE_H */
