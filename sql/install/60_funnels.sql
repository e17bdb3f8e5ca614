-- Funnels: how far each customer gets, and how many get how far.
--
-- Options are a value of crm_funnel_def, made by an ordinary function with
-- named arguments.  Each aggregate has forms for the types of time; the event
-- form compares a text with the definition's steps, the other takes a
-- condition for each step.

CREATE TYPE crm_funnel_def;
COMMENT ON TYPE crm_funnel_def IS
    'what a funnel is: window, steps, and how they count';

CREATE FUNCTION crm_funnel_def_in(cstring) RETURNS crm_funnel_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_funnel_def_in(cstring) IS
    'reads crm_funnel_def:1 within=P7D steps=["view","buy"] mode=ordered ... entry=any';

CREATE FUNCTION crm_funnel_def_out(crm_funnel_def) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_def_out(crm_funnel_def) IS
    'writes crm_funnel_def:1 within=P7D steps=["view","buy"] mode=ordered ... entry=any';

CREATE FUNCTION crm_funnel_def_send(crm_funnel_def) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_def_send(crm_funnel_def) IS
    'binary form of a crm_funnel_def';

CREATE FUNCTION crm_funnel_def_recv(internal) RETURNS crm_funnel_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_def_recv(internal) IS
    'reads the binary form of a crm_funnel_def';

CREATE TYPE crm_funnel_def (
    INPUT = crm_funnel_def_in,
    OUTPUT = crm_funnel_def_out,
    SEND = crm_funnel_def_send,
    RECEIVE = crm_funnel_def_recv,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

CREATE FUNCTION crm_funnel_def(
    within interval,
    steps text[] DEFAULT NULL,
    mode text DEFAULT 'ordered',
    same_time text DEFAULT 'may_advance',
    reuse_event boolean DEFAULT false,
    on_repeat text DEFAULT 'ignore',
    step_within interval[] DEFAULT NULL,
    optional int[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    exclude_between int4range DEFAULT NULL,
    entry text DEFAULT 'any'
) RETURNS crm_funnel_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_funnel_def(interval, text[], text, text, boolean, text, interval[], int[], text[], int4range, text) IS
    'a funnel: steps to be reached within an interval of the first';

CREATE FUNCTION crm_funnel_def(
    within bigint,
    steps text[] DEFAULT NULL,
    mode text DEFAULT 'ordered',
    same_time text DEFAULT 'may_advance',
    reuse_event boolean DEFAULT false,
    on_repeat text DEFAULT 'ignore',
    step_within bigint[] DEFAULT NULL,
    optional int[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    exclude_between int4range DEFAULT NULL,
    entry text DEFAULT 'any'
) RETURNS crm_funnel_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_funnel_def(bigint, text[], text, text, boolean, text, bigint[], int[], text[], int4range, text) IS
    'a funnel whose times are numbers: steps to be reached within so many units of the first';

CREATE FUNCTION crm_funnel_def(
    within text,
    steps text[] DEFAULT NULL,
    mode text DEFAULT 'ordered',
    same_time text DEFAULT 'may_advance',
    reuse_event boolean DEFAULT false,
    on_repeat text DEFAULT 'ignore',
    step_within interval[] DEFAULT NULL,
    optional int[] DEFAULT NULL,
    exclude text[] DEFAULT NULL,
    exclude_between int4range DEFAULT NULL,
    entry text DEFAULT 'any'
) RETURNS crm_funnel_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_funnel_def(text, text[], text, text, boolean, text, interval[], int[], text[], int4range, text) IS
    'a funnel: steps to be reached within an interval of the first, the interval as text';

-- One customer's way through the funnel

CREATE TYPE crm_funnel_result AS (
    level int,
    entered timestamptz[],
    excluded boolean
);
COMMENT ON TYPE crm_funnel_result IS
    'how far a customer got in a funnel: the steps reached, when, and whether an exclusion kept it from more';

CREATE TYPE crm_funnel_units_result AS (
    level int,
    entered bigint[],
    excluded boolean
);
COMMENT ON TYPE crm_funnel_units_result IS
    'how far a customer got in a funnel whose times are numbers';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamptz, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamptz, text) IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamptz, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamptz, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_window_funnel_transfn(internal, interval, timestamptz, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_window_funnel_transfn(internal, interval, timestamptz, VARIADIC "any") IS
    'transition function of the aggregate crm_window_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamp, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamp, text) IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamp, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, timestamp, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_window_funnel_transfn(internal, interval, timestamp, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_window_funnel_transfn(internal, interval, timestamp, VARIADIC "any") IS
    'transition function of the aggregate crm_window_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, date, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, date, text) IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, date, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, date, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_window_funnel_transfn(internal, interval, date, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_window_funnel_transfn(internal, interval, date, VARIADIC "any") IS
    'transition function of the aggregate crm_window_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, bigint, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, bigint, text) IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_funnel_transfn(internal, crm_funnel_def, bigint, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_transfn(internal, crm_funnel_def, bigint, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel';

CREATE FUNCTION crm_window_funnel_transfn(internal, bigint, bigint, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_window_funnel_transfn(internal, bigint, bigint, VARIADIC "any") IS
    'transition function of the aggregate crm_window_funnel';

CREATE FUNCTION crm_funnel_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_combinefn(internal, internal) IS
    'combine function of the funnel aggregates';

CREATE FUNCTION crm_funnel_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_serialfn(internal) IS
    'serialization function of the funnel aggregates';

CREATE FUNCTION crm_funnel_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_deserialfn(bytea, internal) IS
    'deserialization function of the funnel aggregates';

-- Calendar windows and local times depend on the session's time zone.
CREATE FUNCTION crm_funnel_finalfn(internal) RETURNS crm_funnel_result
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_finalfn(internal) IS
    'final function of the aggregate crm_funnel';

CREATE FUNCTION crm_funnel_finalfn_units(internal) RETURNS crm_funnel_units_result
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_finalfn_units(internal) IS
    'final function of the aggregate crm_funnel over times that are numbers';

CREATE FUNCTION crm_window_funnel_finalfn(internal) RETURNS int
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_window_funnel_finalfn(internal) IS
    'final function of the aggregate crm_window_funnel';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts timestamptz, event text) (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, timestamptz, text) IS
    'the best chain of a customer''s events through a funnel';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, timestamptz, VARIADIC "any") IS
    'the best chain of a customer''s events through a funnel, with a boolean for each step';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts timestamp, event text) (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, timestamp, text) IS
    'the best chain of a customer''s events through a funnel';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, timestamp, VARIADIC "any") IS
    'the best chain of a customer''s events through a funnel, with a boolean for each step';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts date, event text) (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, date, text) IS
    'the best chain of a customer''s events through a funnel';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts date, VARIADIC conditions "any") (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, date, VARIADIC "any") IS
    'the best chain of a customer''s events through a funnel, with a boolean for each step';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts bigint, event text) (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn_units, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, bigint, text) IS
    'the best chain of a customer''s events through a funnel';

CREATE AGGREGATE crm_funnel(def crm_funnel_def, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_funnel_finalfn_units, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel(crm_funnel_def, bigint, VARIADIC "any") IS
    'the best chain of a customer''s events through a funnel, with a boolean for each step';

CREATE AGGREGATE crm_window_funnel(within interval, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_window_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_window_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_window_funnel(interval, timestamptz, VARIADIC "any") IS
    'how many steps, one after the other, a customer reached within a window';

CREATE AGGREGATE crm_window_funnel(within interval, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_window_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_window_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_window_funnel(interval, timestamp, VARIADIC "any") IS
    'how many steps, one after the other, a customer reached within a window';

CREATE AGGREGATE crm_window_funnel(within interval, ts date, VARIADIC conditions "any") (
    SFUNC = crm_window_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_window_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_window_funnel(interval, date, VARIADIC "any") IS
    'how many steps, one after the other, a customer reached within a window';

CREATE AGGREGATE crm_window_funnel(within bigint, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_window_funnel_transfn, STYPE = internal, SSPACE = 300,
    FINALFUNC = crm_window_funnel_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_combinefn,
    SERIALFUNC = crm_funnel_serialfn, DESERIALFUNC = crm_funnel_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_window_funnel(bigint, bigint, VARIADIC "any") IS
    'how many steps, one after the other, a customer reached within a window';

-- Many customers' ways: the report, and its rows

CREATE TYPE crm_funnel_report;
COMMENT ON TYPE crm_funnel_report IS
    'how many customers reached each step of a funnel, and how long it took them: reports add up';

CREATE FUNCTION crm_funnel_report_in(cstring) RETURNS crm_funnel_report
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_funnel_report_in(cstring) IS
    'reads crm_funnel_report:1 customers=9 excluded=0 reached=[9,5] skipped=[0,0] times=[;5@3600000000]';

CREATE FUNCTION crm_funnel_report_out(crm_funnel_report) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_out(crm_funnel_report) IS
    'writes crm_funnel_report:1 customers=9 excluded=0 reached=[9,5] skipped=[0,0] times=[;5@3600000000]';

CREATE FUNCTION crm_funnel_report_send(crm_funnel_report) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_send(crm_funnel_report) IS
    'binary form of a crm_funnel_report';

CREATE FUNCTION crm_funnel_report_recv(internal) RETURNS crm_funnel_report
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_recv(internal) IS
    'reads the binary form of a crm_funnel_report';

CREATE TYPE crm_funnel_report (
    INPUT = crm_funnel_report_in,
    OUTPUT = crm_funnel_report_out,
    SEND = crm_funnel_report_send,
    RECEIVE = crm_funnel_report_recv,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

CREATE FUNCTION crm_funnel_report_transfn(internal, crm_funnel_result) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_transfn(internal, crm_funnel_result) IS
    'transition function of the aggregate crm_funnel_report';

CREATE FUNCTION crm_funnel_report_transfn(internal, int) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_report_transfn_level' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_report_transfn(internal, int) IS
    'transition function of the aggregate crm_funnel_report over levels';

CREATE FUNCTION crm_funnel_report_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_combinefn(internal, internal) IS
    'combine function of the aggregate crm_funnel_report';

CREATE FUNCTION crm_funnel_report_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_serialfn(internal) IS
    'serialization function of the aggregate crm_funnel_report';

CREATE FUNCTION crm_funnel_report_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_deserialfn(bytea, internal) IS
    'deserialization function of the aggregate crm_funnel_report';

CREATE FUNCTION crm_funnel_report_finalfn(internal) RETURNS crm_funnel_report
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_finalfn(internal) IS
    'final function of the aggregate crm_funnel_report';

CREATE AGGREGATE crm_funnel_report(result crm_funnel_result) (
    SFUNC = crm_funnel_report_transfn, STYPE = internal, SSPACE = 32768,
    FINALFUNC = crm_funnel_report_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_report_combinefn,
    SERIALFUNC = crm_funnel_report_serialfn, DESERIALFUNC = crm_funnel_report_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_report(crm_funnel_result) IS
    'how many customers reached each step of a funnel, and how long it took them';

CREATE AGGREGATE crm_funnel_report(level int) (
    SFUNC = crm_funnel_report_transfn, STYPE = internal, SSPACE = 2048,
    FINALFUNC = crm_funnel_report_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_report_combinefn,
    SERIALFUNC = crm_funnel_report_serialfn, DESERIALFUNC = crm_funnel_report_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_report(int) IS
    'how many customers reached each step of a funnel, without times';

CREATE FUNCTION crm_funnel_report_union(crm_funnel_report, crm_funnel_report) RETURNS crm_funnel_report
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_report_union(crm_funnel_report, crm_funnel_report) IS
    'the report of the customers of both reports';

CREATE AGGREGATE crm_rollup(crm_funnel_report) (
    SFUNC = crm_funnel_report_union, STYPE = crm_funnel_report, SSPACE = 8192,
    COMBINEFUNC = crm_funnel_report_union,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_funnel_report) IS
    'the report of the customers of all the reports';

CREATE FUNCTION crm_funnel_rows(
    report crm_funnel_report,
    steps int DEFAULT NULL,
    conf_level float8 DEFAULT 0.95,
    OUT step int,
    OUT customers bigint,
    OUT share_of_first float8,
    OUT share_of_previous crm_interval,
    OUT median_time interval,
    OUT p90_time interval,
    OUT skipped bigint
) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 4;
COMMENT ON FUNCTION crm_funnel_rows(crm_funnel_report, int, float8) IS
    'a row for each step of a report: customers, shares, time from the step before; skipped steps count as reached';

-- All customers at once: no GROUP BY customer, the aggregate keeps them apart.

CREATE FUNCTION crm_funnel_counts_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION crm_funnel_counts_combinefn(internal, internal) IS
    'combine function of the one-level funnel aggregates';

CREATE FUNCTION crm_funnel_counts_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION crm_funnel_counts_serialfn(internal) IS
    'serialization function of the one-level funnel aggregates';

CREATE FUNCTION crm_funnel_counts_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION crm_funnel_counts_deserialfn(bytea, internal) IS
    'deserialization function of the one-level funnel aggregates';

CREATE FUNCTION crm_funnel_counts_finalfn(internal) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION crm_funnel_counts_finalfn(internal) IS
    'final function of the aggregate crm_funnel_counts';

CREATE FUNCTION crm_funnel_counts_finalfn_report(internal) RETURNS crm_funnel_report
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION crm_funnel_counts_finalfn_report(internal) IS
    'final function of the aggregate crm_funnel_report over events';

CREATE FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, timestamptz, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, timestamptz, text) IS
    'transition function of the aggregate crm_funnel_counts';

CREATE AGGREGATE crm_funnel_counts(customer anyelement, def crm_funnel_def, ts timestamptz, event text) (
    SFUNC = crm_funnel_counts_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_counts(anyelement, crm_funnel_def, timestamptz, text) IS
    'how many customers reached each step of a funnel; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, timestamptz, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, timestamptz, text) IS
    'transition function of the aggregate crm_funnel_report';

CREATE AGGREGATE crm_funnel_report(customer anyelement, def crm_funnel_def, ts timestamptz, event text) (
    SFUNC = crm_funnel_counts_transfn_report, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn_report, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_report(anyelement, crm_funnel_def, timestamptz, text) IS
    'how many customers reached each step of a funnel, and how long it took them; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, timestamp, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, timestamp, text) IS
    'transition function of the aggregate crm_funnel_counts';

CREATE AGGREGATE crm_funnel_counts(customer anyelement, def crm_funnel_def, ts timestamp, event text) (
    SFUNC = crm_funnel_counts_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_counts(anyelement, crm_funnel_def, timestamp, text) IS
    'how many customers reached each step of a funnel; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, timestamp, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, timestamp, text) IS
    'transition function of the aggregate crm_funnel_report';

CREATE AGGREGATE crm_funnel_report(customer anyelement, def crm_funnel_def, ts timestamp, event text) (
    SFUNC = crm_funnel_counts_transfn_report, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn_report, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_report(anyelement, crm_funnel_def, timestamp, text) IS
    'how many customers reached each step of a funnel, and how long it took them; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, date, text) IS
    'transition function of the aggregate crm_funnel_counts';

CREATE AGGREGATE crm_funnel_counts(customer anyelement, def crm_funnel_def, ts date, event text) (
    SFUNC = crm_funnel_counts_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_counts(anyelement, crm_funnel_def, date, text) IS
    'how many customers reached each step of a funnel; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, date, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn_report(internal, anyelement, crm_funnel_def, date, text) IS
    'transition function of the aggregate crm_funnel_report';

CREATE AGGREGATE crm_funnel_report(customer anyelement, def crm_funnel_def, ts date, event text) (
    SFUNC = crm_funnel_counts_transfn_report, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn_report, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_report(anyelement, crm_funnel_def, date, text) IS
    'how many customers reached each step of a funnel, and how long it took them; keeps the events of all customers in memory';

CREATE FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, bigint, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_counts_transfn(internal, anyelement, crm_funnel_def, bigint, text) IS
    'transition function of the aggregate crm_funnel_counts';

CREATE AGGREGATE crm_funnel_counts(customer anyelement, def crm_funnel_def, ts bigint, event text) (
    SFUNC = crm_funnel_counts_transfn, STYPE = internal, SSPACE = 65536,
    FINALFUNC = crm_funnel_counts_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_counts_combinefn,
    SERIALFUNC = crm_funnel_counts_serialfn, DESERIALFUNC = crm_funnel_counts_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_counts(anyelement, crm_funnel_def, bigint, text) IS
    'how many customers reached each step of a funnel; keeps the events of all customers in memory';

-- Every pass through the whole funnel

CREATE TYPE crm_funnel_completion AS (
    entered timestamptz[],
    value numeric
);
COMMENT ON TYPE crm_funnel_completion IS
    'a pass through a whole funnel: times of the steps, and what the last one was worth';

CREATE TYPE crm_funnel_units_completion AS (
    entered bigint[],
    value numeric
);
COMMENT ON TYPE crm_funnel_units_completion IS
    'a pass through a whole funnel whose times are numbers';

CREATE FUNCTION crm_funnel_completions_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_completions_combinefn(internal, internal) IS
    'combine function of the aggregate crm_funnel_completions';

CREATE FUNCTION crm_funnel_completions_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_completions_serialfn(internal) IS
    'serialization function of the aggregate crm_funnel_completions';

CREATE FUNCTION crm_funnel_completions_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_completions_deserialfn(bytea, internal) IS
    'deserialization function of the aggregate crm_funnel_completions';

CREATE FUNCTION crm_funnel_completions_finalfn(internal) RETURNS crm_funnel_completion[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_completions_finalfn(internal) IS
    'final function of the aggregate crm_funnel_completions';

CREATE FUNCTION crm_funnel_completions_finalfn_units(internal) RETURNS crm_funnel_units_completion[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_funnel_completions_finalfn_units(internal) IS
    'final function of the aggregate crm_funnel_completions over times that are numbers';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, text) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamptz, event text) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamptz, text) IS
    'a customer''s passes through the whole funnel';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, text, numeric) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, text, numeric) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamptz, event text, value numeric) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamptz, text, numeric) IS
    'a customer''s passes through the whole funnel, with the value of the last step''s event';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamptz, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamptz, VARIADIC "any") IS
    'a customer''s passes through the whole funnel, with a boolean for each step';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, text) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamp, event text) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamp, text) IS
    'a customer''s passes through the whole funnel';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, text, numeric) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, text, numeric) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamp, event text, value numeric) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamp, text, numeric) IS
    'a customer''s passes through the whole funnel, with the value of the last step''s event';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, timestamp, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, timestamp, VARIADIC "any") IS
    'a customer''s passes through the whole funnel, with a boolean for each step';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, text) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts date, event text) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, date, text) IS
    'a customer''s passes through the whole funnel';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, text, numeric) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, text, numeric) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts date, event text, value numeric) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, date, text, numeric) IS
    'a customer''s passes through the whole funnel, with the value of the last step''s event';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, date, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts date, VARIADIC conditions "any") (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, date, VARIADIC "any") IS
    'a customer''s passes through the whole funnel, with a boolean for each step';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_event' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, text) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts bigint, event text) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn_units, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, bigint, text) IS
    'a customer''s passes through the whole funnel';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, text, numeric) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_value' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, text, numeric) IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts bigint, event text, value numeric) (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn_units, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, bigint, text, numeric) IS
    'a customer''s passes through the whole funnel, with the value of the last step''s event';

CREATE FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, VARIADIC "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_funnel_completions_transfn_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_funnel_completions_transfn(internal, crm_funnel_def, bigint, VARIADIC "any") IS
    'transition function of the aggregate crm_funnel_completions';

CREATE AGGREGATE crm_funnel_completions(def crm_funnel_def, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_funnel_completions_transfn, STYPE = internal, SSPACE = 400,
    FINALFUNC = crm_funnel_completions_finalfn_units, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_funnel_completions_combinefn,
    SERIALFUNC = crm_funnel_completions_serialfn, DESERIALFUNC = crm_funnel_completions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_funnel_completions(crm_funnel_def, bigint, VARIADIC "any") IS
    'a customer''s passes through the whole funnel, with a boolean for each step';
