-- Service: business calendars, business time, response times.

-- The calendar type.  Like AT TIME ZONE, what looks up a time zone counts as
-- immutable, although a new release of the time zone database may change it.
CREATE TYPE crm_calendar;

CREATE FUNCTION crm_calendar_in(cstring) RETURNS crm_calendar
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
CREATE FUNCTION crm_calendar_out(crm_calendar) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
CREATE FUNCTION crm_calendar_recv(internal) RETURNS crm_calendar
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
CREATE FUNCTION crm_calendar_send(crm_calendar) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_calendar_in(cstring) IS 'I/O';
COMMENT ON FUNCTION crm_calendar_out(crm_calendar) IS 'I/O';
COMMENT ON FUNCTION crm_calendar_recv(internal) IS 'I/O';
COMMENT ON FUNCTION crm_calendar_send(crm_calendar) IS 'I/O';

CREATE TYPE crm_calendar (
    INPUT = crm_calendar_in,
    OUTPUT = crm_calendar_out,
    RECEIVE = crm_calendar_recv,
    SEND = crm_calendar_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_calendar IS
    'time zone, weekly opening hours, holidays and days with other hours, as in ''Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00 except 2026-12-25 2026-12-26 on 2026-12-24 09:00-12:00''';

CREATE FUNCTION crm_calendar_eq(crm_calendar, crm_calendar) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 1;
CREATE FUNCTION crm_calendar_ne(crm_calendar, crm_calendar) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 1;
CREATE FUNCTION crm_calendar_hash(crm_calendar) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
CREATE FUNCTION crm_calendar_hash_extended(crm_calendar, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_calendar_eq(crm_calendar, crm_calendar) IS 'implementation of = operator';
COMMENT ON FUNCTION crm_calendar_ne(crm_calendar, crm_calendar) IS 'implementation of <> operator';
COMMENT ON FUNCTION crm_calendar_hash(crm_calendar) IS 'hash';
COMMENT ON FUNCTION crm_calendar_hash_extended(crm_calendar, bigint) IS 'hash';

CREATE OPERATOR = (
    LEFTARG = crm_calendar, RIGHTARG = crm_calendar, FUNCTION = crm_calendar_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
    HASHES
);
CREATE OPERATOR <> (
    LEFTARG = crm_calendar, RIGHTARG = crm_calendar, FUNCTION = crm_calendar_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR = (crm_calendar, crm_calendar) IS 'same canonical text';
COMMENT ON OPERATOR <> (crm_calendar, crm_calendar) IS 'not the same canonical text';

CREATE OPERATOR CLASS crm_calendar_ops DEFAULT FOR TYPE crm_calendar USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 crm_calendar_hash(crm_calendar),
    FUNCTION 2 crm_calendar_hash_extended(crm_calendar, bigint);
COMMENT ON OPERATOR CLASS crm_calendar_ops USING hash IS
    'grouping and joining by calendar';

CREATE FUNCTION crm_calendar_to_jsonb(crm_calendar) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_calendar_to_jsonb(crm_calendar) IS
    'time zone, hours of the week and exceptions as a JSON object';
CREATE CAST (crm_calendar AS jsonb) WITH FUNCTION crm_calendar_to_jsonb(crm_calendar);
COMMENT ON CAST (crm_calendar AS jsonb) IS
    'time zone, hours of the week and exceptions as a JSON object';

CREATE FUNCTION crm_calendar_except(calendar crm_calendar, days date[]) RETURNS crm_calendar
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_calendar_except(crm_calendar, date[]) IS
    'the calendar, closed on these days too';

-- Business time

CREATE FUNCTION crm_business_interval(from_at timestamptz, to_at timestamptz, calendar crm_calendar)
    RETURNS interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_business_interval(timestamptz, timestamptz, crm_calendar) IS
    'time within opening hours from one instant to another, in hours and less; negative when reversed';

CREATE FUNCTION crm_business_add(ts timestamptz, amount interval, calendar crm_calendar)
    RETURNS timestamptz
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_business_add(timestamptz, interval, crm_calendar) IS
    'the instant that lies an amount of business time after ts, or before it if negative; zero gives ts or the next opening';

CREATE FUNCTION crm_sla_due(opened_at timestamptz, target interval, calendar crm_calendar)
    RETURNS timestamptz
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sla_due(timestamptz, interval, crm_calendar) IS
    'when a target in business time runs out';

CREATE FUNCTION crm_is_open(ts timestamptz, calendar crm_calendar) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_is_open(timestamptz, crm_calendar) IS
    'whether the instant lies within opening hours';

-- Response times

CREATE TYPE crm_response_times AS (
    n_answered    bigint,
    n_open        bigint,
    n_overdue     bigint,
    mean          interval,
    n_targeted    bigint,
    n_within      bigint,
    within_target double precision,
    within_lower  double precision,
    within_upper  double precision,
    conf_level    double precision
);
COMMENT ON TYPE crm_response_times IS
    'answered, open and overdue cases, mean time to the answer, and the share within target of the targeted with its Wilson interval';

CREATE TYPE crm_response_summary;

CREATE FUNCTION crm_response_summary_in(cstring) RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
CREATE FUNCTION crm_response_summary_out(crm_response_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
CREATE FUNCTION crm_response_summary_recv(internal) RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
CREATE FUNCTION crm_response_summary_send(crm_response_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_summary_in(cstring) IS 'I/O';
COMMENT ON FUNCTION crm_response_summary_out(crm_response_summary) IS 'I/O';
COMMENT ON FUNCTION crm_response_summary_recv(internal) IS 'I/O';
COMMENT ON FUNCTION crm_response_summary_send(crm_response_summary) IS 'I/O';

CREATE TYPE crm_response_summary (
    INPUT = crm_response_summary_in,
    OUTPUT = crm_response_summary_out,
    RECEIVE = crm_response_summary_recv,
    SEND = crm_response_summary_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_response_summary IS
    'mergeable summary of response times: counts and exact sum';

CREATE FUNCTION crm_response_summary_to_jsonb(crm_response_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_response_summary_to_jsonb(crm_response_summary) IS
    'counts and sum of seconds as a JSON object';
CREATE CAST (crm_response_summary AS jsonb) WITH FUNCTION crm_response_summary_to_jsonb(crm_response_summary);
COMMENT ON CAST (crm_response_summary AS jsonb) IS
    'counts and sum of seconds as a JSON object';

CREATE FUNCTION crm_response_time(summary crm_response_summary) RETURNS crm_response_times
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time(crm_response_summary) IS
    'what a summary of response times says, with a 95% interval for the share within target';
CREATE FUNCTION crm_response_time(summary crm_response_summary, conf double precision)
    RETURNS crm_response_times
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time(crm_response_summary, double precision) IS
    'what a summary of response times says, with an interval of this confidence for the share within target';

CREATE FUNCTION crm_response_summary_combinefn(crm_response_summary, crm_response_summary)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_response_summary_combinefn(crm_response_summary, crm_response_summary) IS
    'aggregate combine function, and transition function of crm_rollup';
CREATE FUNCTION crm_response_summary_invfn(crm_response_summary, crm_response_summary)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_response_summary_invfn(crm_response_summary, crm_response_summary) IS
    'aggregate inverse transition function';
CREATE FUNCTION crm_response_summary_finalfn(crm_response_summary) RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_response_summary_finalfn(crm_response_summary) IS
    'aggregate final function';
CREATE FUNCTION crm_response_time_finalfn(crm_response_summary) RETURNS crm_response_times
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_finalfn(crm_response_summary) IS
    'aggregate final function';

CREATE AGGREGATE crm_rollup(crm_response_summary) (
    SFUNC = crm_response_summary_combinefn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_summary_combinefn,
    MINVFUNC = crm_response_summary_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_summary_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_response_summary) IS
    'merge summaries of response times';

CREATE FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz) IS
    'aggregate transition function';
CREATE FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz) IS
    'aggregate inverse transition function';
CREATE AGGREGATE crm_response_time(started_at timestamptz, answered_at timestamptz) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_time_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_time_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time(timestamptz, timestamptz) IS
    'answered, open, mean time to the answer: elapsed time';

CREATE AGGREGATE crm_response_time_agg(started_at timestamptz, answered_at timestamptz) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_summary_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time_agg(timestamptz, timestamptz) IS
    'storable summary of response times: elapsed time';

CREATE FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar) IS
    'aggregate transition function';
CREATE FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar) IS
    'aggregate inverse transition function';
CREATE AGGREGATE crm_response_time(started_at timestamptz, answered_at timestamptz, calendar crm_calendar) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_time_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_time_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time(timestamptz, timestamptz, crm_calendar) IS
    'answered, open, mean time to the answer: business time';

CREATE AGGREGATE crm_response_time_agg(started_at timestamptz, answered_at timestamptz, calendar crm_calendar) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_summary_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time_agg(timestamptz, timestamptz, crm_calendar) IS
    'storable summary of response times: business time';

CREATE FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval) IS
    'aggregate transition function';
CREATE FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval) IS
    'aggregate inverse transition function';
CREATE AGGREGATE crm_response_time(started_at timestamptz, answered_at timestamptz, calendar crm_calendar, target interval) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_time_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_time_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time(timestamptz, timestamptz, crm_calendar, interval) IS
    'answered, open, mean time to the answer: business time, and the share within a target';

CREATE AGGREGATE crm_response_time_agg(started_at timestamptz, answered_at timestamptz, calendar crm_calendar, target interval) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_summary_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time_agg(timestamptz, timestamptz, crm_calendar, interval) IS
    'storable summary of response times: business time, and the share within a target';

CREATE FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval, timestamptz)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_transfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval, timestamptz) IS
    'aggregate transition function';
CREATE FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval, timestamptz)
    RETURNS crm_response_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_response_time_invfn(crm_response_summary, timestamptz, timestamptz, crm_calendar, interval, timestamptz) IS
    'aggregate inverse transition function';
CREATE AGGREGATE crm_response_time(started_at timestamptz, answered_at timestamptz, calendar crm_calendar, target interval, as_of timestamptz) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_time_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_time_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time(timestamptz, timestamptz, crm_calendar, interval, timestamptz) IS
    'answered, open, mean time to the answer: business time, and the share within a target, as of a moment when open cases may be past theirs';

CREATE AGGREGATE crm_response_time_agg(started_at timestamptz, answered_at timestamptz, calendar crm_calendar, target interval, as_of timestamptz) (
    SFUNC = crm_response_time_transfn,
    STYPE = crm_response_summary,
    SSPACE = 64,
    FINALFUNC = crm_response_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_response_summary_combinefn,
    MSFUNC = crm_response_time_transfn,
    MINVFUNC = crm_response_time_invfn,
    MSTYPE = crm_response_summary,
    MSSPACE = 64,
    MFINALFUNC = crm_response_summary_finalfn,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_response_time_agg(timestamptz, timestamptz, crm_calendar, interval, timestamptz) IS
    'storable summary of response times: business time, and the share within a target, as of a moment when open cases may be past theirs';
