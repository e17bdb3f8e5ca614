-- Service: business calendars and business time.
-- References: the project's collected statistics values (BH1 to BH3), brute
-- force minute by minute, and day by day through AT TIME ZONE.
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
SET datestyle = 'ISO, YMD';

--
-- The text form
--

-- What is read is printed in one way: zone spelled as in the database, days in
-- order, equal days together, touching spans joined, dates sorted and joined.
CREATE TEMP TABLE spelling (id int, given text, canonical text);
INSERT INTO spelling VALUES
    (1, 'Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00 except 2026-12-25 2026-12-26',
        'Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00 except 2026-12-25 2026-12-26'),
    (2, E'  europe/berlin\n\tSAT 10:00-14:00   Monday-FRI 9:00-17:30 ',
        'Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00'),
    (3, 'UTC 24x7', 'UTC 24x7'),
    (4, 'UTC mon-sun 00:00-24:00', 'UTC 24x7'),
    (5, 'UTC mon-sun 00:00-12:00 12:00-00:00', 'UTC 24x7'),
    (6, 'UTC fri-mon 08:00-12:00', 'UTC mon,fri-sun 08:00-12:00'),
    (7, 'UTC fri,wed,mon,wed 08:00-12:00', 'UTC mon,wed,fri 08:00-12:00'),
    (8, 'UTC tue-mon 08:00-12:00', 'UTC mon-sun 08:00-12:00'),
    (9, 'UTC mon-mon 13:00-17:00 09:00-12:00', 'UTC mon 09:00-12:00 13:00-17:00'),
    (10, 'UTC mon-fri 09:00-12:00 mon 13:00-17:00',
         'UTC mon 09:00-12:00 13:00-17:00 tue-fri 09:00-12:00'),
    (11, 'UTC mon 22:00-06:00 tue 22:00-00:00', 'UTC mon 22:00-06:00 tue 22:00-24:00'),
    -- joining these would make a span that ends when it starts
    (12, 'UTC mon 09:00-23:00 23:00-09:00', 'UTC mon 09:00-23:00 23:00-09:00'),
    (13, 'UTC mon 09:00-23:00 23:00-08:00', 'UTC mon 09:00-08:00'),
    (14, 'UTC except 2026-12-31 2026-12-25 2026-12-25 2026-12-26..2026-12-27 24x7 except 2026-01-01',
         'UTC 24x7 except 2026-01-01 2026-12-25..2026-12-27 2026-12-31'),
    (15, 'UTC mon-fri 09:00-17:00 on 2026-12-31 2026-12-24 09:00-12:00 except 2026-12-25 on 2026-12-19..2026-12-20 2026-12-21 10:00-16:00',
         'UTC mon-fri 09:00-17:00 except 2026-12-25 on 2026-12-19..2026-12-21 10:00-16:00 on 2026-12-24 09:00-12:00 on 2026-12-31 09:00-12:00'),
    (16, 'UTC mon 09:00-10:00 except 0001-01-01 9999-12-31 2024-02-29',
         'UTC mon 09:00-10:00 except 0001-01-01 2024-02-29 9999-12-31'),
    (17, '<+0545>-5:45 mon 09:00-10:00', '<+0545>-5:45 mon 09:00-10:00');
SELECT id, given::crm_calendar::text AS got
FROM spelling WHERE given::crm_calendar::text <> canonical ORDER BY id;
SELECT id FROM spelling WHERE canonical::crm_calendar::text <> canonical ORDER BY id;
SELECT count(*) FROM spelling WHERE given::crm_calendar = canonical::crm_calendar;


-- Binary form: what is sent is received.
CREATE TEMP TABLE calendars AS SELECT id, given::crm_calendar AS calendar FROM spelling;
CREATE TEMP TABLE calendars_back (LIKE calendars);
\copy calendars TO 'results/service_calendars.bin' (FORMAT binary)
\copy calendars_back FROM 'results/service_calendars.bin' (FORMAT binary)
SELECT count(*) FROM calendars JOIN calendars_back USING (id, calendar);

-- A value of format version 1: tag 24, version 1, no flags, then the text.
SELECT crm_calendar_send('UTC 24x7') = '\x180100'::bytea || convert_to('UTC 24x7', 'UTF8') AS sent;

-- Damaged ones: another type's tag, a later version, flags, no text, bad text.
CREATE TEMP TABLE raw (value bytea);
CREATE TEMP TABLE parsed (value crm_calendar);
INSERT INTO raw VALUES ('\x120100' || convert_to('UTC 24x7', 'UTF8'));
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x180200' || convert_to('UTC 24x7', 'UTF8');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x180101' || convert_to('UTC 24x7', 'UTF8');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x1801';
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x180100';
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x180100' || convert_to('UTC 24x8', 'UTF8');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
-- and one that is well but not canonical: it is made so
UPDATE raw SET value = '\x180100' || convert_to('utc  MON-SUN 0:00-24:00', 'UTF8');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
SELECT value, value = 'UTC 24x7' AS equal FROM parsed;

-- Every mistake is told with its place.
CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
SELECT given, pg_temp.failure(format('SELECT %L::crm_calendar', given))
FROM (VALUES
    (''),
    ('  '),
    ('UTC'),
    ('UTC except 2026-01-01'),
    ('mon-fri 09:00-17:00'),
    ('Europe/Atlantis mon-fri 09:00-17:00'),
    ('UTC mon-fri'),
    ('UTC mon-fri sat 09:00-17:00'),
    ('UTC monn 09:00-17:00'),
    ('UTC mon- 09:00-17:00'),
    ('UTC mon-fri, sat 09:00-17:00'),
    ('UTC mon/fri 09:00-17:00'),
    ('UTC 24x7x'),
    ('UTC 24x7 24x7'),
    ('UTC mon 9-17'),
    ('UTC mon 09:00'),
    ('UTC mon 09:00-'),
    ('UTC mon 09:00-17:0'),
    ('UTC mon 09:60-17:00'),
    ('UTC mon 09:00-24:01'),
    ('UTC mon 24:00-06:00'),
    ('UTC mon 12:00-12:00'),
    ('UTC mon 009:00-17:00'),
    ('UTC mon 09:00-17:00,18:00-20:00'),
    ('UTC mon-fri 09:00-17:00 fri 09:00-15:00'),
    ('UTC mon 09:00-17:00 16:59-18:00'),
    ('UTC mon 09:00-17:00 08:00-09:01'),
    ('UTC mon 22:00-06:00 23:00-24:00'),
    ('UTC mon 09:00-17:00 except'),
    ('UTC mon 09:00-17:00 except christmas'),
    ('UTC mon 09:00-17:00 except 25.12.2026'),
    ('UTC mon 09:00-17:00 except 2026-12-25,2026-12-26'),
    ('UTC mon 09:00-17:00 except 2026-02-29'),
    ('UTC mon 09:00-17:00 except 0000-01-01'),
    ('UTC mon 09:00-17:00 except 2026-13-01'),
    ('UTC mon 09:00-17:00 except 2026-12-31..2026-12-24'),
    ('UTC mon 09:00-17:00 except 2026-12-24..'),
    ('UTC mon 09:00-17:00 on 2026-12-24'),
    ('UTC mon 09:00-17:00 on 09:00-12:00'),
    ('UTC mon 09:00-17:00 on 2026-12-24 09:00-12:00 11:00-13:00'),
    ('UTC mon 09:00-17:00 except 2026-12-25 on 2026-12-24..2026-12-26 09:00-12:00'),
    ('UTC mon 09:00-17:00 on 2026-12-24 09:00-12:00 on 2026-12-24 13:00-15:00'),
    ('UTC mon 09:00-17:00 nonsense'),
    ('UTC mon 09:00-17:00 ' || U&'\00E4\00F6\00FC')) v (given);
-- more exceptions than fit
SELECT pg_temp.failure(format('SELECT %L::crm_calendar',
    'UTC 24x7 except ' || string_agg(to_char(date '1600-01-01' + 2 * i, 'YYYY-MM-DD'), ' ')))
FROM generate_series(0, 100000) i;

-- Equality, grouping, hashing.
SELECT 'UTC 24x7'::crm_calendar = 'utc mon-sun 00:00-24:00' AS eq,
       'UTC 24x7'::crm_calendar <> 'Europe/London 24x7' AS ne,
       'UTC 24x7'::crm_calendar <> 'UTC mon-sun 00:00-24:00' AS not_ne;
SELECT count(DISTINCT calendar::text) AS texts, count(*) AS groups
FROM (SELECT calendar FROM calendars GROUP BY calendar) g
JOIN calendars USING (calendar);

-- What a calendar says, as JSON.
SELECT jsonb_pretty('Europe/Berlin mon-thu 09:00-12:00 13:00-17:30 fri 22:00-06:00 except 2026-12-25..2026-12-31 on 2026-12-24 09:00-12:00'::crm_calendar::jsonb);

-- Holidays from a table.
SELECT crm_calendar_except('UTC mon-fri 09:00-17:00 except 2026-12-25',
                           '{2027-01-01,NULL,2026-12-25,2026-12-26,2026-12-24}');
SELECT crm_calendar_except('UTC 24x7', '{}') = 'UTC 24x7' AS unchanged,
       crm_calendar_except('UTC 24x7', NULL) IS NULL AS strict;
SELECT pg_temp.failure($$SELECT crm_calendar_except('UTC 24x7', '{infinity}')$$);
SELECT pg_temp.failure($$SELECT crm_calendar_except('UTC 24x7', '{10000-01-01}')$$);
SELECT pg_temp.failure($$SELECT crm_calendar_except('UTC 24x7 on 2026-12-24 09:00-12:00', '{2026-12-24}')$$);

--
-- Business time: the reference values, in seconds
--
SELECT name, extract(epoch FROM crm_business_interval(a, b, calendar))::bigint AS got, want
FROM (VALUES
    -- BH1
    ('within a day', timestamptz '2024-03-04 10:00', timestamptz '2024-03-04 15:30', crm_calendar 'UTC mon-fri 09:00-17:00', 19800),
    ('around a day', '2024-03-04 06:00', '2024-03-04 22:00', 'UTC mon-fri 09:00-17:00', 28800),
    ('over a week-end', '2024-03-01 16:30', '2024-03-04 10:15', 'UTC mon-fri 09:00-17:00', 6300),
    ('a week-end', '2024-03-02', '2024-03-04', 'UTC mon-fri 09:00-17:00', 0),
    ('two weeks', '2024-03-01 12:00', '2024-03-15 12:00', 'UTC mon-fri 09:00-17:00', 288000),
    ('nothing', '2024-03-04 10:00', '2024-03-04 10:00', 'UTC mon-fri 09:00-17:00', 0),
    ('reversed', '2024-03-04 15:30', '2024-03-04 10:00', 'UTC mon-fri 09:00-17:00', -19800),
    -- BH2
    ('holidays', '2024-12-24 15:00', '2024-12-27 10:00', 'UTC mon-fri 09:00-17:00 except 2024-12-25 2024-12-26', 10800),
    ('lunch', '2024-03-04 08:00', '2024-03-05 13:30', 'UTC mon-fri 09:00-12:00 13:00-17:00', 37800),
    ('24/7 over a gap', '2024-03-09 12:00 America/New_York', '2024-03-11 12:00 America/New_York', 'America/New_York 24x7', 169200),
    ('shift over a gap', '2024-03-10 00:00 America/New_York', '2024-03-10 06:00 America/New_York', 'America/New_York sun 01:00-05:00', 10800),
    -- BH3
    ('ten years', '2014-01-01 Europe/London', '2024-01-01 Europe/London', 'Europe/London mon-fri 09:00-17:00', 75110400),
    ('a year', '2023-01-01', '2024-01-01', 'UTC mon-fri 09:00-17:00', 7488000))
    v (name, a, b, calendar, want)
WHERE extract(epoch FROM crm_business_interval(a, b, calendar)) IS DISTINCT FROM want::numeric;

-- The result is in hours, however many they are; NULL in, NULL out.
SELECT crm_business_interval('2014-01-01', '2024-01-01', 'UTC 24x7') AS ten_years,
       crm_business_interval('2024-01-01 09:00:00.000001', '2024-01-01 09:00:00.5', 'UTC 24x7') AS less,
       crm_business_interval(NULL, now(), 'UTC 24x7') IS NULL AS null_from,
       crm_business_interval(now(), NULL, 'UTC 24x7') IS NULL AS null_to,
       crm_business_interval(now(), now(), NULL) IS NULL AS null_calendar;

-- Deadlines: not after closing time; from outside hours as from the opening;
-- zero is now or the next opening; back again not before opening time.
SELECT ts, amount, crm_business_add(ts, amount, 'UTC mon-fri 09:00-17:00')
FROM (VALUES
    (timestamptz '2024-03-04 09:00', interval '8 hours'),
    ('2024-03-04 09:00', '8:00:00.000001'),
    ('2024-03-01 16:00', '2 hours'),
    ('2024-03-02 12:00', '1 hour'),
    ('2024-03-04 12:00', '0'),
    ('2024-03-04 09:00', '0'),
    ('2024-03-04 17:00', '0'),
    ('2024-03-02 12:00', '0'),
    ('2024-03-04 17:00', '-8 hours'),
    ('2024-03-04 17:00', '-8:00:00.000001'),
    ('2024-03-04 10:00', '-2 hours'),
    ('2024-03-02 12:00', '-1 hour'),
    ('2024-03-04 12:00', '2088 hours'),
    ('2024-03-04 12:00', '-2088 hours')) v (ts, amount);
SELECT crm_sla_due('2024-03-01 16:00', '2 hours', 'UTC mon-fri 09:00-17:00') AS due,
       crm_sla_due('2024-03-02 16:00', '0', 'UTC mon-fri 09:00-17:00') AS at_once,
       crm_sla_due('2024-03-01 16:00', NULL, 'UTC mon-fri 09:00-17:00') IS NULL AS strict;
SELECT t, crm_is_open(t, 'UTC mon 09:00-17:00 22:00-06:00')
FROM unnest('{2024-03-04 08:59:59.999999,2024-03-04 09:00,2024-03-04 16:59:59.999999,2024-03-04 17:00,
              2024-03-04 23:00,2024-03-05 05:59,2024-03-05 06:00,2024-03-05 23:00}'::timestamptz[]) t;

-- An overnight shift belongs to the day on which it starts, exceptions too.
SELECT crm_business_interval('2024-12-24', '2024-12-28', calendar)
FROM (VALUES
    (crm_calendar 'UTC mon-sun 22:00-06:00'),
    -- less the shift from the 25th at 22:00 to the 26th at 06:00
    ('UTC mon-sun 22:00-06:00 except 2024-12-25'),
    -- that of the 25th shorter by 5 hours
    ('UTC mon-sun 22:00-06:00 on 2024-12-25 22:00-01:00')) v (calendar);

-- Bad arguments.
SELECT pg_temp.failure(format('SELECT %s', call))
FROM (VALUES
    ($$crm_business_interval('infinity', now(), 'UTC 24x7')$$),
    ($$crm_business_interval(now(), '-infinity', 'UTC 24x7')$$),
    ($$crm_business_add('infinity', '1 hour', 'UTC 24x7')$$),
    ($$crm_business_add('2024-01-01', '1 day', 'UTC 24x7')$$),
    ($$crm_business_add('2024-01-01', '1 month -30 days', 'UTC 24x7')$$),
    ($$crm_sla_due('2024-01-01', '-1 hour', 'UTC 24x7')$$),
    ($$crm_sla_due('2024-01-01', '2 days', 'UTC 24x7')$$),
    ($$crm_sla_due('-infinity', '2 hours', 'UTC 24x7')$$),
    ($$crm_is_open('infinity', 'UTC 24x7')$$),
    ($$crm_business_add('294276-12-31', '100 hours', 'UTC 24x7')$$),
    ($$crm_business_add('294276-12-31', '24:00:00.000001', 'UTC 24x7')$$),
    ($$crm_business_add('2024-01-01', '-2000000000 hours', 'UTC 24x7')$$),
    ($$crm_business_add('2024-01-01', '2000000000 hours', 'Europe/London mon 09:00-10:00')$$),
    ($$crm_business_interval('4714-11-24 BC', '294276-12-31', 'UTC 24x7')$$)) v (call);

--
-- Brute force, minute by minute
--
-- Calendars as plain tables: spans start on a weekday or on an exceptional day
-- and may end after minute 1440.
CREATE TEMP TABLE week_hours (zone text, isodow int, from_min int, to_min int);
CREATE TEMP TABLE day_hours (zone text, day date, from_min int, to_min int);	-- NULL: closed
CREATE TEMP TABLE brute_calendar (zone text, calendar crm_calendar, probe date);

-- half a year's changes at 01:00 UTC; overnight shift and lunch
INSERT INTO brute_calendar VALUES
    ('Europe/Berlin', 'Europe/Berlin mon-fri 09:00-12:00 13:00-17:30 sat 22:00-06:00 except 2024-03-29 2024-04-01 2024-11-01', '2024-03-31'),
    ('Europe/Berlin', 'Europe/Berlin mon-fri 09:00-12:00 13:00-17:30 sat 22:00-06:00 except 2024-03-29 2024-04-01 2024-11-01', '2024-10-27');
INSERT INTO week_hours SELECT 'Europe/Berlin', d, f, t
FROM generate_series(1, 5) d, (VALUES (540, 720), (780, 1050)) v (f, t);
INSERT INTO week_hours VALUES ('Europe/Berlin', 6, 1320, 1800);
INSERT INTO day_hours VALUES ('Europe/Berlin', '2024-03-29', NULL, NULL),
    ('Europe/Berlin', '2024-04-01', NULL, NULL), ('Europe/Berlin', '2024-11-01', NULL, NULL);

-- spans that begin and end in the hour that is skipped and that is repeated
INSERT INTO brute_calendar VALUES
    ('America/New_York', 'America/New_York sun 01:30-02:10 02:20-02:40 02:50-05:00 mon-fri 22:15-06:45 on 2024-03-08 00:00-24:00', '2024-03-10'),
    ('America/New_York', 'America/New_York sun 01:30-02:10 02:20-02:40 02:50-05:00 mon-fri 22:15-06:45 on 2024-03-08 00:00-24:00', '2024-11-03');
INSERT INTO week_hours VALUES ('America/New_York', 7, 90, 130), ('America/New_York', 7, 140, 160), ('America/New_York', 7, 170, 300);
INSERT INTO week_hours SELECT 'America/New_York', d, 1335, 1845 FROM generate_series(1, 5) d;
INSERT INTO day_hours VALUES ('America/New_York', '2024-03-08', 0, 1440);

-- half an hour of daylight saving; special days in a range, overnight
INSERT INTO brute_calendar VALUES
    ('Australia/Lord_Howe', 'Australia/Lord_Howe mon-sun 20:00-02:10 except 2024-04-09 on 2024-04-05..2024-04-07 23:30-04:00', '2024-04-07'),
    ('Australia/Lord_Howe', 'Australia/Lord_Howe mon-sun 20:00-02:10 except 2024-04-09 on 2024-04-05..2024-04-07 23:30-04:00', '2024-10-06');
INSERT INTO week_hours SELECT 'Australia/Lord_Howe', d, 1200, 1570 FROM generate_series(1, 7) d;
INSERT INTO day_hours VALUES ('Australia/Lord_Howe', '2024-04-09', NULL, NULL);
INSERT INTO day_hours SELECT 'Australia/Lord_Howe', d, 1410, 1680
FROM generate_series(date '2024-04-05', '2024-04-07', '1 day') d;

-- clocks that change at midnight: a day that starts at 01:00, one of 25 hours
-- whose last hour comes twice
INSERT INTO brute_calendar VALUES
    ('America/Sao_Paulo', 'America/Sao_Paulo mon-fri 08:00-18:00 sat 23:00-03:00 sun 00:10-00:50 on 2018-02-17 22:30-24:00', '2018-11-04'),
    ('America/Sao_Paulo', 'America/Sao_Paulo mon-fri 08:00-18:00 sat 23:00-03:00 sun 00:10-00:50 on 2018-02-17 22:30-24:00', '2018-02-18');
INSERT INTO week_hours SELECT 'America/Sao_Paulo', d, 480, 1080 FROM generate_series(1, 5) d;
INSERT INTO week_hours VALUES ('America/Sao_Paulo', 6, 1380, 1620), ('America/Sao_Paulo', 7, 10, 50);
INSERT INTO day_hours VALUES ('America/Sao_Paulo', '2018-02-17', 1350, 1440);

-- the same at one minute past midnight
INSERT INTO brute_calendar VALUES
    ('America/St_Johns', 'America/St_Johns mon-sun 21:30-00:30 sun 06:00-12:00 except 2010-11-07', '2010-11-07'),
    ('America/St_Johns', 'America/St_Johns mon-sun 21:30-00:30 sun 06:00-12:00 except 2010-11-07', '2010-03-14');
INSERT INTO week_hours SELECT 'America/St_Johns', d, 1290, 1470 FROM generate_series(1, 7) d;
INSERT INTO week_hours VALUES ('America/St_Johns', 7, 360, 720);
INSERT INTO day_hours VALUES ('America/St_Johns', '2010-11-07', NULL, NULL);

-- a day that there was not: 2011-12-30
INSERT INTO brute_calendar VALUES
    ('Pacific/Apia', 'Pacific/Apia thu-sat 08:00-16:00 thu 20:00-04:00 fri 21:00-05:00', '2011-12-30');
INSERT INTO week_hours SELECT 'Pacific/Apia', d, 480, 960 FROM generate_series(4, 6) d;
INSERT INTO week_hours VALUES ('Pacific/Apia', 4, 1200, 1680), ('Pacific/Apia', 5, 1260, 1740);

-- no changes, but minutes; exceptions in a row with overnight shifts between
INSERT INTO brute_calendar VALUES
    ('Asia/Kathmandu', 'Asia/Kathmandu sun-thu 10:00-17:00 fri 10:00-04:00 except 2024-05-02 2024-05-06..2024-05-08 on 2024-05-03 2024-05-05 18:00-06:00 on 2024-05-09 00:00-00:01 23:59-24:00', '2024-05-06');
INSERT INTO week_hours SELECT 'Asia/Kathmandu', d, 600, 1020 FROM unnest('{7,1,2,3,4}'::int[]) d;
INSERT INTO week_hours VALUES ('Asia/Kathmandu', 5, 600, 1680);
INSERT INTO day_hours SELECT 'Asia/Kathmandu', d, NULL, NULL
FROM unnest('{2024-05-02,2024-05-06,2024-05-07,2024-05-08}'::date[]) d;
INSERT INTO day_hours VALUES ('Asia/Kathmandu', '2024-05-03', 1080, 1800), ('Asia/Kathmandu', '2024-05-05', 1080, 1800),
    ('Asia/Kathmandu', '2024-05-09', 0, 1), ('Asia/Kathmandu', '2024-05-09', 1439, 1440);

-- Ramadan: four changes a year
INSERT INTO brute_calendar VALUES
    ('Africa/Casablanca', 'Africa/Casablanca mon-fri 02:00-03:30 08:00-12:00 sun 02:30-02:45', '2024-03-10'),
    ('Africa/Casablanca', 'Africa/Casablanca mon-fri 02:00-03:30 08:00-12:00 sun 02:30-02:45', '2024-04-14');
INSERT INTO week_hours SELECT 'Africa/Casablanca', d, f, t
FROM generate_series(1, 5) d, (VALUES (120, 210), (480, 720)) v (f, t);
INSERT INTO week_hours VALUES ('Africa/Casablanca', 7, 150, 165);

-- Twelve days around each probe; a minute is open when the wall clock then
-- shows a minute of a span that started that day or the day before.
CREATE TEMP TABLE open_minute AS
SELECT DISTINCT d.zone, d.day + m * interval '1 minute' AS wall
FROM (SELECT DISTINCT zone, (probe + i)::timestamp AS day FROM brute_calendar, generate_series(-8, 8) i) d
LEFT JOIN day_hours e ON e.zone = d.zone AND e.day = d.day
LEFT JOIN week_hours w ON e.zone IS NULL AND w.zone = d.zone AND w.isodow = extract(isodow FROM d.day),
LATERAL generate_series(coalesce(e.from_min, w.from_min), coalesce(e.to_min, w.to_min) - 1) m;

CREATE TEMP TABLE minute AS
SELECT zone, probe, minute, ts, wall, o.zone IS NOT NULL AS open,
       count(o.zone) OVER (PARTITION BY zone, probe ORDER BY ts) - count(o.zone) OVER (PARTITION BY zone, probe, ts) AS before
FROM (SELECT zone, probe, minute, ts, ts AT TIME ZONE zone AS wall
      FROM brute_calendar, generate_series(0, 12 * 1440) minute,
           LATERAL (SELECT (probe - 6)::timestamptz + minute * interval '1 minute' AS ts) t) m
LEFT JOIN open_minute o USING (zone, wall);
CREATE INDEX ON minute (zone, probe, minute);
CREATE INDEX ON minute (zone, probe, before);
ANALYZE minute;

SELECT zone, probe, count(*) FILTER (WHERE open) > 2000 AS has_open,
       count(*) FILTER (WHERE open <> crm_is_open(ts, calendar)) AS wrong,
       count(*) FILTER (WHERE open <> crm_is_open(ts + interval '59.999999 s', calendar)) AS wrong_later
FROM minute JOIN brute_calendar USING (zone, probe)
GROUP BY zone, probe ORDER BY zone COLLATE "C", probe;

-- 400 intervals each, both ways round, long and short.
CREATE TEMP TABLE pair_minute AS
SELECT i, zone, probe, calendar, m, CASE WHEN i % 2 = 0 THEN (i * 6271 + 17) % (12 * 1440 + 1) ELSE least(12 * 1440, m + i) END AS n
FROM brute_calendar, generate_series(1, 400) i,
     LATERAL (SELECT (i * 7919 + length(zone) * 104729) % (12 * 1440 + 1) AS m) x;
ANALYZE pair_minute;
CREATE TEMP TABLE pair AS
SELECT i, p.zone, p.probe, calendar, a.ts AS a, b.ts AS b, a.before AS a_before, b.before AS b_before
FROM pair_minute p
JOIN minute a ON a.zone = p.zone AND a.probe = p.probe AND a.minute = p.m
JOIN minute b ON b.zone = p.zone AND b.probe = p.probe AND b.minute = p.n;
ANALYZE pair;
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE crm_business_interval(a, b, calendar) <> make_interval(mins => (b_before - a_before)::int)) AS wrong,
       count(*) FILTER (WHERE crm_business_interval(b, a, calendar) <> make_interval(mins => (a_before - b_before)::int)) AS wrong_reversed
FROM pair;

-- Adding: the first minute before which that much was open; for none or less,
-- the last.
SELECT count(*) AS sums, count(DISTINCT want) > 1000 AS many,
       count(*) FILTER (WHERE want <> crm_business_add(a, make_interval(mins => (b_before - a_before)::int), calendar)) AS wrong
FROM pair,
     LATERAL (SELECT CASE WHEN b_before > a_before THEN min(ts) ELSE max(ts) END AS want
              FROM minute x
              WHERE x.zone = pair.zone AND x.probe = pair.probe AND x.before = b_before) w
-- (where the end of the window does not cut it short)
WHERE b_before > a_before
   OR b_before < (SELECT max(before) FROM minute x WHERE x.zone = pair.zone AND x.probe = pair.probe);
SELECT count(*) AS sums,
       count(*) FILTER (WHERE want <> crm_business_add(a, '0', calendar)) AS wrong
FROM pair,
     LATERAL (SELECT max(ts) AS want FROM minute x
              WHERE x.zone = pair.zone AND x.probe = pair.probe AND x.before = a_before) w
WHERE a_before < (SELECT max(before) FROM minute x WHERE x.zone = pair.zone AND x.probe = pair.probe);

-- Microseconds: parts add up, and adding gives back what was added.
SELECT count(*) AS triples,
       count(*) FILTER (WHERE crm_business_interval(a + e, b + f, calendar)
                              <> crm_business_interval(a + e, c, calendar) + crm_business_interval(c, b + f, calendar)) AS wrong_sum,
       count(*) FILTER (WHERE crm_business_interval(a + e, crm_business_add(a + e, h, calendar), calendar) <> h) AS wrong_add
FROM pair,
     LATERAL (SELECT i * interval '12345.678901 s' AS e, i * interval '-97000.000013 s' AS f,
                     a + i * interval '1000.123457 s' AS c,
                     (i - 200) * interval '4321.123457 s' AS h) d;

--
-- Years, against the sum over days of what AT TIME ZONE says of each
--
CREATE TEMP TABLE long_calendar AS
SELECT zone, days, crm_calendar_except(format('%s mon-fri 09:00-17:30 sat 10:00-14:00', zone)::crm_calendar, days) AS calendar
FROM unnest('{Europe/London,America/New_York,Asia/Kolkata,Australia/Lord_Howe}'::text[]) zone,
     -- a hundred holidays in ten years
     (SELECT array_agg(date '2015-01-01' + 36 * i + i % 7) AS days FROM generate_series(1, 100) i) h;
SELECT zone, count(*) AS intervals,
       count(*) FILTER (WHERE got <> want) AS wrong, max(extract(epoch FROM want)) > 7e7 AS long
FROM (SELECT zone, crm_business_interval(a, b, calendar) AS got,
             (SELECT sum(greatest(interval '0', least(b, (day + closes) AT TIME ZONE zone)
                                              - greatest(a, (day + opens) AT TIME ZONE zone)))
              FROM generate_series(a::date::timestamp - interval '1 day', b::date + 1, '1 day') day,
                   LATERAL (SELECT CASE WHEN extract(isodow FROM day) < 6 THEN time '09:00' ELSE '10:00' END AS opens,
                                   CASE WHEN extract(isodow FROM day) < 6 THEN time '17:30' ELSE '14:00' END AS closes) hours
              WHERE extract(isodow FROM day) < 7 AND day::date <> ALL (days)) AS want
      FROM long_calendar, generate_series(1, 12) i,
           LATERAL (SELECT timestamptz '2015-01-01' + i * interval '2741.111 min' AS a,
                           timestamptz '2025-01-01' - i * i * interval '20 days 97.77 min' AS b) t) r
GROUP BY zone ORDER BY zone COLLATE "C";

-- In any order of the rows: the table of the zone's changes grows both ways.
SELECT count(*) FILTER (WHERE crm_business_interval(ts, ts + interval '24 h', 'Europe/London mon-sun 00:00-24:00') <> '24:00') AS wrong,
       count(*) FILTER (WHERE crm_is_open(ts, 'Europe/London mon-sun 09:00-10:00') <> (extract(hour FROM ts AT TIME ZONE 'Europe/London') = 9)) AS wrong_open
FROM (SELECT timestamptz '2000-01-01 00:30' + (i * 7919 % 100003 - 50000) * interval '22 h' AS ts FROM generate_series(1, 5000) i) t;

-- Beyond the tables of the time zone database, which end some centuries ahead
-- and there repeat.
SELECT zone, count(*) AS hours,
       count(*) FILTER (WHERE crm_is_open(ts, calendar) <> (extract(hour FROM ts AT TIME ZONE zone) = 9)) AS wrong
FROM (SELECT zone, format('%s mon-sun 09:00-10:00', zone)::crm_calendar AS calendar
      FROM unnest('{Europe/London,America/New_York,Australia/Lord_Howe,Asia/Kolkata,Africa/Casablanca,UTC}'::text[]) zone
      OFFSET 0) c,
     unnest('{1850,1916,1945,2037,2087,2170,2437,2438,3000,20000,294275}'::int[]) year,
     LATERAL (SELECT make_timestamptz(year, 1, 1, 0, 15, 0, 'UTC') + h * interval '5 hours' AS ts
              FROM generate_series(0, 1760) h) t
GROUP BY zone ORDER BY zone COLLATE "C";

-- To the end of time: a Monday to a day some weeks and a rest later.
SELECT crm_business_interval('2001-01-01', '294276-12-31', 'Europe/London mon-fri 09:00-17:00')
       = make_interval(hours => 8 * (days / 7 * 5 + least(days % 7, 5))) AS as_counted
FROM (SELECT date '294276-12-31' - date '2001-01-01' AS days) d;

-- Many calendars in turn, more than are kept ready.
SELECT count(*) FILTER (WHERE crm_business_interval('2024-03-04', '2024-03-05', calendar) <> make_interval(mins => 300 + n)) AS wrong
FROM generate_series(1, 3) turn, generate_series(1, 100) n,
     LATERAL (SELECT format('UTC mon 09:00-%s:%s', 14 + n / 60, to_char(n % 60, 'FM00'))::crm_calendar AS calendar) c;

-- A stored calendar, short or toasted, computes as a constant does.
CREATE TEMP TABLE team (calendar crm_calendar);
INSERT INTO team VALUES ('UTC mon-fri 09:00-17:00');
INSERT INTO team SELECT crm_calendar_except('UTC mon-fri 09:00-17:00', array_agg(date '2200-01-01' + 2 * i))
FROM generate_series(1, 9000) i;
SELECT pg_column_size(calendar) < 2000 AS small, crm_business_interval('2024-03-01 16:30', '2024-03-04 10:15', calendar)
FROM team;
