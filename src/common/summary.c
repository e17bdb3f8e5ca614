/*-------------------------------------------------------------------------
 *
 * summary.c
 *	  The header of every stored type, and its text and binary forms.
 *
 * A stored value carries its type tag and format version, so that a later
 * release can read what an earlier one wrote.  The text form is readable,
 * carries the version too, and is lossless: floating-point numbers are
 * written with the fewest digits that read back the same.
 *
 * The readers are strict (one order of fields, one space between them), which
 * keeps them small enough to trust with input from anywhere.  Checking that
 * the fields make sense together is the type's own task.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "common/shortest_dec.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "src/common/summary.h"

static int64 read_digits(TextReader *reader, const char *expected);

/*
 * A zeroed value of the given total size with its header filled in, in the
 * current memory context.
 */
void *
crm_summary_alloc(Size size, SummaryTag tag, uint8 version)
{
	SummaryHeader *header;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("summary of %zu bytes is too large to store", size)));

	header = (SummaryHeader *) palloc0(size);
	SET_VARSIZE(header, size);
	header->tag = (uint8) tag;
	header->version = version;
	return header;
}

/*
 * Detoast a stored value and check its header.  The result may be the datum's
 * own memory: do not change it.  A mismatch means a damaged page or a value
 * forged through a binary-coercible cast, hence SQLSTATE XX001.
 */
void *
crm_summary_detoast(Datum datum, Size min_size, SummaryTag tag,
					uint8 max_version, const char *type_name)
{
	SummaryHeader *header = (SummaryHeader *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(header) < min_size || header->tag != (uint8) tag ||
		header->version < 1 || header->version > max_version)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", type_name)));
	return header;
}

/*
 * Binary form: tag, version, flags, then the type's fields.  Finish with
 * pq_endtypsend(buf).
 */
void
crm_summary_send_begin(StringInfo buf, const void *summary)
{
	const SummaryHeader *header = (const SummaryHeader *) summary;

	pq_begintypsend(buf);
	pq_sendbyte(buf, header->tag);
	pq_sendbyte(buf, header->version);
	pq_sendbyte(buf, header->flags);
}

/*
 * Read what crm_summary_send_begin wrote.  Returns the version, 1 to
 * max_version; *flags is for the type to check.
 */
uint8
crm_summary_recv_begin(StringInfo buf, SummaryTag tag, uint8 max_version,
					   uint8 *flags, const char *type_name)
{
	int			got_tag = pq_getmsgbyte(buf);
	int			version = pq_getmsgbyte(buf);

	*flags = (uint8) pq_getmsgbyte(buf);
	if (got_tag != (int) tag || version < 1 || version > max_version)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid header in external \"%s\" value", type_name)));
	return (uint8) version;
}

/*
 * Start a text form in an initialised buffer.
 */
void
crm_text_begin(StringInfo buf, const char *type_name, int version)
{
	appendStringInfo(buf, "%s:%d", type_name, version);
}

/*
 * " key=", for a value that the caller writes.
 */
void
crm_text_key(StringInfo buf, const char *key)
{
	appendStringInfo(buf, " %s=", key);
}

void
crm_text_int64(StringInfo buf, const char *key, int64 value)
{
	appendStringInfo(buf, " %s=" INT64_FORMAT, key, value);
}

void
crm_text_float8(StringInfo buf, const char *key, double value)
{
	crm_text_key(buf, key);
	crm_append_float8(buf, value);
}

/*
 * The value must be free of white space.
 */
void
crm_text_word(StringInfo buf, const char *key, const char *value)
{
	appendStringInfo(buf, " %s=%s", key, value);
}

/*
 * " key=[1,2.5,3]"
 */
void
crm_text_float8_list(StringInfo buf, const char *key, const double *values, int n)
{
	int			i;

	crm_text_key(buf, key);
	appendStringInfoChar(buf, '[');
	for (i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoChar(buf, ',');
		crm_append_float8(buf, values[i]);
	}
	appendStringInfoChar(buf, ']');
}

/*
 * The fewest digits that read back to the same double, whatever
 * extra_float_digits says: a dump must not depend on a setting.
 */
void
crm_append_float8(StringInfo buf, double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, digits);
	appendStringInfoString(buf, digits);
}

/*
 * Report that the input is not what the type's text form has here.
 */
void
crm_text_error(const TextReader *reader, const char *expected)
{
	/* Quote at most this much of the input: some values are megabytes long. */
	const int	max_quoted = 40;
	int			len = pg_mbcliplen(reader->pos, strlen(reader->pos), max_quoted);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s", reader->type_name),
			 *reader->pos == '\0' ?
			 errdetail("Expected %s at the end of the input.", expected) :
			 errdetail("Expected %s at character %d, before \"%.*s\".", expected,
					   (int) (reader->pos - reader->string) + 1, len, reader->pos)));
}

/*
 * Start reading a text form; white space around it is allowed.  Returns the
 * version, 1 to max_version.
 */
int
crm_text_read_begin(TextReader *reader, const char *string,
					const char *type_name, int max_version)
{
	size_t		name_len = strlen(type_name);
	char	   *end;
	long		version;

	reader->type_name = type_name;
	reader->string = string;
	reader->pos = string;

	while (isspace((unsigned char) *reader->pos))
		reader->pos++;
	if (strncmp(reader->pos, type_name, name_len) != 0 ||
		reader->pos[name_len] != ':')
		crm_text_error(reader, psprintf("\"%s:\"", type_name));
	reader->pos += name_len + 1;

	if (!isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a format version");
	errno = 0;
	version = strtol(reader->pos, &end, 10);
	if (errno != 0 || version < 1 || version > max_version)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("unsupported format version of type %s", type_name),
				 errdetail("This release reads versions 1 to %d.", max_version)));
	reader->pos = end;
	return (int) version;
}

/*
 * Read " key=".
 */
void
crm_text_read_key(TextReader *reader, const char *key)
{
	if (!crm_text_read_has_key(reader, key))
		crm_text_error(reader, psprintf("\" %s=\"", key));
}

/*
 * Read " key=" if it is next; for fields that may be absent.
 */
bool
crm_text_read_has_key(TextReader *reader, const char *key)
{
	size_t		key_len = strlen(key);
	const char *pos = reader->pos;

	if (*pos != ' ' || strncmp(pos + 1, key, key_len) != 0 ||
		pos[1 + key_len] != '=')
		return false;
	reader->pos = pos + key_len + 2;
	return true;
}

/*
 * What strtoll reads, in full.
 */
static int64
read_digits(TextReader *reader, const char *expected)
{
	char	   *end;
	long long	value;

	errno = 0;
	value = strtoll(reader->pos, &end, 10);
	if (errno != 0 || end == reader->pos)
		crm_text_error(reader, expected);
	reader->pos = end;
	return (int64) value;
}

/*
 * A whole number without a key.
 */
int64
crm_text_read_integer(TextReader *reader)
{
	if (*reader->pos != '-' && !isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a whole number");
	return read_digits(reader, "a whole number that fits 64 bits");
}

/*
 * A whole number that is not negative.
 */
int64
crm_text_read_count(TextReader *reader)
{
	if (!isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a count");
	return read_digits(reader, "a count that fits 64 bits");
}

/*
 * Read "1,2,3", n counts.
 */
void
crm_text_read_counts(TextReader *reader, int64 *counts, int64 n)
{
	int64		i;

	for (i = 0; i < n; i++)
	{
		if (i > 0)
			crm_text_read_char(reader, ',');
		counts[i] = crm_text_read_count(reader);
	}
}

int64
crm_text_read_int64(TextReader *reader, const char *key)
{
	crm_text_read_key(reader, key);
	return crm_text_read_integer(reader);
}

double
crm_text_read_float8(TextReader *reader, const char *key)
{
	crm_text_read_key(reader, key);
	return crm_text_read_number(reader);
}

/*
 * A finite decimal number, as crm_append_float8 writes it.  strtod alone
 * would also take hexadecimal, "nan", and leading white space.
 */
double
crm_text_read_number(TextReader *reader)
{
	const char *pos = reader->pos;
	char	   *end;
	double		value;

	if (*pos == '-')
		pos++;
	if (!isdigit((unsigned char) *pos) || (pos[0] == '0' && (pos[1] == 'x' || pos[1] == 'X')))
		crm_text_error(reader, "a number");
	errno = 0;
	value = strtod(reader->pos, &end);
	/* a subnormal number sets ERANGE too, and is fine */
	if (!isfinite(value))
		crm_text_error(reader, "a number in range");
	reader->pos = end;
	return value;
}

/*
 * A run of characters up to the next space, palloc'd.
 */
char *
crm_text_read_word(TextReader *reader, const char *key)
{
	const char *start;

	crm_text_read_key(reader, key);
	start = reader->pos;
	while (*reader->pos != '\0' && !isspace((unsigned char) *reader->pos))
		reader->pos++;
	if (reader->pos == start)
		crm_text_error(reader, "a word");
	return pnstrdup(start, reader->pos - start);
}

/*
 * Read "[1,2.5,3]" into values, which has room for max_n; returns how many.
 */
int
crm_text_read_float8_list(TextReader *reader, const char *key,
						  double *values, int max_n)
{
	int			n = 0;

	crm_text_read_key(reader, key);
	crm_text_read_char(reader, '[');
	if (crm_text_read_optional_char(reader, ']'))
		return 0;
	do
	{
		if (n >= max_n)
			crm_text_error(reader, psprintf("at most %d numbers", max_n));
		values[n++] = crm_text_read_number(reader);
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
	return n;
}

void
crm_text_read_char(TextReader *reader, char c)
{
	if (!crm_text_read_optional_char(reader, c))
		crm_text_error(reader, psprintf("\"%c\"", c));
}

bool
crm_text_read_optional_char(TextReader *reader, char c)
{
	if (*reader->pos != c)
		return false;
	reader->pos++;
	return true;
}

/*
 * Only white space may follow.
 */
void
crm_text_read_end(TextReader *reader)
{
	while (isspace((unsigned char) *reader->pos))
		reader->pos++;
	if (*reader->pos != '\0')
		crm_text_error(reader, "the end of the input");
}
