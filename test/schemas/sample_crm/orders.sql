/*
 * orders.sql - orders, refunds and their lines
 *
 * A purchase is what truth counts: the first order, and then as many repeat
 * purchases as were drawn, placed independently of each other on the seasonal
 * clock between the first order and dropout (which is what a Poisson process
 * looks like once its count is known).  Its value is the sum of p exponential
 * draws: gamma with the integer shape p.
 *
 * Then comes the dirt.  Some purchases are split into two orders of the same
 * day, half of those at the same second; the two add up to the value drawn,
 * so that the truth stays true by the day.  Some are vouchers of value zero,
 * some are refunded in full or in part, a few are in the other currency, and
 * guests order who have no account.
 */

CREATE FUNCTION sample_crm.fill_orders(n_customers int, lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'orders');
	st_guest bigint := stream(seed, 'guests');
	st_nu bigint := stream(seed, 'guest nu');
	st_line bigint := stream(seed, 'order lines');
	total float8 := (SELECT elapsed + weight / 7 FROM calendar ORDER BY day DESC LIMIT 1);
BEGIN
	/* key: (buyer * 2^20 + purchase number) * 16 + draw; draw 0 is the time */
	WITH timed AS (
		SELECT t.customer_id AS buyer, t.customer_id, NULL::text AS guest_email,
			   c.time_zone, c.currency, g.p, t.mean_spend / g.p AS scale, n AS purchase,
			   t.first_order_at, t.lifetime_end,
			   cf.elapsed + cf.weight / 7
			   * (extract(epoch FROM t.first_order_at - cf.day::timestamptz)::float8 / 86400)
			   + t.exposure * uniform(st, t.customer_id * 16777216 + n * 16) AS pos
		FROM truth t
		JOIN customers c ON c.id = t.customer_id
		JOIN segments g ON g.segment = t.segment
		JOIN calendar cf ON cf.day = t.first_order_at::date
		CROSS JOIN LATERAL generate_series(0, t.repeat_purchases) n
		UNION ALL
		SELECT n_customers + i, NULL,
			   CASE WHEN u_email > 0.3 THEN 'guest' || i || '@example.com' END,
			   r.time_zone, r.currency, g.p, 1 / gamma(st_nu, i, g.q, g.gamma), 1,
			   NULL, NULL, u_pos * total
		FROM (SELECT i, uniform(st_guest, i * 4) AS u_pos,
					 uniform(st_guest, i * 4 + 1) AS u_region,
					 uniform(st_guest, i * 4 + 2) AS u_email
			  FROM generate_series(1, n_customers::bigint * 2 / 5) i OFFSET 0) a
		JOIN (SELECT *, coalesce(lag(upto) OVER (ORDER BY upto), 0) AS above FROM regions) r
		  ON u_region > r.above AND u_region <= r.upto
		CROSS JOIN (SELECT * FROM segments WHERE segment = 'consumer') g
	), dated AS (
		SELECT *, lo - 1 + width_bucket(pos, (SELECT array_agg(elapsed ORDER BY day) FROM calendar)) AS day
		FROM timed
		OFFSET 0
	), drawn AS (
		SELECT d.*, least((pos - c.elapsed) / (c.weight / 7), 0.99999) AS part_of_day,
			   uniform(st, buyer * 16777216 + purchase * 16 + 1) AS u1,
			   uniform(st, buyer * 16777216 + purchase * 16 + 2) AS u2,
			   uniform(st, buyer * 16777216 + purchase * 16 + 3) AS u3,
			   uniform(st, buyer * 16777216 + purchase * 16 + 4) AS u4,
			   uniform(st, buyer * 16777216 + purchase * 16 + 5) AS u_split,
			   uniform(st, buyer * 16777216 + purchase * 16 + 6) AS u_gap,
			   uniform(st, buyer * 16777216 + purchase * 16 + 7) AS u_portion,
			   uniform(st, buyer * 16777216 + purchase * 16 + 8) AS u_odd,
			   uniform(st, buyer * 16777216 + purchase * 16 + 9) AS u_channel,
			   uniform(st, buyer * 16777216 + purchase * 16 + 10) AS u_refund,
			   uniform(st, buyer * 16777216 + purchase * 16 + 11) AS u_delay,
			   uniform(st, buyer * 16777216 + purchase * 16 + 12) AS u_part,
			   uniform(st, buyer * 16777216 + purchase * 16 + 13) AS u_coupon
		FROM dated d
		JOIN calendar c USING (day)
		OFFSET 0
	), valued AS (
		/*
		 * On the first and last day of a lifetime the clock itself says the
		 * hour, or an order could come before the first or after dropout.
		 */
		SELECT *,
			   CASE WHEN purchase = 0 THEN first_order_at
					WHEN day = first_order_at::date
					THEN greatest(day::timestamptz + seconds(86400 * part_of_day), first_order_at)
					WHEN lifetime_end < hi::timestamptz AND day = lifetime_end::date
					THEN least(day::timestamptz + seconds(86400 * part_of_day), lifetime_end)
					ELSE moment(day, time_of_day(part_of_day), time_zone) END AS at,
			   CASE WHEN u_odd < 0.004 THEN 0.00
					ELSE greatest(0.01, round((scale * -(ln(u1)
													 + CASE WHEN p > 1 THEN ln(u2) ELSE 0 END
													 + CASE WHEN p > 2 THEN ln(u3) ELSE 0 END
													 + CASE WHEN p > 3 THEN ln(u4) ELSE 0 END))::numeric, 2))
			   END AS value
		FROM drawn
		OFFSET 0
	), split AS (
		SELECT v.*, part,
			   CASE WHEN part = 0 OR u_gap < 0.5 OR later >= hi::timestamptz
					  OR (later AT TIME ZONE time_zone)::date <> (at AT TIME ZONE time_zone)::date
					  OR later::date <> at::date
					THEN at ELSE later END AS ordered_at,
			   CASE WHEN u_split > 0.04 OR value < 1 THEN value
					WHEN part = 1 THEN round(value * (0.1 + 0.4 * u_portion)::numeric, 2)
					ELSE value - round(value * (0.1 + 0.4 * u_portion)::numeric, 2) END AS amount
		FROM (SELECT *, at + seconds(60 + 7140 * (u_gap - 0.5)) AS later FROM valued OFFSET 0) v
		CROSS JOIN LATERAL generate_series(0, CASE WHEN u_split > 0.04 OR value < 1 THEN 0 ELSE 1 END) part
		OFFSET 0
	), booked AS (
		SELECT buyer, purchase, part, kind, customer_id, guest_email,
			   CASE kind WHEN 0 THEN ordered_at
						 ELSE ordered_at + seconds(3600 - 777600 * ln(u_delay)) END AS ordered_at,
			   CASE WHEN kind = 0 THEN amount
					WHEN u_part < 0.6 THEN -amount
					ELSE least(-0.01, -round(amount * (u_part - 0.5)::numeric, 2)) END AS amount,
			   CASE WHEN u_odd < 0.99 THEN currency
					WHEN currency = 'EUR' THEN 'USD' ELSE 'EUR' END AS currency,
			   CASE WHEN u_channel < 0.70 THEN 'web'
					WHEN u_channel < 0.90 THEN 'store' ELSE 'phone' END AS channel,
			   CASE WHEN kind = 0 AND u_coupon < 0.1
					THEN pick('{WELCOME10, SPRING, FRIENDS, THANKYOU}', u_coupon * 10) END AS coupon
		FROM split
		CROSS JOIN LATERAL generate_series(0, CASE WHEN u_refund < 0.06 AND part = 0 AND amount > 0
												   THEN 1 ELSE 0 END) kind
		OFFSET 0
	), numbered AS (
		SELECT *, row_number() OVER (ORDER BY ordered_at, buyer, purchase, part, kind) AS id
		FROM booked
		WHERE ordered_at < hi::timestamptz
	)
	INSERT INTO orders (id, customer_id, guest_email, ordered_at, amount, currency, channel, coupon, refund_of)
	SELECT o.id, o.customer_id, o.guest_email, o.ordered_at, o.amount, o.currency, o.channel, o.coupon,
		   CASE WHEN o.kind = 1
				THEN min(o.id) FILTER (WHERE o.kind = 0) OVER (PARTITION BY o.buyer, o.purchase, o.part) END
	FROM numbered o
	ORDER BY o.id;

	INSERT INTO order_lines (order_id, line_no, product, category, quantity, amount)
	SELECT id, line_no,
		   CASE WHEN amount < 0 THEN 'refund' ELSE category || ' ' || (1 + floor(9 * u_product * u_product))::int END,
		   CASE WHEN amount < 0 THEN 'refund' ELSE category END,
		   CASE WHEN amount < 0 THEN 0 WHEN u_quantity < 0.75 THEN 1 WHEN u_quantity < 0.93 THEN 2 ELSE 5 END,
		   round(amount * upto, 2) - round(amount * lag(upto, 1, 0.0) OVER (PARTITION BY id ORDER BY line_no), 2)
	FROM (SELECT *,
				 pick('{basics, basics, accessories, outdoor, home, gift card}', u_category) AS category,
				 CASE WHEN line_no = lines THEN 1.0
					  ELSE round(((line_no - 0.3 + 0.6 * u_upto) / lines)::numeric, 3) END AS upto
		  FROM (SELECT o.id, o.amount, o.lines, line_no,
					   uniform(st_line, o.id * 32 + line_no * 4) AS u_upto,
					   uniform(st_line, o.id * 32 + line_no * 4 + 1) AS u_product,
					   uniform(st_line, o.id * 32 + line_no * 4 + 2) AS u_category,
					   uniform(st_line, o.id * 32 + line_no * 4 + 3) AS u_quantity
				FROM (SELECT id, amount,
							 CASE WHEN amount <= 0 OR u_lines < 0.45 THEN 1
								  WHEN u_lines < 0.75 THEN 2
								  WHEN u_lines < 0.92 THEN 3 ELSE 4 END AS lines
					  FROM (SELECT id, amount, uniform(st_line, id * 32) AS u_lines
							FROM orders OFFSET 0) u) o
				CROSS JOIN LATERAL generate_series(1, o.lines) line_no
				OFFSET 0) d
		  OFFSET 0) l
	ORDER BY id, line_no;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_orders(int, date, date, int) IS
	'part of generate(): orders of customers and guests, refunds, order lines';
