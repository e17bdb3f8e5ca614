/*
 * email.sql - newsletters and what became of each message
 *
 * A campaign goes out every fourteen days to a quarter of the customers who
 * may be written to; an unsubscription or a hard bounce ends that.  How
 * likely a customer is to open is a trait of the customer.  Some mail clients
 * fetch every picture at once, which counts as an open (detail proxy), and
 * some hide pictures, so that there are clicks without any open.
 */

CREATE FUNCTION sample_crm.fill_email(lo date, hi date, seed int)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
	st bigint := stream(seed, 'email');
	st_trait bigint := stream(seed, 'email traits');
BEGIN
	INSERT INTO email_campaigns (id, name, subject, sent_at)
	SELECT 1 + i, 'newsletter ' || to_char(lo + 7 + 14 * i, 'YYYY-MM-DD'),
		   pick('{News from the shop, Only this week, We have something for you, Did you know?}',
				uniform(st_trait, i)),
		   (lo + 7 + 14 * i)::timestamptz + interval '9 hours'
	FROM generate_series(0, (hi - lo - 8) / 14) i
	WHERE lo + 7 + 14 * i < hi
	ORDER BY i;

	/* key: (customer * 2^16 + campaign) * 16 + draw */
	WITH drawn AS (
		SELECT c.id AS customer_id, k.id AS campaign_id, k.sent_at,
			   uniform(st_trait, c.id * 4 + 1000001) AS interest,
			   uniform(st_trait, c.id * 4 + 1000002) AS u_proxy,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 1) AS u_bounce,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 2) AS u_delivery,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 3) AS u_open,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 4) AS u_wait,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 5) AS u_click,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 6) AS u_read,
			   uniform(st, (c.id * 65536 + k.id) * 16 + 7) AS u_leave
		FROM customers c
		JOIN email_campaigns k ON k.sent_at > c.acquired_at
		WHERE c.email IS NOT NULL
		  AND c.email_opt_in IS NOT FALSE
		  AND uniform(st, (c.id * 65536 + k.id) * 16) < 0.25
		OFFSET 0
	), delivered AS (
		SELECT *,
			   CASE WHEN u_bounce > 0.02 THEN sent_at + seconds(1 + 40 * u_delivery) END AS delivered_at,
			   CASE WHEN u_bounce <= 0.02 THEN sent_at + seconds(1 + 4000 * u_delivery) END AS bounced_at
		FROM drawn
	), opened AS (
		SELECT *,
			   CASE WHEN u_open < 0.1 + 0.5 * interest
					THEN delivered_at + seconds(20 - 21600 * ln(u_wait)) END AS opened_at
		FROM delivered
		OFFSET 0
	), clicked AS (
		SELECT *,
			   CASE WHEN u_click < 0.18 THEN opened_at + seconds(2 - 60 * ln(u_read))
					WHEN u_click > 0.995 AND opened_at IS NULL
					THEN delivered_at + seconds(60 - 21600 * ln(u_read)) END AS clicked_at,
			   CASE WHEN u_leave < 0.01 THEN opened_at + seconds(10 - 120 * ln(u_read))
					WHEN u_leave > 0.999 THEN delivered_at + seconds(60 - 21600 * ln(u_read)) END AS left_at
		FROM opened
		OFFSET 0
	), stopped AS (
		SELECT *,
			   min(CASE WHEN u_bounce < 0.006 THEN bounced_at ELSE left_at END)
			   OVER (PARTITION BY customer_id) AS stop_at
		FROM clicked
	)
	INSERT INTO campaign_events (id, campaign_id, customer_id, occurred_at, event, detail)
	SELECT row_number() OVER (ORDER BY occurred_at, customer_id, campaign_id, step), campaign_id, customer_id,
		   occurred_at, event, detail
	FROM (SELECT s.campaign_id, s.customer_id, v.*
		  FROM stopped s
		  CROSS JOIN LATERAL
			  (VALUES (1, s.sent_at, 'sent', NULL),
					  (2, delivered_at, 'delivered', NULL),
					  (3, bounced_at, 'bounce', CASE WHEN u_bounce < 0.006 THEN 'hard' ELSE 'soft' END),
					  (4, CASE WHEN u_proxy < 0.15 THEN delivered_at + interval '2 seconds' END, 'open', 'proxy'),
					  (5, opened_at, 'open', NULL),
					  (6, CASE WHEN u_wait > 0.7 THEN opened_at + seconds(86400 * u_read) END, 'open', NULL),
					  (7, clicked_at, 'click', 'https://example.com/offer/' || campaign_id),
					  (8, CASE WHEN u_read > 0.8 THEN clicked_at + interval '40 seconds' END, 'click',
					   'https://example.com/'),
					  (9, left_at, 'unsubscribe', NULL))
			  v (step, occurred_at, event, detail)
		  WHERE s.sent_at <= coalesce(stop_at, s.sent_at)) e
	WHERE occurred_at < hi::timestamptz;
END
$$;
COMMENT ON FUNCTION sample_crm.fill_email(date, date, int) IS
	'part of generate(): e-mail campaigns, and deliveries, opens, clicks, bounces and unsubscriptions';
