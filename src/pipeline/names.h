/*-------------------------------------------------------------------------
 *
 * names.h
 *	  Small numbers for the few distinct names in a column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PIPELINE_NAMES_H
#define CRM_PIPELINE_NAMES_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* Distinct names in one query: far more, and the column holds no names. */
#define MAX_NAMES		1000000

typedef struct NameEntry
{
	text	   *name;			/* a copy that the dictionary owns */
	uint32		hash;
} NameEntry;

typedef struct NameDictionary
{
	MemoryContext context;		/* where everything is allocated */
	int			n;
	int			capacity;		/* of entries */
	NameEntry  *entries;		/* by id, 0 to n - 1 */
	int32	   *slots;			/* hash table of id + 1; 0 is free */
	uint32		slot_mask;
} NameDictionary;

extern NameDictionary *crm_names_create(MemoryContext context);
extern int	crm_names_find(const NameDictionary *names, const char *data, int len);
extern int	crm_names_intern(NameDictionary *names, const char *data, int len);
extern int	crm_names_intern_from(NameDictionary *names,
								  const NameDictionary *other, int id);
extern bool crm_names_equal(const NameDictionary *a, int a_id,
							const NameDictionary *b, int b_id);
extern int	crm_names_compare(const NameDictionary *names, int a, int b);
extern void crm_names_send(StringInfo buf, const NameDictionary *names, int id);
extern int	crm_names_recv(StringInfo buf, NameDictionary *names);

#endif							/* CRM_PIPELINE_NAMES_H */
