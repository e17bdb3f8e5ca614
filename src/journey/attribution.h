/*-------------------------------------------------------------------------
 *
 * attribution.h
 *	  Who gets the credit for a conversion: definitions, channels, exact sums.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ATTRIBUTION_H
#define CRM_ATTRIBUTION_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/common/event_list.h"
#include "src/common/money.h"
#include "src/common/summary.h"
#include "src/compat.h"

/*
 * Definition: by which rule credit is given.
 */
typedef enum AttributionModel
{
	ATTRIBUTION_LINEAR,
	ATTRIBUTION_FIRST,
	ATTRIBUTION_LAST,
	ATTRIBUTION_LAST_NON_DIRECT,
	ATTRIBUTION_POSITION,
	ATTRIBUTION_TIME_DECAY,
	ATTRIBUTION_CUSTOM
} AttributionModel;

#define ATTRIBUTION_MODELS			7
#define ATTRIBUTION_MAX_WEIGHTS		100
#define ATTRIBUTION_MAX_IGNORE		1000

typedef struct AttributionSpec
{
	AttributionModel model;
	bool		has_lookback;
	bool		has_half_life;
	bool		reset_on_conversion;
	Interval	lookback;
	Interval	half_life;
	int			n_weights;
	int			n_ignore;
	double	   *weights;
	char	  **ignore;			/* sorted by bytes, each once */
} AttributionSpec;

/* The stored type: its canonical text behind the header */
typedef struct AttributionDef
{
	SummaryHeader header;
	char		canonical[FLEXIBLE_ARRAY_MEMBER];
} AttributionDef;

#define ATTRIBUTION_DEF_TYPE		"crm_attribution_def"
#define ATTRIBUTION_DEF_VERSION		1
#define ATTRIBUTION_DEF_LEN(def)	(VARSIZE(def) - offsetof(AttributionDef, canonical))

extern AttributionDef *crm_attribution_def_get(Datum datum);
extern AttributionSpec *crm_attribution_def_parse(const char *string);

/*
 * Names in text forms: "quoted", with \ before " and \.
 */
extern void crm_attribution_append_name(StringInfo buf, const char *name, int len);
extern char *crm_attribution_read_name(TextReader *reader);

/*
 * Channels: names and the small numbers that stand for them.
 */
typedef struct Channel
{
	const char *name;			/* zero-terminated, which len does not count */
	uint32		len;
	bool		ignored;		/* named in the definition's ignore */
} Channel;

typedef struct ChannelSet
{
	MemoryContext context;
	Channel    *channels;		/* by number */
	uint32		n;
	uint32		max;
	uint32		limit;			/* more than that many are an error */
	struct channelhash_hash *hash;
} ChannelSet;

extern ChannelSet *crm_channel_set_create(MemoryContext context, uint32 limit);
extern uint32 crm_channel_number(ChannelSet *set, const char *name, uint32 len);
extern Datum crm_channel_text(const ChannelSet *set, uint32 number);
extern int	crm_channel_compare(const Channel *a, const Channel *b);

/*
 * Exact sums of amounts that may be missing: a sum is NULL as long as no term
 * was there, as SQL's sum().
 */
typedef struct Amount
{
	Money		money;
	Numeric		big;			/* instead of money where it does not fit */
	bool		present;
} Amount;

/* Credit is counted in units of 10^-16 conversions. */
#define CREDIT_ONE			INT64CONST(10000000000000000)
#define CREDIT_DECIMALS		16

extern void crm_attribution_amount_decode(Datum numeric, Amount *amount, const char *what);
extern void crm_attribution_amount_add(Amount *sum, const Amount *term);
extern void crm_attribution_amount_add_share(Amount *sum, const Amount *term, int64 units);
extern Numeric crm_attribution_amount_numeric(const Amount *amount);
extern Numeric crm_attribution_amount_trimmed(NumericSpace *space, const Amount *amount,
											  int min_scale);
extern Numeric crm_credit_numeric(NumericSpace *space, int64 whole, int64 units);
extern int	crm_attribution_amount_display_scale(const Amount *amount);
extern double crm_attribution_amount_float8(const Amount *amount);
extern void crm_attribution_amount_write(StringInfo buf, const Amount *amount);
extern void crm_attribution_amount_read(StringInfo buf, Amount *amount, const char *what);

/*
 * Rules: the credits of one customer's conversions.
 *
 * A touch is one key of an EventList: the time, in microseconds since 2000,
 * times TOUCH_TIME plus the number of its channel, which is below TOUCH_TIME.
 */
#define TOUCH_TIME			1024
#define TOUCH_MAX_TIME		((INT64CONST(1) << 53) - 2)

static inline TimestampTz
touch_time(int64 key)
{
	return key >> 10;
}

static inline uint32
touch_channel(int64 key)
{
	return (uint32) (key & (TOUCH_TIME - 1));
}

typedef struct Conversion
{
	Timestamp	ts;
	Amount		value;
} Conversion;

/* What one channel has earned */
typedef struct ChannelCredit
{
	int64		whole;			/* conversions */
	int64		units;			/* and this, below CREDIT_ONE */
	int			scale;			/* most decimals that a value showed */
	Amount		value;
} ChannelCredit;

extern void crm_attribution_assign(const AttributionSpec *spec, bool is_local,
								   const int64 *touches, uint32 n_touches,
								   const Conversion *conversions, uint32 n_conversions,
								   const bool *is_direct, uint32 n_channels,
								   ChannelCredit *credits);

#endif							/* CRM_ATTRIBUTION_H */
