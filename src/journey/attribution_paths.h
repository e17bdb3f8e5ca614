/*-------------------------------------------------------------------------
 *
 * attribution_paths.h
 *	  What attribution from paths needs to know of them, and its stored form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ATTRIBUTION_PATHS_H
#define CRM_ATTRIBUTION_PATHS_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "src/common/summary.h"
#include "src/journey/attribution.h"

#define PATHS_TYPE			"crm_attribution_summary"
#define PATHS_VERSION		1

#define PATHS_MAX_CHANNELS	10000
#define PATHS_MAX_CELLS		4000000

/*
 * Channels are numbered from 1, in order of their names; 0 is the outside:
 * where paths start, and a conversion where they end.
 */
typedef struct PathMove
{
	uint32		from;
	uint32		to;
	int64		count;
} PathMove;

/* Conversions with a channel in their path, by its number of channels */
typedef struct PathShare
{
	uint32		channel;
	uint32		size;
	int64		count;
	Amount		value;
} PathShare;

/*
 * Moves and shares are sorted and each is there once.  Two summaries of the
 * same paths are the same, whatever the order in which they came.
 *
 * Paths that ended without conversion are not kept: they are those that come
 * to a channel and do not leave it.
 */
typedef struct PathSummary
{
	uint32		n_channels;
	uint32		n_moves;
	uint32		n_shares;
	int64		untouched;		/* conversions without a path */
	Amount		untouched_value;
	Amount		touched_value;
	Channel    *channels;
	PathMove   *moves;
	PathShare  *shares;
} PathSummary;

/* The aggregates' state, attribution_paths.c's own */
typedef struct PathState PathState;

extern PathSummary *crm_path_summarize(const PathState *state);
extern PathSummary *crm_path_summary_get(Datum datum);
extern Datum crm_path_summary_datum(const PathSummary *summary);
extern void crm_path_summary_write(StringInfo buf, const PathSummary *summary,
								   bool external);
extern PathSummary *crm_path_summary_read(StringInfo buf, bool external);
extern void crm_path_summary_check(const PathSummary *summary);
extern int64 crm_path_count_add(int64 a, int64 b);
extern int64 *crm_path_losses(const PathSummary *summary);

#endif							/* CRM_ATTRIBUTION_PATHS_H */
