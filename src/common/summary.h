/*-------------------------------------------------------------------------
 *
 * summary.h
 *	  The header of every stored type, and its text and binary forms.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SUMMARY_H
#define CRM_SUMMARY_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/compat.h"

/* Which type a stored value is of.  On disk: never renumber, only add. */
typedef enum SummaryTag
{
	SUMMARY_BTYD_DATA = 1,
	SUMMARY_BTYD_MODEL = 2,
	SUMMARY_SPEND_MODEL = 4,
	SUMMARY_RATE = 16,
	SUMMARY_MEAN = 17,
	SUMMARY_NPS = 18,
	SUMMARY_CALENDAR = 24,
	SUMMARY_RESPONSE_TIME = 25,
	SUMMARY_MRR = 32,
	SUMMARY_STAGE = 40,
	SUMMARY_FUNNEL_DEF = 48,
	SUMMARY_FUNNEL_REPORT = 49,
	SUMMARY_ACTIVITY = 56,
	SUMMARY_RETENTION = 57,
	SUMMARY_JOURNEY = 64,
	SUMMARY_PATHS = 65,
	SUMMARY_ATTRIBUTION_DEF = 72,
	SUMMARY_ATTRIBUTION = 73,
	SUMMARY_ENGAGEMENT = 80,
	SUMMARY_KMEANS = 88
} SummaryTag;

/*
 * Every stored type begins so.  Its payload follows at offset 8, aligned for
 * double (the SQL types are declared alignment = double).
 */
typedef struct SummaryHeader
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint8		tag;			/* SummaryTag */
	uint8		version;		/* of this type's format, from 1 */
	uint8		flags;			/* meaning given by the type */
	uint8		reserve;		/* zero */
} SummaryHeader;

extern void *crm_summary_alloc(Size size, SummaryTag tag, uint8 version);
extern void *crm_summary_detoast(Datum datum, Size min_size, SummaryTag tag,
								 uint8 max_version, const char *type_name);
extern void crm_summary_send_begin(StringInfo buf, const void *summary);
extern uint8 crm_summary_recv_begin(StringInfo buf, SummaryTag tag,
									uint8 max_version, uint8 *flags,
									const char *type_name);

/*
 * Text form: "crm_nps_summary:1 promoters=6 passives=3 detractors=1", that is
 * the type's name, the format version, then the fields in a fixed order.
 */
extern void crm_text_begin(StringInfo buf, const char *type_name, int version);
extern void crm_text_key(StringInfo buf, const char *key);
extern void crm_text_int64(StringInfo buf, const char *key, int64 value);
extern void crm_text_float8(StringInfo buf, const char *key, double value);
extern void crm_text_word(StringInfo buf, const char *key, const char *value);
extern void crm_text_float8_list(StringInfo buf, const char *key,
								 const double *values, int n);
extern void crm_append_float8(StringInfo buf, double value);

typedef struct TextReader
{
	const char *type_name;
	const char *string;			/* the whole input */
	const char *pos;			/* the next character to read */
} TextReader;

extern int	crm_text_read_begin(TextReader *reader, const char *string,
								const char *type_name, int max_version);
extern void crm_text_read_key(TextReader *reader, const char *key);
extern bool crm_text_read_has_key(TextReader *reader, const char *key);
extern int64 crm_text_read_integer(TextReader *reader);
extern int64 crm_text_read_count(TextReader *reader);
extern void crm_text_read_counts(TextReader *reader, int64 *counts, int64 n);
extern int64 crm_text_read_int64(TextReader *reader, const char *key);
extern double crm_text_read_float8(TextReader *reader, const char *key);
extern char *crm_text_read_word(TextReader *reader, const char *key);
extern int	crm_text_read_float8_list(TextReader *reader, const char *key,
									  double *values, int max_n);
extern void crm_text_read_char(TextReader *reader, char c);
extern bool crm_text_read_optional_char(TextReader *reader, char c);
extern double crm_text_read_number(TextReader *reader);
extern void crm_text_read_end(TextReader *reader);
pg_noreturn extern void crm_text_error(const TextReader *reader, const char *expected);

#endif							/* CRM_SUMMARY_H */
