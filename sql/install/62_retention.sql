-- Activity and retention: in which periods a customer was active, and what
-- follows from that.

--
-- A customer's activity
--
CREATE TYPE crm_activity;

CREATE FUNCTION crm_activity_in(cstring) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_activity_out(crm_activity) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_activity_recv(internal) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_activity_send(crm_activity) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_in(cstring) IS 'I/O';
COMMENT ON FUNCTION crm_activity_out(crm_activity) IS 'I/O';
COMMENT ON FUNCTION crm_activity_recv(internal) IS 'I/O';
COMMENT ON FUNCTION crm_activity_send(crm_activity) IS 'I/O';
CREATE TYPE crm_activity (
    INPUT = crm_activity_in,
    OUTPUT = crm_activity_out,
    RECEIVE = crm_activity_recv,
    SEND = crm_activity_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_activity IS
    'in which days, ISO weeks or months a customer was active: a bitmap from the first active period on';

CREATE FUNCTION crm_activity_to_jsonb(crm_activity) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_to_jsonb(crm_activity) IS
    'as a JSON object';
CREATE CAST (crm_activity AS jsonb) WITH FUNCTION crm_activity_to_jsonb(crm_activity);
COMMENT ON CAST (crm_activity AS jsonb) IS 'as a JSON object';

CREATE FUNCTION crm_activity_eq(crm_activity, crm_activity) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 1;
COMMENT ON FUNCTION crm_activity_eq(crm_activity, crm_activity) IS
    'implementation of = operator';
CREATE FUNCTION crm_activity_ne(crm_activity, crm_activity) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 1;
COMMENT ON FUNCTION crm_activity_ne(crm_activity, crm_activity) IS
    'implementation of <> operator';
CREATE FUNCTION crm_activity_contains(crm_activity, crm_activity) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_contains(crm_activity, crm_activity) IS
    'implementation of @> operator';
CREATE FUNCTION crm_activity_contained(crm_activity, crm_activity) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_contained(crm_activity, crm_activity) IS
    'implementation of <@ operator';
CREATE FUNCTION crm_activity_or(crm_activity, crm_activity) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_or(crm_activity, crm_activity) IS
    'implementation of | operator';
CREATE FUNCTION crm_activity_and(crm_activity, crm_activity) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_and(crm_activity, crm_activity) IS
    'implementation of & operator';
CREATE FUNCTION crm_activity_hash(crm_activity) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_hash(crm_activity) IS
    'hash';
CREATE FUNCTION crm_activity_hash_extended(crm_activity, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_hash_extended(crm_activity, bigint) IS
    'hash';

CREATE OPERATOR = (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
    HASHES
);
CREATE OPERATOR <> (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR @> (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_contains,
    COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
CREATE OPERATOR <@ (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_contained,
    COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
CREATE OPERATOR | (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_or,
    COMMUTATOR = |
);
CREATE OPERATOR & (
    LEFTARG = crm_activity, RIGHTARG = crm_activity, FUNCTION = crm_activity_and,
    COMMUTATOR = &
);
COMMENT ON OPERATOR = (crm_activity, crm_activity) IS 'same unit, same periods';
COMMENT ON OPERATOR <> (crm_activity, crm_activity) IS 'other unit or other periods';
COMMENT ON OPERATOR @> (crm_activity, crm_activity) IS 'active whenever the other is';
COMMENT ON OPERATOR <@ (crm_activity, crm_activity) IS 'active only when the other is';
COMMENT ON OPERATOR | (crm_activity, crm_activity) IS 'active in either';
COMMENT ON OPERATOR & (crm_activity, crm_activity) IS 'active in both';

CREATE OPERATOR CLASS crm_activity_ops DEFAULT FOR TYPE crm_activity USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 crm_activity_hash(crm_activity),
    FUNCTION 2 crm_activity_hash_extended(crm_activity, bigint);
COMMENT ON OPERATOR CLASS crm_activity_ops USING hash IS
    'equality of activities';

CREATE FUNCTION crm_active_in(activity crm_activity, period date) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_active_in(crm_activity, date) IS
    'whether the period that the date lies in is active';
CREATE FUNCTION crm_activity_unit(activity crm_activity) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_unit(crm_activity) IS
    'day, week, month or 24h';
CREATE FUNCTION crm_activity_first(activity crm_activity) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_first(crm_activity) IS
    'first day of the first active period';
CREATE FUNCTION crm_activity_last(activity crm_activity) RETURNS date
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_last(crm_activity) IS
    'first day of the last active period';
CREATE FUNCTION crm_activity_count(activity crm_activity) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_count(crm_activity) IS
    'number of active periods';
CREATE FUNCTION crm_activity_count(activity crm_activity, "from" date, "to" date) RETURNS integer
    AS 'MODULE_PATHNAME', 'crm_activity_count_between' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_count(crm_activity, date, date) IS
    'number of active periods from that of one date to that of another, inclusive';
CREATE FUNCTION crm_activity_periods(activity crm_activity) RETURNS date[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_periods(crm_activity) IS
    'first day of each active period';
CREATE FUNCTION crm_activity_in_unit(activity crm_activity, unit text) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_in_unit(crm_activity, text) IS
    'the weeks or months of the active days';
CREATE FUNCTION crm_lifecycle_state(activity crm_activity, period date) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_lifecycle_state(crm_activity, date) IS
    'new, returning, resurrected, dormant or inactive in the period that the date lies in';

CREATE FUNCTION crm_activity_agg_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_activity_agg_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_agg_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_activity_agg_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_activity_agg_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_activity_agg_finalfn(internal) RETURNS crm_activity
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_activity_agg_transfn(internal, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, timestamptz) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts timestamptz) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(timestamptz) IS
    'active days in the session''s time zone';

CREATE FUNCTION crm_activity_agg_transfn(internal, timestamptz, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, timestamptz, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts timestamptz, unit text) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(timestamptz, text) IS
    'active periods in the session''s time zone: unit day, week, month or 24h';

CREATE FUNCTION crm_activity_agg_transfn(internal, timestamptz, text, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, timestamptz, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts timestamptz, unit text, time_zone text) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(timestamptz, text, text) IS
    'active periods in a time zone: unit day, week, month or 24h';

CREATE FUNCTION crm_activity_agg_transfn(internal, timestamp) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, timestamp) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts timestamp) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(timestamp) IS
    'active days';

CREATE FUNCTION crm_activity_agg_transfn(internal, timestamp, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, timestamp, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts timestamp, unit text) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(timestamp, text) IS
    'active periods: unit day, week, month or 24h';

CREATE FUNCTION crm_activity_agg_transfn(internal, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, date) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts date) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(date) IS
    'active days';

CREATE FUNCTION crm_activity_agg_transfn(internal, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_agg_transfn(internal, date, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_activity_agg(ts date, unit text) (
    SFUNC = crm_activity_agg_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_activity_agg(date, text) IS
    'active periods: unit day, week or month';

CREATE FUNCTION crm_activity_rollup_transfn(internal, crm_activity) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_activity_rollup_transfn(internal, crm_activity) IS
    'aggregate transition function';
CREATE AGGREGATE crm_rollup(activity crm_activity) (
    SFUNC = crm_activity_rollup_transfn, STYPE = internal, SSPACE = 96,
    FINALFUNC = crm_activity_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_activity_agg_combinefn,
    SERIALFUNC = crm_activity_agg_serialfn, DESERIALFUNC = crm_activity_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_activity) IS
    'active in any of them';

--
-- Retention
--
CREATE TYPE crm_retention_summary;

CREATE FUNCTION crm_retention_summary_in(cstring) RETURNS crm_retention_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
CREATE FUNCTION crm_retention_summary_out(crm_retention_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
CREATE FUNCTION crm_retention_summary_recv(internal) RETURNS crm_retention_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
CREATE FUNCTION crm_retention_summary_send(crm_retention_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_retention_summary_in(cstring) IS 'I/O';
COMMENT ON FUNCTION crm_retention_summary_out(crm_retention_summary) IS 'I/O';
COMMENT ON FUNCTION crm_retention_summary_recv(internal) IS 'I/O';
COMMENT ON FUNCTION crm_retention_summary_send(crm_retention_summary) IS 'I/O';
CREATE TYPE crm_retention_summary (
    INPUT = crm_retention_summary_in,
    OUTPUT = crm_retention_summary_out,
    RECEIVE = crm_retention_summary_recv,
    SEND = crm_retention_summary_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_retention_summary IS
    'mergeable counts of retained customers by cohort and period';

CREATE FUNCTION crm_retention_summary_to_jsonb(crm_retention_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_retention_summary_to_jsonb(crm_retention_summary) IS
    'as a JSON object';
CREATE CAST (crm_retention_summary AS jsonb) WITH FUNCTION crm_retention_summary_to_jsonb(crm_retention_summary);
COMMENT ON CAST (crm_retention_summary AS jsonb) IS 'as a JSON object';

CREATE FUNCTION crm_retention_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_retention_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_retention_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_retention_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_retention_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_retention_finalfn(internal) RETURNS crm_retention_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(activity crm_activity, periods integer) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, integer) IS
    'customers of each cohort active again in period 0 and up to that number';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(activity crm_activity, periods integer, mode text) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, integer, text) IS
    'customers of each cohort active again: mode on, or on_or_after';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, integer[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, integer[]) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(activity crm_activity, bounds integer[]) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, integer[]) IS
    'customers of each cohort active again within brackets of periods: {0,1,8,31} is 0, 1 to 7, 8 to 30';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(started crm_activity, returned crm_activity, periods integer) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, crm_activity, integer) IS
    'customers who started and returned: one activity makes the cohort, the other the retention';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(started crm_activity, returned crm_activity, periods integer, mode text) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, crm_activity, integer, text) IS
    'customers who started and returned: mode on, or on_or_after';

CREATE FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_retention_transfn(internal, crm_activity, crm_activity, integer[]) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention(started crm_activity, returned crm_activity, bounds integer[]) (
    SFUNC = crm_retention_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention(crm_activity, crm_activity, integer[]) IS
    'customers who started and returned within brackets of periods';

CREATE FUNCTION crm_retention_rollup_transfn(internal, crm_retention_summary) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_retention_rollup_transfn(internal, crm_retention_summary) IS
    'aggregate transition function';
CREATE AGGREGATE crm_rollup(summary crm_retention_summary) (
    SFUNC = crm_retention_rollup_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_retention_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_retention_combinefn,
    SERIALFUNC = crm_retention_serialfn, DESERIALFUNC = crm_retention_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_retention_summary) IS
    'merge retention of different customers';

CREATE FUNCTION crm_retention_rows(
    summary crm_retention_summary, observed_to date, conf double precision DEFAULT 0.95,
    OUT cohort date, OUT period integer, OUT period_to integer,
    OUT customers bigint, OUT retained bigint,
    OUT share double precision, OUT share_lower double precision, OUT share_upper double precision,
    OUT complete boolean)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 500;
COMMENT ON FUNCTION crm_retention_rows(crm_retention_summary, date, double precision) IS
    'retention by cohort and period with Wilson intervals; what has not ended by the end of the day observed_to is NULL';

--
-- Active customers, life cycle, stickiness
--
CREATE TYPE crm_period_customers AS (
    period    date,
    customers bigint
);
COMMENT ON TYPE crm_period_customers IS
    'customers of a period, which is named by its first day';
CREATE TYPE crm_lifecycle_counts AS (
    period      date,
    new         bigint,
    "returning" bigint,
    resurrected bigint,
    dormant     bigint
);
COMMENT ON TYPE crm_lifecycle_counts IS
    'customers of a period by their state: active for the first time, again, after a pause, or no longer';

CREATE FUNCTION crm_active_customers_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_active_customers_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_active_customers_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_active_customers_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_active_customers_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_active_customers_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_active_customers_finalfn(internal) RETURNS crm_period_customers[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_active_customers_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_active_customers_transfn(internal, crm_activity, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_active_customers_transfn(internal, crm_activity, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customers(activity crm_activity, "window" integer) (
    SFUNC = crm_active_customers_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_active_customers_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_active_customers_combinefn,
    SERIALFUNC = crm_active_customers_serialfn, DESERIALFUNC = crm_active_customers_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customers(crm_activity, integer) IS
    'customers active in the window of that many periods that ends with each period, from the first to the last active one';

CREATE FUNCTION crm_active_customers_transfn(internal, crm_activity, integer, date, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_active_customers_transfn(internal, crm_activity, integer, date, date) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customers(activity crm_activity, "window" integer, "from" date, "to" date) (
    SFUNC = crm_active_customers_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_active_customers_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_active_customers_combinefn,
    SERIALFUNC = crm_active_customers_serialfn, DESERIALFUNC = crm_active_customers_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customers(crm_activity, integer, date, date) IS
    'customers active in the window of that many periods that ends with each period from one to another';

CREATE FUNCTION crm_lifecycle_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_lifecycle_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_lifecycle_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_lifecycle_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_lifecycle_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_lifecycle_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_lifecycle_finalfn(internal) RETURNS crm_lifecycle_counts[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_lifecycle_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_lifecycle_transfn(internal, crm_activity, date, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_lifecycle_transfn(internal, crm_activity, date, date) IS
    'aggregate transition function';
CREATE AGGREGATE crm_lifecycle(activity crm_activity, "from" date, "to" date) (
    SFUNC = crm_lifecycle_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_lifecycle_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_lifecycle_combinefn,
    SERIALFUNC = crm_lifecycle_serialfn, DESERIALFUNC = crm_lifecycle_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_lifecycle(crm_activity, date, date) IS
    'new, returning, resurrected and dormant customers of each period from one to another';

CREATE FUNCTION crm_stickiness_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stickiness_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_stickiness_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_stickiness_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_stickiness_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_stickiness_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_stickiness_finalfn(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stickiness_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_stickiness_transfn(internal, crm_activity, date, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stickiness_transfn(internal, crm_activity, date, date) IS
    'aggregate transition function';
CREATE AGGREGATE crm_stickiness(activity crm_activity, "from" date, "to" date) (
    SFUNC = crm_stickiness_transfn, STYPE = internal, SSPACE = 64,
    FINALFUNC = crm_stickiness_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_stickiness_combinefn,
    SERIALFUNC = crm_stickiness_serialfn, DESERIALFUNC = crm_stickiness_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_stickiness(crm_activity, date, date) IS
    'share of the periods from one to another in which an active customer is active: mean DAU over MAU';

--
-- One level: all customers at once, with a hash table in place of GROUP BY
--
CREATE FUNCTION crm_customer_counts_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_customer_counts_combinefn(internal, internal) IS
    'aggregate combine function';
CREATE FUNCTION crm_customer_counts_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_customer_counts_serialfn(internal) IS
    'aggregate serial function';
CREATE FUNCTION crm_customer_counts_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_customer_counts_deserialfn(bytea, internal) IS
    'aggregate deserial function';
CREATE FUNCTION crm_retention_counts_finalfn(internal) RETURNS crm_retention_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_retention_counts_finalfn(internal) IS
    'aggregate final function';
CREATE FUNCTION crm_active_customer_counts_finalfn(internal) RETURNS crm_period_customers[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_active_customer_counts_finalfn(internal) IS
    'aggregate final function';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamptz, periods integer) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamptz, integer) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamptz, periods integer, mode text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamptz, integer, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamptz, periods integer, mode text, unit text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamptz, integer, text, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text, text, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamptz, integer, text, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamptz, periods integer, mode text, unit text, time_zone text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamptz, integer, text, text, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamp, periods integer) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamp, integer) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamp, periods integer, mode text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamp, integer, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer, text, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, timestamp, integer, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts timestamp, periods integer, mode text, unit text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, timestamp, integer, text, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts date, periods integer) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, date, integer) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts date, periods integer, mode text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, date, integer, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer, text, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_retention_counts_transfn(internal, anyelement, date, integer, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_retention_counts(customer anyelement, ts date, periods integer, mode text, unit text) (
    SFUNC = crm_retention_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_retention_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_retention_counts(anyelement, date, integer, text, text) IS
    'retention of the customers of all events, as crm_retention counts it';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts timestamptz, "window" integer) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, timestamptz, integer) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts timestamptz, "window" integer, unit text) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, timestamptz, integer, text) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer, text, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamptz, integer, text, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts timestamptz, "window" integer, unit text, time_zone text) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, timestamptz, integer, text, text) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamp, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamp, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts timestamp, "window" integer) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, timestamp, integer) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamp, integer, text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, timestamp, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts timestamp, "window" integer, unit text) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, timestamp, integer, text) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, date, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, date, integer) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts date, "window" integer) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, date, integer) IS
    'active customers of all events, as crm_active_customers counts them';

CREATE FUNCTION crm_active_customer_counts_transfn(internal, anyelement, date, integer, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_active_customer_counts_transfn(internal, anyelement, date, integer, text) IS
    'aggregate transition function';
CREATE AGGREGATE crm_active_customer_counts(customer anyelement, ts date, "window" integer, unit text) (
    SFUNC = crm_active_customer_counts_transfn, STYPE = internal, SSPACE = 1000000,
    FINALFUNC = crm_active_customer_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_customer_counts_combinefn,
    SERIALFUNC = crm_customer_counts_serialfn, DESERIALFUNC = crm_customer_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_active_customer_counts(anyelement, date, integer, text) IS
    'active customers of all events, as crm_active_customers counts them';
