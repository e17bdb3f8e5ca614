/*
 * subscriptions.sql - subscriptions and monthly recurring revenue
 *
 * A subscriber ends the subscription in any month with a probability of its
 * own, beta distributed over customers: the shifted-beta-geometric model of
 * Fader and Hardie (2007).  One in five of those who left comes back after
 * some months, once.  Seats come and go; some months are paused (a row with
 * no revenue) and some rows are missing, as they are in exports.
 */

CREATE FUNCTION sample_crm.fill_subscriptions(lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'subscriptions');
	st_month bigint := stream(seed, 'subscription months');
	/* the first month that begins within the period */
	month0 date := date_trunc('month', lo + interval '1 month' - interval '1 day');
BEGIN
	WITH drawn AS (
		SELECT t.customer_id, t.segment, t.churn_rate, c.acquired_at, c.currency, g.subscribers,
			   uniform(st, t.customer_id * 16) AS u_subscribe,
			   uniform(st, t.customer_id * 16 + 1) AS u_start,
			   uniform(st, t.customer_id * 16 + 2) AS u_length1,
			   uniform(st, t.customer_id * 16 + 3) AS u_return,
			   uniform(st, t.customer_id * 16 + 4) AS u_gap,
			   uniform(st, t.customer_id * 16 + 5) AS u_length2
		FROM truth t
		JOIN customers c ON c.id = t.customer_id
		JOIN segments g ON g.segment = t.segment
		OFFSET 0
	), first AS (
		/* months are counted from month0; 1e5 of them are for ever */
		SELECT *,
			   (extract(year FROM start_on) - extract(year FROM month0))::int * 12
			   + (extract(month FROM start_on) - extract(month FROM month0))::int + 1 AS start1,
			   ceil(least(1e5, ln(u_length1) / ln(1 - greatest(churn_rate, 1e-6))))::int AS length1,
			   ceil(least(1e5, ln(u_length2) / ln(1 - greatest(churn_rate, 1e-6))))::int AS length2
		FROM (SELECT *, acquired_at::date + floor(45 * u_start)::int AS start_on FROM drawn) d
		WHERE u_subscribe < subscribers
	), spell AS (
		SELECT f.customer_id, f.segment, f.currency, v.*
		FROM first f
		CROSS JOIN LATERAL
			(VALUES (1, start1, length1),
					(2, CASE WHEN u_return < 0.2 THEN start1 + length1 + 2 + floor(4 * u_gap)::int END, length2))
			v (spell, start, length)
	), dated AS (
		SELECT *, (month0 + start * interval '1 month')::date AS started_on,
			   (month0 + (start + length) * interval '1 month')::date AS ended_on
		FROM spell
	), numbered AS (
		SELECT *, row_number() OVER (ORDER BY started_on, customer_id) AS id
		FROM dated
		WHERE started_on < hi
	), ended AS (
		SELECT *,
			   uniform(st, customer_id * 16 + 6 + spell) AS u_notice,
			   uniform(st, customer_id * 16 + 8 + spell) AS u_reason
		FROM numbered
		OFFSET 0
	)
	INSERT INTO subscriptions (id, customer_id, plan, currency, started_on, cancelled_at, ended_on, cancel_reason)
	SELECT id, customer_id,
		   CASE segment WHEN 'consumer' THEN 'basic' WHEN 'small business' THEN 'team' ELSE 'business' END,
		   currency, started_on,
		   CASE WHEN ended_on < hi AND u_notice < 0.9
				THEN ended_on::timestamptz - seconds(86400 * 28 * u_notice) END,
		   CASE WHEN ended_on < hi THEN ended_on END,
		   CASE WHEN ended_on < hi AND u_reason < 0.6
				THEN pick('{too expensive, not used, missing feature, payment failed, moved on}', u_reason / 0.6) END
	FROM ended
	ORDER BY id;

	INSERT INTO subscription_months (customer_id, month, subscription_id, seats, mrr)
	SELECT customer_id, month, id, seats, seats * monthly_fee
	FROM (SELECT m.*,
				 CASE WHEN i > 0 AND u_gap < 0.01 THEN 0
					  ELSE greatest(1, first_seats
									+ sum(CASE WHEN i = 0 OR segment = 'consumer' AND u_step > 0.06 THEN 0
											   WHEN u_step < 0.06 THEN 1
											   WHEN u_step > 0.96 THEN -1 ELSE 0 END)
									  OVER (PARTITION BY id ORDER BY i)) END AS seats
		  FROM (SELECT s.id, s.customer_id, t.segment, g.monthly_fee, i,
					   (s.started_on + i * interval '1 month')::date AS month,
					   CASE t.segment WHEN 'consumer' THEN 1
									  ELSE 1 + floor(8 * uniform(st, s.customer_id * 16 + 11))::int END AS first_seats,
					   uniform(st_month, (s.id * 65536 + i) * 2) AS u_step,
					   uniform(st_month, (s.id * 65536 + i) * 2 + 1) AS u_gap
				FROM subscriptions s
				JOIN truth t ON t.customer_id = s.customer_id
				JOIN segments g ON g.segment = t.segment
				CROSS JOIN LATERAL
					generate_series(0, (SELECT count(*)::int - 1
										FROM generate_series(s.started_on::timestamp,
															 coalesce(s.ended_on, hi)::timestamp - interval '1 day',
															 interval '1 month'))) i
				OFFSET 0) m) r
	WHERE i = 0 OR u_gap < 0.01 OR u_gap > 0.02
	ORDER BY month, customer_id;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_subscriptions(date, date, int) IS
	'part of generate(): subscriptions, and their revenue by month';
