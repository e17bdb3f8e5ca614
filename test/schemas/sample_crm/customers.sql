/*
 * customers.sql - the calendar, the customers, the truth about them, and
 * what was spent on finding them
 *
 * A customer behaves as the models of customer lifetime value say.  From the
 * first order on: purchases are Poisson with a rate lambda that is gamma
 * distributed over customers (r, alpha), until the customer silently drops
 * out after an exponential time with a rate mu that is gamma distributed as
 * well (s, beta): Pareto/NBD (Schmittlein, Morrison and Colombo 1987).  Order
 * values are gamma (p, nu), and so are the rates nu over customers (q, gamma):
 * Gamma-Gamma (Fader, Hardie and Lee 2005).  All depend on the segment only.
 *
 * The seasons stretch the clock: purchases are Poisson in weeks that count
 * each day with the weight it has in the calendar.  Dropout runs in plain
 * weeks.
 *
 * The functions named fill_ are parts of generate(), which sets the search
 * path and the time zone they rely on.
 */

CREATE FUNCTION sample_crm.fill_calendar(lo date, hi date)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	/* both lists have mean 1; weekdays from Monday */
	months float8[] := '{0.85, 0.85, 0.95, 0.95, 1.00, 0.95, 0.85, 0.85, 1.00, 1.05, 1.25, 1.45}';
	weekdays float8[] := '{1.00, 0.95, 0.95, 1.00, 1.10, 1.05, 0.95}';
BEGIN
	INSERT INTO calendar (day, weight, elapsed)
	SELECT day, weight,
		   coalesce(sum(weight) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING
									  AND 1 PRECEDING), 0) / 7
	FROM (SELECT lo + i AS day,
				 months[extract(month FROM lo + i)::int]
				 * weekdays[extract(isodow FROM lo + i)::int] AS weight
		  FROM generate_series(0, hi - lo - 1) i) d;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_calendar(date, date) IS
	'part of generate(): the days from lo to before hi, and their weights';

CREATE FUNCTION sample_crm.fill_customers(n int, lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'customers');
	st_acquired bigint := stream(seed, 'acquired');
	st_lambda bigint := stream(seed, 'lambda');
	st_mu bigint := stream(seed, 'mu');
	st_nu bigint := stream(seed, 'nu');
	st_churn_a bigint := stream(seed, 'churn a');
	st_churn_b bigint := stream(seed, 'churn b');
	st_purchases bigint := stream(seed, 'purchases');
	total float8 := (SELECT elapsed + weight / 7 FROM calendar ORDER BY day DESC LIMIT 1);
	given text[] := '{Anna, Ben, Carla, Deniz, Emma, Felix, Grace, Hugo, Ines, Jonas, Kavya, Liam,
					  Maria, Noah, Olivia, Pablo, Quinn, Rosa, Samir, Tess, Uma, Victor, Wendy, Yusuf, Zoe}';
	family text[] := '{Adler, Bauer, Costa, Dubois, Evans, Fischer, Garcia, Huber, Iyer, Jones, Keller, Lopez,
					   Martin, Nowak, Olsen, Patel, Quist, Rossi, Silva, Taylor, Ueda, Vogel, Wang, Young, Ziegler}';
	firm text[] := '{Apex, Borealis, Cobalt, Delta, Ember, Fjord, Granite, Harbor, Indigo, Juniper, Krypton, Lumen}';
	trade text[] := '{Foods, Labs, Logistics, Media, Partners, Systems, Textiles, Tools}';
BEGIN
	/* OFFSET 0 keeps the planner from repeating a draw wherever it is used */
	WITH acquired AS (
		SELECT row_number() OVER (ORDER BY u, i) AS id, u * total AS pos
		FROM (SELECT i, uniform(st_acquired, i) AS u
			  FROM generate_series(1, n) i OFFSET 0) a
	), drawn AS (
		SELECT a.id, a.pos,
			   uniform(st, a.id * 32) AS u_segment,
			   uniform(st, a.id * 32 + 1) AS u_region,
			   uniform(st, a.id * 32 + 2) AS u_time,
			   uniform(st, a.id * 32 + 3) AS u_given,
			   uniform(st, a.id * 32 + 4) AS u_family,
			   uniform(st, a.id * 32 + 5) AS u_email,
			   uniform(st, a.id * 32 + 6) AS u_firm,
			   uniform(st, a.id * 32 + 7) AS u_trade,
			   uniform(st, a.id * 32 + 8) AS u_gap,
			   uniform(st, a.id * 32 + 9) AS u_country,
			   uniform(st, a.id * 32 + 10) AS u_birth,
			   uniform(st, a.id * 32 + 11) AS u_channel,
			   uniform(st, a.id * 32 + 12) AS u_opt_in,
			   uniform(st, a.id * 32 + 13) AS u_buyer,
			   uniform(st, a.id * 32 + 14) AS u_delay,
			   uniform(st, a.id * 32 + 15) AS u_wait,
			   uniform(st, a.id * 32 + 16) AS u_hour,
			   uniform(st, a.id * 32 + 17) AS u_life
		FROM acquired a
		OFFSET 0
	), placed AS (
		SELECT d.*, g.*, r.country, r.time_zone, r.currency,
			   moment(lo - 1 + width_bucket(d.pos, (SELECT array_agg(elapsed ORDER BY day) FROM calendar)),
					  time_of_day(d.u_time), r.time_zone) AS acquired_at,
			   pick(given, u_given) AS given_name,
			   pick(family, u_family) AS family_name
		FROM drawn d
		JOIN (SELECT s.*, coalesce(sum(share) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS segment_from,
					 CASE WHEN lead(share) OVER w IS NULL THEN 1 ELSE sum(share) OVER w END AS segment_to
			  FROM segments s WINDOW w AS (ORDER BY segment)) g
		  ON u_segment > segment_from AND u_segment <= segment_to
		JOIN (SELECT country, time_zone, currency, upto AS region_to,
					 coalesce(lag(upto) OVER (ORDER BY upto), 0) AS region_from
			  FROM regions) r
		  ON u_region > region_from AND u_region <= region_to
		OFFSET 0
	), started AS MATERIALIZED (
		/* a third of the first orders come at once, the others days later */
		SELECT p.*,
			   CASE WHEN u_buyer > buyers THEN NULL
					WHEN u_delay < 0.35 THEN acquired_at + seconds(60 + 3540 * u_wait)
					ELSE moment(acquired_at::date + 1 + floor(-10 * ln(u_wait))::int,
								time_of_day(u_hour), time_zone)
			   END AS first_at,
			   gamma(st_lambda, id, r, alpha) AS lambda,
			   gamma(st_mu, id, s, beta) AS mu,
			   gamma(st_nu, id, q, gamma) AS nu,
			   gamma(st_churn_a, id, churn_a, 1) AS g_a,
			   gamma(st_churn_b, id, churn_b, 1) AS g_b
		FROM placed p
	), ins AS (
		INSERT INTO customers (id, name, email, company, segment, country, time_zone, currency,
							   birth_year, acquired_at, acquisition_channel, email_opt_in)
		SELECT id, given_name || ' ' || family_name,
			   CASE WHEN u_email < 0.03 THEN NULL
					/* a shared address, one in capitals */
					WHEN u_email < 0.04 THEN lag(email) OVER (ORDER BY id)
					WHEN u_email < 0.05 THEN upper(email)
					ELSE email END,
			   company,
			   CASE WHEN u_gap > 0.02 THEN segment END,
			   CASE WHEN u_country > 0.01 THEN country END,
			   time_zone, currency,
			   CASE WHEN segment = 'consumer' AND u_birth > 0.4
					THEN extract(year FROM lo)::int - 18 - floor((u_birth - 0.4) * 100)::int END,
			   acquired_at,
			   CASE WHEN u_channel < 0.22 THEN 'paid_search'
					WHEN u_channel < 0.38 THEN 'social'
					WHEN u_channel < 0.46 THEN 'display'
					WHEN u_channel < 0.54 THEN 'affiliate'
					WHEN u_channel < 0.72 THEN 'organic_search'
					WHEN u_channel < 0.82 THEN 'referral'
					WHEN u_channel < 0.97 THEN 'direct' END,
			   CASE WHEN u_opt_in < 0.70 THEN true
					WHEN u_opt_in < 0.95 THEN false END
		FROM (SELECT s.*,
					 lower(given_name || '.' || family_name) || id || '@example.'
					 || pick('{com, net, org}', u_time) AS email,
					 CASE WHEN segment <> 'consumer'
						  THEN pick(firm, u_firm) || ' ' || pick(trade, u_trade) END AS company
			  FROM started s) e
		ORDER BY id
	), life AS (
		SELECT s.*,
			   CASE WHEN first_at < hi::timestamptz THEN first_at END AS first_order_at,
			   CASE WHEN first_at >= hi::timestamptz THEN NULL
					WHEN -ln(u_life) / mu > 5200 THEN 'infinity'
					ELSE first_at + seconds(604800 * (-ln(u_life) / mu)) END AS lifetime_end
		FROM started s
	), exposed AS (
		SELECT l.*,
			   CASE WHEN lifetime_end >= hi::timestamptz THEN total
					ELSE ce.elapsed + ce.weight / 7
						 * extract(epoch FROM lifetime_end - ce.day::timestamptz)::float8 / 86400 END
			   - (cf.elapsed + cf.weight / 7
				  * extract(epoch FROM first_order_at - cf.day::timestamptz)::float8 / 86400) AS exposure
		FROM life l
		LEFT JOIN calendar cf ON cf.day = first_order_at::date
		LEFT JOIN calendar ce ON ce.day = CASE WHEN lifetime_end < hi::timestamptz THEN lifetime_end::date END
		OFFSET 0
	)
	INSERT INTO truth (customer_id, segment, lambda, mu, mean_spend, first_order_at, lifetime_end,
					   exposure, repeat_purchases, churn_rate)
	SELECT id, segment, lambda, mu, p / nu, first_order_at, lifetime_end, exposure,
		   CASE WHEN exposure IS NOT NULL THEN poisson(st_purchases, id, lambda * exposure) END,
		   g_a / (g_a + g_b)
	FROM exposed
	ORDER BY id;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_customers(int, date, date, int) IS
	'part of generate(): n customers and their truth';

CREATE FUNCTION sample_crm.fill_marketing_spend(n int, lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'marketing spend');
	/* about 40 for each customer of a paid channel, half of all customers */
	daily float8 := 40.0 * 0.54 * greatest(n, 10) / (hi - lo);
BEGIN
	INSERT INTO marketing_spend (day, channel, amount, currency)
	SELECT day, channel, round((daily * share * weight * (0.8 + 0.4 * u_amount))::numeric, 2),
		   CASE WHEN channel = 'social' THEN 'USD' ELSE 'EUR' END
	FROM (SELECT c.*, ch.*,
				 uniform(st, (day - lo) * 64 + channel_no) AS u_amount,
				 uniform(st, (day - lo) * 64 + 32 + channel_no) AS u_missing
		  FROM calendar c,
			   (VALUES (1, 'paid_search', 0.45), (2, 'social', 0.30),
					   (3, 'display', 0.15), (4, 'affiliate', 0.10))
			   ch (channel_no, channel, share)
		  OFFSET 0) d
	WHERE u_missing > 0.01
	ORDER BY day, channel;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_marketing_spend(int, date, date, int) IS
	'part of generate(): daily spend on the paid channels';
