-- Sequences: patterns of events, in order of time.

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts timestamptz, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, timestamptz, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts timestamp, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sequence_transfn_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, timestamp, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts date, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sequence_transfn_date' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, date, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts bigint, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sequence_transfn_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, bigint, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_combinefn(internal, internal) IS
    'combine function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_serialfn(internal) IS
    'serial function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_deserialfn(bytea, internal) IS
    'deserial function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_match_finalfn(internal) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_match_finalfn(internal) IS
    'final function of crm_sequence_match';

CREATE FUNCTION crm_sequence_count_finalfn(internal) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_count_finalfn(internal) IS
    'final function of crm_sequence_count';

CREATE FUNCTION crm_sequence_events_finalfn(internal) RETURNS timestamptz[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn(internal) IS
    'final function of crm_sequence_events';

CREATE FUNCTION crm_sequence_events_finalfn_timestamp(internal) RETURNS timestamp[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn_timestamp(internal) IS
    'final function of crm_sequence_events';

CREATE FUNCTION crm_sequence_events_finalfn_bigint(internal) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn_bigint(internal) IS
    'final function of crm_sequence_events';

CREATE AGGREGATE crm_sequence_match(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, timestamptz, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_match(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, timestamp, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_match(pattern text, ts date, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, date, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_match(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, bigint, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_count(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, timestamptz, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_count(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, timestamp, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_count(pattern text, ts date, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, date, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_count(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, bigint, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_events(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, timestamptz, "any") IS
    'times of the events that the (?N) of a pattern stand for in its first match, NULL if there is none';

CREATE AGGREGATE crm_sequence_events(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn_timestamp,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, timestamp, "any") IS
    'times of the events that the (?N) of a pattern stand for in its first match, NULL if there is none';

CREATE AGGREGATE crm_sequence_events(pattern text, ts date, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn_timestamp,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, date, "any") IS
    'times of the events that the (?N) of a pattern stand for in its first match, NULL if there is none';

CREATE AGGREGATE crm_sequence_events(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn_bigint,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, bigint, "any") IS
    'times of the events that the (?N) of a pattern stand for in its first match, NULL if there is none';

-- Journeys: a customer's events in one storable value.

CREATE TYPE crm_journey;

CREATE FUNCTION crm_journey_in(cstring) RETURNS crm_journey
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_in(cstring) IS
    'input function of crm_journey';

CREATE FUNCTION crm_journey_out(crm_journey) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_out(crm_journey) IS
    'output function of crm_journey';

CREATE FUNCTION crm_journey_recv(internal) RETURNS crm_journey
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_recv(internal) IS
    'binary input function of crm_journey';

CREATE FUNCTION crm_journey_send(crm_journey) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_send(crm_journey) IS
    'binary output function of crm_journey';

CREATE TYPE crm_journey (
    INPUT = crm_journey_in,
    OUTPUT = crm_journey_out,
    RECEIVE = crm_journey_recv,
    SEND = crm_journey_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_journey IS
    'a customer''s events in order of time: when, what, and perhaps a value';

CREATE FUNCTION crm_journey_to_jsonb(crm_journey) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_journey_to_jsonb(crm_journey) IS
    'an array of events, times in UTC';

CREATE CAST (crm_journey AS jsonb) WITH FUNCTION crm_journey_to_jsonb(crm_journey);
COMMENT ON CAST (crm_journey AS jsonb) IS
    'an array of events, times in UTC';

CREATE FUNCTION crm_journey_agg_transfn(internal, ts timestamptz, event text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_journey_agg_transfn(internal, timestamptz, text) IS
    'transition function of crm_journey_agg';

CREATE FUNCTION crm_journey_agg_transfn(internal, ts timestamptz, event text, value double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_journey_agg_transfn(internal, timestamptz, text, double precision) IS
    'transition function of crm_journey_agg';

CREATE FUNCTION crm_journey_rollup_transfn(internal, crm_journey) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_rollup_transfn(internal, crm_journey) IS
    'transition function of crm_rollup';

CREATE FUNCTION crm_journey_agg_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_journey_agg_combinefn(internal, internal) IS
    'combine function of crm_journey_agg and crm_rollup';

CREATE FUNCTION crm_journey_agg_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_agg_serialfn(internal) IS
    'serial function of crm_journey_agg and crm_rollup';

CREATE FUNCTION crm_journey_agg_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_journey_agg_deserialfn(bytea, internal) IS
    'deserial function of crm_journey_agg and crm_rollup';

CREATE FUNCTION crm_journey_agg_finalfn(internal) RETURNS crm_journey
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_journey_agg_finalfn(internal) IS
    'final function of crm_journey_agg and crm_rollup';

CREATE AGGREGATE crm_journey_agg(ts timestamptz, event text) (
    SFUNC = crm_journey_agg_transfn,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = crm_journey_agg_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_journey_agg_combinefn,
    SERIALFUNC = crm_journey_agg_serialfn,
    DESERIALFUNC = crm_journey_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_journey_agg(timestamptz, text) IS
    'a customer''s events as a journey';

CREATE AGGREGATE crm_journey_agg(ts timestamptz, event text, value double precision) (
    SFUNC = crm_journey_agg_transfn,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = crm_journey_agg_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_journey_agg_combinefn,
    SERIALFUNC = crm_journey_agg_serialfn,
    DESERIALFUNC = crm_journey_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_journey_agg(timestamptz, text, double precision) IS
    'a customer''s events as a journey, with a value each';

CREATE AGGREGATE crm_rollup(crm_journey) (
    SFUNC = crm_journey_rollup_transfn,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = crm_journey_agg_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_journey_agg_combinefn,
    SERIALFUNC = crm_journey_agg_serialfn,
    DESERIALFUNC = crm_journey_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_journey) IS
    'merge journeys: the events of all of them';

CREATE FUNCTION crm_sessions_of(journey crm_journey, gap interval, max_length interval DEFAULT NULL) RETURNS crm_session[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_sessions_of(crm_journey, interval, interval) IS
    'sessions of a journey, as crm_session_no has them';

CREATE FUNCTION crm_path(journey crm_journey, steps integer DEFAULT 5, start text DEFAULT NULL, "collapse" boolean DEFAULT false) RETURNS text[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_path(crm_journey, integer, text, boolean) IS
    'names of the first events of a journey, from the first event called start on';

CREATE FUNCTION crm_next_event(journey crm_journey, event text, within interval DEFAULT NULL, direction text DEFAULT 'forward', occurrence text DEFAULT 'first') RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_next_event(crm_journey, text, interval, text, text) IS
    'what came after the first event of that name, or after the last, or (direction backward) before it';

CREATE FUNCTION crm_matches(journey crm_journey, pattern text) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_matches(journey crm_journey, pattern text) IS
    'whether a journey matches a pattern such as (?''view'')(?t<=3600)(?''buy'')';

CREATE FUNCTION crm_matches(journey crm_journey, pattern text, VARIADIC events text[]) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_matches(crm_journey, text, text[]) IS
    'whether a journey matches a pattern such as (?1)(?t<=3600)(?2), where (?N) is the N-th of events';

-- Calendar windows depend on the session's time zone.
CREATE FUNCTION crm_funnel_of(journey crm_journey, def crm_funnel_def) RETURNS crm_funnel_result
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_funnel_of(crm_journey, crm_funnel_def) IS
    'a journey''s way through a funnel, as the aggregate crm_funnel has it';

CREATE FUNCTION crm_events_of(journey crm_journey)
    RETURNS TABLE (event_no bigint, ts timestamptz, event text, value double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 50;
COMMENT ON FUNCTION crm_events_of(crm_journey) IS
    'the events of a journey as rows';

-- Paths: where customers go from where.

CREATE TYPE crm_path_summary;

CREATE FUNCTION crm_path_summary_in(cstring) RETURNS crm_path_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_summary_in(cstring) IS
    'input function of crm_path_summary';

CREATE FUNCTION crm_path_summary_out(crm_path_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_summary_out(crm_path_summary) IS
    'output function of crm_path_summary';

CREATE FUNCTION crm_path_summary_recv(internal) RETURNS crm_path_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_summary_recv(internal) IS
    'binary input function of crm_path_summary';

CREATE FUNCTION crm_path_summary_send(crm_path_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_summary_send(crm_path_summary) IS
    'binary output function of crm_path_summary';

CREATE TYPE crm_path_summary (
    INPUT = crm_path_summary_in,
    OUTPUT = crm_path_summary_out,
    RECEIVE = crm_path_summary_recv,
    SEND = crm_path_summary_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_path_summary IS
    'how many paths go from which event to which, at each step and anywhere';

CREATE FUNCTION crm_path_summary_to_jsonb(crm_path_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_path_summary_to_jsonb(crm_path_summary) IS
    'number of paths, and the links by step';

CREATE CAST (crm_path_summary AS jsonb) WITH FUNCTION crm_path_summary_to_jsonb(crm_path_summary);
COMMENT ON CAST (crm_path_summary AS jsonb) IS
    'number of paths, and the links by step';

CREATE FUNCTION crm_path_agg_transfn(internal, path text[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_agg_transfn(internal, text[]) IS
    'transition function of crm_path_agg';

CREATE FUNCTION crm_path_rollup_transfn(internal, crm_path_summary) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_rollup_transfn(internal, crm_path_summary) IS
    'transition function of crm_rollup';

CREATE FUNCTION crm_path_agg_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_path_agg_combinefn(internal, internal) IS
    'combine function of crm_path_agg and crm_rollup';

CREATE FUNCTION crm_path_agg_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_agg_serialfn(internal) IS
    'serial function of crm_path_agg and crm_rollup';

CREATE FUNCTION crm_path_agg_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_path_agg_deserialfn(bytea, internal) IS
    'deserial function of crm_path_agg and crm_rollup';

CREATE FUNCTION crm_path_agg_finalfn(internal) RETURNS crm_path_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_path_agg_finalfn(internal) IS
    'final function of crm_path_agg and crm_rollup';

CREATE AGGREGATE crm_path_agg(path text[]) (
    SFUNC = crm_path_agg_transfn,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = crm_path_agg_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_path_agg_combinefn,
    SERIALFUNC = crm_path_agg_serialfn,
    DESERIALFUNC = crm_path_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_path_agg(text[]) IS
    'how many paths go from which event to which';

CREATE AGGREGATE crm_rollup(crm_path_summary) (
    SFUNC = crm_path_rollup_transfn,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = crm_path_agg_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_path_agg_combinefn,
    SERIALFUNC = crm_path_agg_serialfn,
    DESERIALFUNC = crm_path_agg_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_path_summary) IS
    'merge summaries of paths';

CREATE FUNCTION crm_path_links(summary crm_path_summary, by_step boolean DEFAULT true)
    RETURNS TABLE (step integer, from_event text, to_event text, customers bigint, share double precision)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 50;
COMMENT ON FUNCTION crm_path_links(crm_path_summary, boolean) IS
    'links of a Sankey diagram: how many paths go from one event to another, NULL where they end';
