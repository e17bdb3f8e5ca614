/*
 * touchpoints.sql - web sessions and social interactions
 *
 * Four kinds of web sessions: those that end in an order of the shop, those
 * of customers who only look (more often while they are alive), those from
 * before the account was made (half of them recognised later), and those of
 * strangers.  A session is a burst: visit, product, product, cart, checkout,
 * purchase, as deep as it goes; some skip the cart.  Times are whole seconds,
 * so fast clicks tie.
 */

CREATE FUNCTION sample_crm.fill_touchpoints(n_customers int, lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'sessions');
	st_web bigint := stream(seed, 'web visits');
	st_early bigint := stream(seed, 'early visits');
	st_count bigint := stream(seed, 'web visit counts');
	st_stranger bigint := stream(seed, 'strangers');
	st_social bigint := stream(seed, 'social');
	total float8 := (SELECT elapsed + weight / 7 FROM calendar ORDER BY day DESC LIMIT 1);
	posts text[] := '{"Love my new order, thank you!", "Still waiting for my parcel, this is really bad service.",
					  "Anyone tried their subscription?", "Great quality, fair price.",
					  "Worst support ever!!!", "The new collection looks amazing :)", "Not sure it is worth the money.",
					  "Was an okay experience, nothing more.", "Super fast delivery, very happy."}';
BEGIN
	WITH session AS (
		/* kind 0: sessions that end in an order; depth 6 is all steps */
		SELECT 0 AS kind, o.id AS no, o.customer_id, o.id AS order_id, o.ordered_at AS at, NULL::text AS first_channel
		FROM orders o
		WHERE o.channel = 'web' AND o.refund_of IS NULL
		UNION ALL
		/* kind 1: customers who look around, at twice the rate while alive */
		SELECT 1, v.customer_id * 65536 + v.i, v.customer_id, NULL,
			   v.acquired_at + seconds(v.span * uniform(st_web, v.customer_id * 65536 + v.i)), NULL
		FROM (SELECT w.*, i
			  FROM (SELECT c.id AS customer_id, c.acquired_at, t.lambda,
						   extract(epoch FROM least(coalesce(t.lifetime_end, hi::timestamptz), hi::timestamptz)
								   - c.acquired_at)::float8 AS span
					FROM customers c
					JOIN truth t ON t.customer_id = c.id
					OFFSET 0) w
			  CROSS JOIN LATERAL
				  generate_series(1, least(65535, poisson(st_count, customer_id,
														  (0.02 + 0.3 * lambda) * span / 604800))) i) v
		UNION ALL
		/* kind 2: up to three visits in the month before the account was made */
		SELECT 2, c.id * 4 + i, c.id, NULL,
			   c.acquired_at - seconds(60 + 2592000 * power(uniform(st_early, c.id * 4 + i), 2)),
			   c.acquisition_channel
		FROM customers c
		CROSS JOIN LATERAL generate_series(1, floor(4 * uniform(st_early, c.id * 4))::int) i
		UNION ALL
		/* kind 3: strangers */
		SELECT 3, i, NULL, NULL,
			   moment(lo - 1 + width_bucket(uniform(st_stranger, i * 2) * total,
											(SELECT array_agg(elapsed ORDER BY day) FROM calendar)),
					  time_of_day(uniform(st_stranger, i * 2 + 1)), 'Europe/Berlin'),
			   NULL
		FROM generate_series(1, n_customers::bigint * 3 / 2) i
	), drawn AS (
		SELECT s.*,
			   uniform(st, (no * 4 + kind) * 16) AS u_depth,
			   uniform(st, (no * 4 + kind) * 16 + 1) AS u_pace,
			   uniform(st, (no * 4 + kind) * 16 + 2) AS u_skip,
			   uniform(st, (no * 4 + kind) * 16 + 3) AS u_channel,
			   uniform(st, (no * 4 + kind) * 16 + 4) AS u_known,
			   uniform(st, (no * 4 + kind) * 16 + 5) AS u_visitor
		FROM (SELECT * FROM session OFFSET 0) s
		OFFSET 0
	), shaped AS (
		/* pace: seconds from the first step to the last, from 2 to 30 minutes, a few much quicker */
		SELECT *,
			   CASE WHEN kind = 0 THEN 6
					WHEN u_depth < 0.45 THEN 1 WHEN u_depth < 0.65 THEN 2 WHEN u_depth < 0.80 THEN 3
					WHEN u_depth < 0.92 OR kind = 2 THEN 4 ELSE 5 END AS depth,
			   CASE WHEN u_pace < 0.03 THEN 3 ELSE 120 + 1680 * u_pace * u_pace END AS pace,
			   CASE WHEN u_channel < 0.04 THEN NULL
					WHEN first_channel IS NOT NULL THEN first_channel
					WHEN u_channel < 0.30 THEN 'direct'
					WHEN u_channel < 0.50 THEN 'organic_search'
					WHEN u_channel < 0.65 THEN 'paid_search'
					WHEN u_channel < 0.78 THEN 'social'
					WHEN u_channel < 0.92 THEN 'email'
					WHEN u_channel < 0.97 THEN 'referral' ELSE 'affiliate' END AS channel,
			   CASE WHEN customer_id IS NOT NULL
					THEN 'c' || customer_id || CASE WHEN u_visitor < 0.15 THEN 'm' ELSE '' END
					WHEN kind = 0 THEN 'g' || no
					ELSE 's' || 1 + floor(u_visitor * n_customers)::int END AS visitor_id,
			   CASE WHEN kind <> 2 OR u_known < 0.5 THEN customer_id END AS known_id
		FROM drawn
		OFFSET 0
	), touch AS (
		SELECT visitor_id, known_id AS customer_id,
			   at + CASE WHEN kind = 0 THEN -seconds(pace * (1 - w.share)) ELSE seconds(pace * w.share) END AS occurred_at,
			   channel, event, CASE WHEN event = 'purchase' THEN order_id END AS order_id, NULL::text AS body,
			   kind, no, step
		FROM shaped
		JOIN (VALUES (1, 'visit', 0.0::float8), (2, 'product', 0.15), (3, 'product', 0.3), (4, 'cart', 0.55),
					 (5, 'checkout', 0.8), (6, 'purchase', 1.0)) w (step, event, share)
		  ON w.step <= depth AND (w.step <> 4 OR u_skip > 0.05)
		UNION ALL
		SELECT visitor_id, c.id, least(greatest(s.at, c.acquired_at), hi::timestamptz - interval '1 second'), 'social', event,
			   NULL, CASE WHEN event IN ('comment', 'mention') THEN pick(posts, u_text) END, 4, i, 1
		FROM (SELECT i, 'f' || i % 997 AS visitor_id,
					 uniform(st_social, i * 8) AS u_customer,
					 1 + floor(n_customers * uniform(st_social, i * 8 + 1))::bigint AS customer_no,
					 moment(lo - 1 + width_bucket(uniform(st_social, i * 8 + 2) * total,
												  (SELECT array_agg(elapsed ORDER BY day) FROM calendar)),
							time_of_day(uniform(st_social, i * 8 + 3)), 'Europe/Berlin') AS at,
					 CASE WHEN uniform(st_social, i * 8 + 4) < 0.55 THEN 'like'
						  WHEN uniform(st_social, i * 8 + 4) < 0.70 THEN 'share'
						  WHEN uniform(st_social, i * 8 + 4) < 0.88 THEN 'comment' ELSE 'mention' END AS event,
					 uniform(st_social, i * 8 + 5) AS u_text
			  FROM generate_series(1, n_customers::bigint / 2) i
			  OFFSET 0) s
		LEFT JOIN customers c ON c.id = s.customer_no AND u_customer < 0.6
	)
	INSERT INTO touchpoints (id, visitor_id, customer_id, occurred_at, channel, event, order_id, body)
	SELECT row_number() OVER (ORDER BY occurred_at, kind, no, step), visitor_id, customer_id, occurred_at,
		   channel, event, order_id, body
	FROM touch
	WHERE occurred_at >= lo::timestamptz AND occurred_at < hi::timestamptz;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_touchpoints(int, date, date, int) IS
	'part of generate(): web sessions and social interactions';
