-- clv_data.sql: customers of a Pareto/NBD model, for bench/clv.sql.
--
-- A million customers join in the course of a year and are watched until the
-- end of the next.  Each buys at a rate of his own and leaves after an
-- exponential lifetime; rates and the inverses of mean lifetimes are gamma
-- distributed, with parameters near those of CDNOW (Fader, Hardie and Lee
-- 2005).  Shapes of one half need no rejection: half the square of a normal
-- variate is such a gamma variate.  Amounts are those of a Gamma-Gamma model.
--
-- Variables: customers, seed.

-- (1 - random()) is never 0, so that its logarithm is finite.
CREATE FUNCTION bench.simulate_orders(customers int, seed float8)
RETURNS TABLE (customer int, ordered_at timestamptz, amount numeric)
LANGUAGE plpgsql AS $$
DECLARE
    from_at CONSTANT timestamptz := '2023-01-02 00:00+00';
    joining CONSTANT float8 := 52;              -- weeks
    watched CONSTANT float8 := 104;
    r_alpha CONSTANT float8 := 10.5;            -- r = 0.5
    s_beta CONSTANT float8 := 11.7;             -- s = 0.5
    gamma CONSTANT float8 := 15.4;              -- p = 6, q = 4
    purchase_rate float8;
    dropout_rate float8;
    spend_rate float8;
    at float8;
    until float8;
BEGIN
    PERFORM setseed(seed);
    FOR c IN 1 .. customers LOOP
        customer := c;
        purchase_rate := -ln(1 - random()) * cos(2 * pi() * random()) ^ 2 / r_alpha;
        dropout_rate := -ln(1 - random()) * cos(2 * pi() * random()) ^ 2 / s_beta;
        spend_rate := -ln((1 - random()) * (1 - random()) * (1 - random()) * (1 - random())) / gamma;
        at := joining * random();
        -- bounded below, lest a rate of nearly 0 overflow
        until := least(watched, at - ln(1 - random()) / greatest(dropout_rate, 1e-6));
        LOOP
            ordered_at := from_at + at * interval '7 days';
            amount := round((-ln((1 - random()) * (1 - random()) * (1 - random()) *
                                 (1 - random()) * (1 - random()) * (1 - random())) / spend_rate)::numeric, 2);
            RETURN NEXT;
            at := at - ln(1 - random()) / greatest(purchase_rate, 1e-6);
            EXIT WHEN at >= until;
        END LOOP;
    END LOOP;
END
$$;

-- In the order in which orders come in.
CREATE TABLE bench.orders AS
SELECT * FROM bench.simulate_orders(:customers, :seed) ORDER BY ordered_at;
CREATE TABLE bench.orders_plain AS
SELECT customer, (ordered_at AT TIME ZONE 'UTC')::date AS ordered_on, amount::float8 AS amount
FROM bench.orders;

-- Histories on whole days, and to the microsecond; time counts in weeks.
-- As crm_rfm, with the other columns that a customer table might have; and as
-- plain numbers.
CREATE TABLE bench.rfm_days AS
SELECT customer, crm_rfm(ordered_at, amount, date '2024-12-29') AS rfm
FROM bench.orders GROUP BY customer;
CREATE TABLE bench.rfm_instants AS
SELECT customer, crm_rfm(ordered_at, amount, timestamptz '2024-12-30 00:00+00', interval '7 days', 'none', 'UTC') AS rfm
FROM bench.orders GROUP BY customer;
CREATE TABLE bench.history_days AS
SELECT customer, (rfm).frequency::float8 AS frequency, (rfm).recency AS recency, (rfm).age AS age,
       (rfm).paid_frequency::float8 AS paid_frequency, (rfm).monetary AS monetary
FROM bench.rfm_days;
CREATE TABLE bench.history_instants AS
SELECT customer, (rfm).frequency::float8 AS frequency, (rfm).recency AS recency, (rfm).age AS age,
       (rfm).paid_frequency::float8 AS paid_frequency, (rfm).monetary AS monetary
FROM bench.rfm_instants;

VACUUM (ANALYZE) bench.orders, bench.orders_plain, bench.rfm_days, bench.rfm_instants,
    bench.history_days, bench.history_instants;
