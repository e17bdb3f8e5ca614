-- KPI views of service and satisfaction.  What the columns of these functions
-- mean is said in 73_kpi_base.sql.

CREATE FUNCTION crm_kpi_views_service(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 3
BEGIN ATOMIC
    VALUES
    ('kpi_service', '{ticket}'::text[], '{}'::text[], '{period}'::text[],
     'response and resolution times by the period in which tickets came in', $columns$
period: first day of the period of created_at
tickets: tickets that came in
answered: of these, answered by as_of
response_mean: mean time from created_at to first_response_at, in hours of the calendar: crm_response_time
response_median: its median
response_targeted: tickets that met or missed a target; those that still have time are not counted
response_within: share within the target; NULL without targets
response_lower: its interval, Wilson's
response_upper: its interval, Wilson's
resolved: tickets resolved by as_of
resolution_mean: mean time from created_at to resolved_at, the last time, in hours of the calendar
resolution_median: its median
resolution_targeted: tickets that met or missed a target
resolution_within: share within the target; NULL without targets
resolution_lower: its interval, Wilson's
resolution_upper: its interval, Wilson's
reopened: tickets opened again at least once
reopen_rate: reopened / tickets of which it is known
one_touch_rate: share of the resolved tickets with at most one reply and never reopened; NULL where replies are not known
complete: whether the period is over at as_of
$columns$, $query$
SELECT t.period, t.tickets, coalesce((t.response).n_answered, 0) AS answered, (t.response).mean AS response_mean, t.response_median,
       coalesce((t.response).n_targeted, 0) AS response_targeted, (t.response).within_target AS response_within,
       (t.response).within_lower AS response_lower, (t.response).within_upper AS response_upper,
       coalesce((t.resolution).n_answered, 0) AS resolved, (t.resolution).mean AS resolution_mean, t.resolution_median,
       coalesce((t.resolution).n_targeted, 0) AS resolution_targeted, (t.resolution).within_target AS resolution_within,
       (t.resolution).within_lower AS resolution_lower, (t.resolution).within_upper AS resolution_upper,
       t.reopened, t.reopen_rate, t.one_touch_rate, t.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT t.period, count(*) AS tickets,
             crm_response_time(crm_response_time_agg(t.created_at, t.first_response_at, s.calendar, t.first_response_target, s.as_of),
                               s.conf_level) AS response,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY crm_business_interval(t.created_at, t.first_response_at, s.calendar)) AS response_median,
             crm_response_time(crm_response_time_agg(t.created_at, t.resolved_at, s.calendar, t.resolution_target, s.as_of),
                               s.conf_level) AS resolution,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY crm_business_interval(t.created_at, t.resolved_at, s.calendar)) AS resolution_median,
             count(*) FILTER (WHERE t.reopened > 0) AS reopened, crm_rate(t.reopened > 0) AS reopen_rate,
             crm_rate(t.replies <= 1 AND coalesce(t.reopened, 0) = 0) FILTER (WHERE t.resolved_at IS NOT NULL) AS one_touch_rate
      FROM kpi_clean_ticket AS t, kpi_settings AS s
      GROUP BY t.period, s.conf_level) AS t, kpi_settings AS s
$query$),

    ('kpi_service_priority', '{ticket}', '{}', '{priority,team}',
     'response and resolution times by priority and team, of all time', $columns$
priority: as in the entity; NULL where not set
team: as in the entity; NULL where not set
tickets: tickets that came in
answered: of these, answered by as_of
response_mean: mean time from created_at to first_response_at, in hours of the calendar: crm_response_time
response_within: share within the target; NULL without targets
response_lower: its interval, Wilson's
response_upper: its interval, Wilson's
resolved: tickets resolved by as_of
resolution_mean: mean time from created_at to resolved_at, the last time, in hours of the calendar
resolution_within: share within the target; NULL without targets
resolution_lower: its interval, Wilson's
resolution_upper: its interval, Wilson's
$columns$, $query$
SELECT t.priority, t.team, t.tickets, (t.response).n_answered AS answered, (t.response).mean AS response_mean,
       (t.response).within_target AS response_within, (t.response).within_lower AS response_lower,
       (t.response).within_upper AS response_upper,
       (t.resolution).n_answered AS resolved, (t.resolution).mean AS resolution_mean,
       (t.resolution).within_target AS resolution_within, (t.resolution).within_lower AS resolution_lower,
       (t.resolution).within_upper AS resolution_upper
FROM (SELECT t.priority, t.team, count(*) AS tickets,
             crm_response_time(crm_response_time_agg(t.created_at, t.first_response_at, s.calendar, t.first_response_target, s.as_of),
                               s.conf_level) AS response,
             crm_response_time(crm_response_time_agg(t.created_at, t.resolved_at, s.calendar, t.resolution_target, s.as_of),
                               s.conf_level) AS resolution
      FROM kpi_clean_ticket AS t, kpi_settings AS s
      GROUP BY t.priority, t.team, s.conf_level) AS t
$query$),

    ('kpi_backlog', '{ticket}', '{}', '{period}',
     'tickets that came in, were resolved, and were left', $columns$
period: first day of the period
opened: tickets that came in
resolved: tickets resolved, for the last time
backlog: tickets open when the period ended, or at as_of
complete: whether the period is over at as_of
$columns$, $query$
WITH moved AS (
    SELECT m.period, sum(m.opened) AS opened, sum(m.resolved) AS resolved
    FROM (SELECT t.period, 1 AS opened, 0 AS resolved FROM kpi_clean_ticket AS t
          UNION ALL
          SELECT date_trunc(s.grain, t.resolved_at AT TIME ZONE s.time_zone)::date, 0, 1
          FROM kpi_clean_ticket AS t, kpi_settings AS s WHERE t.resolved_at IS NOT NULL) AS m
    GROUP BY m.period
)
SELECT p.period::date AS period, coalesce(m.opened, 0) AS opened, coalesce(m.resolved, 0) AS resolved,
       sum(coalesce(m.opened - m.resolved, 0)) OVER (ORDER BY p.period) AS backlog,
       p.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT min(m.period) AS first FROM moved AS m) AS f
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL generate_series(f.first::timestamp, s.as_of_local - interval '1 microsecond', s.grain_interval) AS p (period)
LEFT JOIN moved AS m ON m.period = p.period::date
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_service() IS
    'support: the KPI views of service';

CREATE FUNCTION crm_kpi_views_satisfaction(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 4
BEGIN ATOMIC
    VALUES
    ('kpi_nps', '{survey_response}'::text[], '{}'::text[], '{period}'::text[],
     'Net Promoter Score by the period of the answers', $columns$
period: first day of the period of responded_at
answers: answers
promoters: answers of 9 and 10
passives: answers of 7 and 8
detractors: answers of 0 to 6
nps: 100 (promoters - detractors) / answers: crm_nps_interval
nps_lower: its interval, adjusted Wald
nps_upper: its interval, adjusted Wald
answers_3: answers of this and the two periods before
nps_3: NPS of this and the two periods before
nps_3_lower: its interval, adjusted Wald
nps_3_upper: its interval, adjusted Wald
complete: whether the period is over at as_of
$columns$, $query$
SELECT m.period, coalesce(i.n, 0) AS answers, coalesce(crm_nps_promoters(m.nps), 0) AS promoters,
       coalesce(crm_nps_passives(m.nps), 0) AS passives, coalesce(crm_nps_detractors(m.nps), 0) AS detractors,
       i.estimate AS nps, i.lower AS nps_lower, i.upper AS nps_upper, coalesce(i3.n, 0) AS answers_3, i3.estimate AS nps_3,
       i3.lower AS nps_3_lower, i3.upper AS nps_3_upper, m.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT p.period::date AS period, a.nps, crm_rollup(a.nps) OVER (ORDER BY p.period ROWS 2 PRECEDING) AS nps_3
      FROM (SELECT min(r.period) AS first, max(r.period) AS last FROM kpi_clean_survey AS r WHERE r.survey = 'nps') AS f
      CROSS JOIN kpi_settings AS s
      CROSS JOIN LATERAL generate_series(f.first::timestamp, f.last::timestamp, s.grain_interval) AS p (period)
      LEFT JOIN (SELECT r.period, crm_nps_agg(r.score) AS nps FROM kpi_clean_survey AS r
                 WHERE r.survey = 'nps' GROUP BY r.period) AS a ON a.period = p.period::date) AS m
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL crm_nps_interval(m.nps, s.conf_level) AS i
CROSS JOIN LATERAL crm_nps_interval(m.nps_3, s.conf_level) AS i3
$query$),

    ('kpi_csat', '{survey_response}', '{}', '{period}',
     'customer satisfaction by the period of the answers: the share of 4 and 5 of 5', $columns$
period: first day of the period of responded_at
answers: answers
satisfied: answers of 4 and 5
csat: satisfied / answers: crm_csat_agg
csat_lower: its interval, Wilson's
csat_upper: its interval, Wilson's
score_mean: mean score
answers_3: answers of this and the two periods before
csat_3: CSAT of this and the two periods before
csat_3_lower: its interval, Wilson's
csat_3_upper: its interval, Wilson's
complete: whether the period is over at as_of
$columns$, $query$
SELECT m.period, coalesce(i.n, 0) AS answers, coalesce(crm_rate_successes(m.csat), 0) AS satisfied,
       i.estimate AS csat, i.lower AS csat_lower, i.upper AS csat_upper, m.score_mean, coalesce(i3.n, 0) AS answers_3,
       i3.estimate AS csat_3, i3.lower AS csat_3_lower, i3.upper AS csat_3_upper,
       m.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT p.period::date AS period, a.csat, a.score_mean,
             crm_rollup(a.csat) OVER (ORDER BY p.period ROWS 2 PRECEDING) AS csat_3
      FROM (SELECT min(r.period) AS first, max(r.period) AS last FROM kpi_clean_survey AS r WHERE r.survey = 'csat') AS f
      CROSS JOIN kpi_settings AS s
      CROSS JOIN LATERAL generate_series(f.first::timestamp, f.last::timestamp, s.grain_interval) AS p (period)
      LEFT JOIN (SELECT r.period, crm_csat_agg(r.score, 4::numeric) AS csat, avg(r.score) AS score_mean
                 FROM kpi_clean_survey AS r WHERE r.survey = 'csat' GROUP BY r.period) AS a ON a.period = p.period::date) AS m
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL crm_rate_interval(m.csat, s.conf_level) AS i
CROSS JOIN LATERAL crm_rate_interval(m.csat_3, s.conf_level) AS i3
$query$),

    ('kpi_ces', '{survey_response}', '{}', '{period}',
     'customer effort by the period of the answers: 1 to 7, 7 the easiest', $columns$
period: first day of the period of responded_at
answers: answers
ces: mean score: crm_ces_interval
ces_lower: its interval, Student's
ces_upper: its interval, Student's
complete: whether the period is over at as_of
$columns$, $query$
SELECT c.period, (c.ces).n AS answers, (c.ces).estimate AS ces, (c.ces).lower AS ces_lower, (c.ces).upper AS ces_upper,
       c.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT r.period, crm_ces_interval(r.score, s.conf_level::float8) AS ces
      FROM kpi_clean_survey AS r, kpi_settings AS s WHERE r.survey = 'ces'
      GROUP BY r.period) AS c, kpi_settings AS s
$query$),

    ('kpi_surveys', '{survey_response}', '{}', '{period,survey}',
     'how many surveys come back, by the period in which they were sent', $columns$
period: first day of the period of sent_at; NULL where unknown
survey: nps, csat or ces
sent: surveys sent
answered: of these, answered with a score
response_rate: answered / sent: crm_rate_interval; NULL where sent_at is unknown
response_lower: its interval, Wilson's
response_upper: its interval, Wilson's
complete: whether the period is over at as_of
$columns$, $query$
SELECT r.period, r.survey, r.sent, r.answered, (r.rate).estimate AS response_rate, (r.rate).lower AS response_lower,
       (r.rate).upper AS response_upper, r.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT date_trunc(s.grain, r.sent_at AT TIME ZONE s.time_zone)::date AS period, r.survey, count(*) AS sent,
             count(*) FILTER (WHERE r.score IS NOT NULL AND coalesce(r.responded_at <= s.as_of, true)) AS answered,
             crm_rate_interval(r.score IS NOT NULL AND coalesce(r.responded_at <= s.as_of, true), s.conf_level)
                 FILTER (WHERE r.sent_at IS NOT NULL) AS rate
      FROM survey_response AS r, kpi_settings AS s
      WHERE r.sent_at IS NULL OR r.sent_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
      GROUP BY 1, 2) AS r, kpi_settings AS s
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_satisfaction() IS
    'support: the KPI views of satisfaction';
