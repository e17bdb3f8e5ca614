/*-------------------------------------------------------------------------
 *
 * path_summary.h
 *	  The links that customers' paths have, while they are counted and stored.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PATH_SUMMARY_H
#define CRM_PATH_SUMMARY_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/hsearch.h"

#include "src/journey/name_table.h"

/* Where a path ends */
#define PATH_END (-1)

/* Links of the whole path, whatever the step */
#define PATH_ANY_STEP 0

typedef struct PathLinkKey
{
	int32		step;			/* of from, from 1; or PATH_ANY_STEP */
	int32		from;
	int32		to;				/* or PATH_END */
} PathLinkKey;

typedef struct PathLink
{
	PathLinkKey key;
	int64		customers;
} PathLink;

typedef struct PathState
{
	int64		paths;
	NameTable  *names;
	HTAB	   *links;			/* of PathLink */
} PathState;

/* What is stored */
typedef struct PathSummary
{
	SummaryHeader header;
	int64		paths;
	int32		n_names;
	int32		n_links;
	char		payload[FLEXIBLE_ARRAY_MEMBER];
} PathSummary;

typedef struct PathReader
{
	int64		paths;
	EventName  *names;
	int32		n_names;
	int32		n_links;
	int32		i;				/* the next link */
	const char *pos;
	const char *end;
	/* crm_path_links */
	bool		by_step;
} PathReader;

extern PathState *crm_path_links_make(MemoryContext context);
extern void crm_path_links_add(PathState *state, const PathLinkKey *key, int64 customers);
extern void crm_path_links_count(PathState *state, int64 paths);
extern int	crm_path_links_compare(const void *a, const void *b);
extern PathSummary *crm_path_links_build(const PathState *state);
extern void crm_path_links_open_payload(PathReader *reader, int64 paths, const char *payload,
										Size size, int32 n_names, int32 n_links);
extern void crm_path_links_open(PathReader *reader, Datum datum);
extern bool crm_path_links_next(PathReader *reader, PathLink *link);
extern void crm_path_links_merge(PathState *state, PathReader *reader);

#endif							/* CRM_PATH_SUMMARY_H */
