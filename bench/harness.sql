-- harness.sql: time statements against each other; included by the benchmarks.
--
-- bench.compare runs the statements in turn, round after round, so that a slow
-- minute of the machine meets all of them, and gives medians.  The first
-- statement is what the others are compared with.
--
-- CPU seconds are the backend's own and those of its parallel workers, as the
-- kernel counts them: on a busy machine they vary less than the time on the
-- clock.  No other session should end meanwhile, as its time would be counted
-- with the workers'.
--
-- A statement should return one row at most: more would be copied into memory.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
CREATE SCHEMA bench;

-- CPU seconds of the postmaster's children that have ended.  A parallel plan's
-- workers have, and are waited for, when the statement is done.
CREATE FUNCTION bench.workers_cpu_seconds() RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
    postmaster text := split_part(pg_read_file('postmaster.pid', 0, 100, true), E'\n', 1);
    fields text[];
BEGIN
    fields := string_to_array(substring(pg_read_file('/proc/' || postmaster || '/stat', 0, 1000, true) FROM '\) (.*)'), ' ');
    -- cutime and cstime, in hundredths
    RETURN coalesce((fields[14]::float8 + fields[15]::float8) / 100, 0);
END
$$;

-- CPU seconds that this backend and its workers have used.
CREATE FUNCTION bench.cpu_seconds() RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
    nanoseconds float8;
    fields text[];
BEGIN
    -- Going to sleep makes the kernel bring its account up to date.
    PERFORM pg_sleep(0.001);
    nanoseconds := split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::float8;
    IF nanoseconds > 0 THEN
        RETURN nanoseconds / 1e9 + bench.workers_cpu_seconds();
    END IF;
    -- A kernel without scheduler statistics: utime and stime, in hundredths.
    fields := string_to_array(substring(pg_read_file('/proc/self/stat', 0, 1000, true) FROM '\) (.*)'), ' ');
    IF fields IS NOT NULL THEN
        RETURN (fields[12]::float8 + fields[13]::float8) / 100 + bench.workers_cpu_seconds();
    END IF;
    -- No Linux: the clock will have to do.
    RETURN extract(epoch FROM clock_timestamp());
END
$$;

-- Bytes of memory, shared and its own, that this backend has held at most.
CREATE FUNCTION bench.peak_bytes() RETURNS bigint
LANGUAGE sql
RETURN substring(pg_read_file('/proc/self/status', 0, 10000, true) FROM 'VmHWM:\s*(\d+)')::bigint * 1024;

-- statements: {what it is, target, statement} for each; runs: rounds that
-- count, after one that does not; by: what the ratio is of, cpu or wall.
CREATE FUNCTION bench.compare(statements text[], runs int DEFAULT 5, by text DEFAULT 'cpu')
RETURNS TABLE (statement text, cpu_s numeric, wall_s numeric, ratio numeric, target text)
LANGUAGE plpgsql AS $$
DECLARE
    n int := array_length(statements, 1);
    cpu float8[] := array_fill(0::float8, ARRAY[n, runs]);
    wall float8[] := cpu;
    base_cpu numeric;
    base_wall numeric;
    cpu_before float8;
    wall_before timestamptz;
BEGIN
    FOR run IN 0 .. runs LOOP       -- run 0 warms the caches
        FOR i IN 1 .. n LOOP
            cpu_before := bench.cpu_seconds();
            wall_before := clock_timestamp();
            EXECUTE statements[i][3];
            IF run > 0 THEN
                wall[i][run] := extract(epoch FROM clock_timestamp() - wall_before);
                cpu[i][run] := bench.cpu_seconds() - cpu_before;
            END IF;
        END LOOP;
    END LOOP;

    FOR i IN 1 .. n LOOP
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) INTO cpu_s FROM unnest(cpu[i:i]) v;
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) INTO wall_s FROM unnest(wall[i:i]) v;
        IF i = 1 THEN
            base_cpu := cpu_s;
            base_wall := wall_s;
        END IF;
        ratio := round(CASE by WHEN 'cpu' THEN cpu_s / base_cpu ELSE wall_s / base_wall END, 2);
        cpu_s := round(cpu_s, 3);
        wall_s := round(wall_s, 3);
        statement := statements[i][1];
        target := statements[i][2];
        RETURN NEXT;
    END LOOP;
END
$$;
