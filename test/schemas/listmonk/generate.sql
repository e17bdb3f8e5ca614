/*
 * generate.sql - fill the listmonk tables from facts that are written down
 *
 * listmonk_truth holds what happened: who is subscribed, which campaign went
 * to how many, and what every recipient did with it.  The tables of listmonk
 * are then filled as the application would do, with all that misleads: before
 * July 2025 individual tracking is off, so that views and clicks have no
 * subscriber and nobody can know how many people opened; people open twice; a
 * click comes without a view, because images are blocked; soft bounces and
 * complaints stand beside hard ones, a bounce may have no campaign, a campaign
 * that was cancelled reached a part of its list, a draft has been sent to no
 * one; unsubscriptions belong to no campaign.
 *
 * Every draw is a function of its key, so the data are always the same.
 */
CREATE SCHEMA listmonk_truth;

CREATE FUNCTION listmonk_truth.uniform(key text) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || substr(md5('listmonk ' || key), 1, 8))::bit(32)::bigint
		/ 4294967296.0::float8
$$;

CREATE TABLE listmonk_truth.subscriber (
	id				int PRIMARY KEY,
	email			text NOT NULL,
	joined_at		timestamptz NOT NULL,
	left_at			timestamptz,
	blocked			boolean NOT NULL
);

CREATE TABLE listmonk_truth.campaign (
	id			int PRIMARY KEY,
	name		text NOT NULL,
	status		text NOT NULL,
	sent_at		timestamptz,
	recipients	int NOT NULL,
	tracked		boolean NOT NULL
);

/* What each recipient of a campaign did; counts, and when first. */
CREATE TABLE listmonk_truth.delivery (
	campaign_id		int NOT NULL,
	subscriber_id	int NOT NULL,
	bounce			text,
	bounced_at		timestamptz,
	opens			int NOT NULL,
	opened_at		timestamptz,
	clicks			int NOT NULL,
	clicked_at		timestamptz,
	PRIMARY KEY (campaign_id, subscriber_id)
);

INSERT INTO listmonk_truth.subscriber
SELECT i, 'subscriber' || i || '@example.com', joined,
	CASE WHEN i % 50 <> 0 AND listmonk_truth.uniform('leaves ' || i) < 0.2
		 THEN joined + interval '24 hours' * (20 + floor(listmonk_truth.uniform('left ' || i) * 200)) END,
	i % 50 = 0
FROM generate_series(1, 400) i,
LATERAL (
	SELECT '2024-12-01 12:00+00'::timestamptz
		+ floor(listmonk_truth.uniform('joined ' || i) * 150) * interval '24 hours' AS joined
) j;

/* Every fortnight at 23:30 UTC, which is another day in most of the world. */
INSERT INTO listmonk_truth.campaign
SELECT i, 'Newsletter ' || i,
	CASE WHEN i > 24 THEN 'draft' WHEN i = 11 THEN 'cancelled' WHEN i = 24 THEN 'running' ELSE 'finished' END,
	CASE WHEN i <= 24 THEN '2025-01-17 23:30+00'::timestamptz + (i - 1) * interval '336 hours' END,
	0,
	i > 12
FROM generate_series(1, 26) i;

INSERT INTO listmonk_truth.delivery
SELECT c.id, s.id, b.bounce,
	CASE WHEN b.bounce IS NOT NULL THEN c.sent_at + interval '2 minutes' END,
	o.opens,
	CASE WHEN o.opens > 0 THEN c.sent_at + o.after END,
	o.clicks,
	CASE WHEN o.clicks > 0 THEN c.sent_at + o.after + interval '1 minute' END
FROM listmonk_truth.campaign c
JOIN listmonk_truth.subscriber s
	ON s.joined_at < c.sent_at AND (s.left_at IS NULL OR s.left_at > c.sent_at) AND NOT s.blocked,
LATERAL (SELECT c.id || ' ' || s.id AS key) k,
LATERAL (
	SELECT CASE WHEN listmonk_truth.uniform('bounce ' || k.key) < 0.02 THEN 'hard'
				WHEN listmonk_truth.uniform('bounce ' || k.key) < 0.05 THEN 'soft'
				WHEN listmonk_truth.uniform('bounce ' || k.key) < 0.055 THEN 'complaint' END AS bounce
) b,
LATERAL (
	SELECT CASE WHEN b.bounce IN ('hard', 'soft') THEN 0
				ELSE floor(4 * power(listmonk_truth.uniform('opens ' || k.key), 3))::int END AS opens,
		CASE WHEN b.bounce IN ('hard', 'soft') THEN 0
			 ELSE floor(3 * power(listmonk_truth.uniform('clicks ' || k.key), 6))::int END AS clicks,
		floor(60 + 400000 * power(listmonk_truth.uniform('after ' || k.key), 3)) * interval '1 second' AS after
) o
WHERE c.sent_at IS NOT NULL
	-- what was cancelled had reached one half, what is running two thirds
	AND CASE c.status WHEN 'cancelled' THEN s.id % 2 = 0 WHEN 'running' THEN s.id % 3 > 0 ELSE true END;

UPDATE listmonk_truth.campaign c
SET recipients = (SELECT count(*) FROM listmonk_truth.delivery d WHERE d.campaign_id = c.id);

/*
 * The application's tables
 */
INSERT INTO listmonk.settings (key, value) VALUES ('privacy.individual_tracking', 'true');

INSERT INTO listmonk.lists (uuid, name, type, optin)
VALUES (md5('list 1')::uuid, 'News', 'public', 'single'),
	   (md5('list 2')::uuid, 'Partners', 'private', 'double');

INSERT INTO listmonk.subscribers (id, uuid, email, name, status, created_at, updated_at)
SELECT id, md5('subscriber ' || id)::uuid, email, 'Subscriber ' || id,
	CASE WHEN blocked THEN 'blocklisted' ELSE 'enabled' END::listmonk.subscriber_status,
	joined_at, joined_at + interval '300 days'
FROM listmonk_truth.subscriber;

INSERT INTO listmonk.subscriber_lists (subscriber_id, list_id, status, created_at, updated_at)
SELECT id, 1,
	CASE WHEN left_at IS NOT NULL OR blocked THEN 'unsubscribed' ELSE 'confirmed' END::listmonk.subscription_status,
	joined_at, coalesce(left_at, joined_at)
FROM listmonk_truth.subscriber
UNION ALL
SELECT id, 2, 'unconfirmed', joined_at, joined_at
FROM listmonk_truth.subscriber
WHERE id % 4 = 0;

INSERT INTO listmonk.campaigns (id, uuid, name, subject, status, messenger, to_send, sent, send_at, started_at,
								created_at, updated_at)
SELECT id, md5('campaign ' || id)::uuid, name, name, status::listmonk.campaign_status, 'email',
	CASE status WHEN 'cancelled' THEN 2 * recipients WHEN 'running' THEN recipients + recipients / 2
				ELSE recipients END,
	recipients, NULL, sent_at, coalesce(sent_at, '2026-01-05 09:00+00') - interval '2 days',
	coalesce(sent_at, '2026-01-05 09:00+00') + interval '3 hours'
FROM listmonk_truth.campaign;

INSERT INTO listmonk.campaign_lists (campaign_id, list_id, list_name)
SELECT id, 1, 'News' FROM listmonk_truth.campaign;

INSERT INTO listmonk.links (uuid, url)
SELECT md5('link ' || i)::uuid, 'https://example.com/' || i FROM generate_series(1, 5) i;

INSERT INTO listmonk.campaign_views (campaign_id, subscriber_id, created_at)
SELECT c.id, CASE WHEN c.tracked THEN d.subscriber_id END, d.opened_at + (n - 1) * interval '7 hours'
FROM listmonk_truth.delivery d
JOIN listmonk_truth.campaign c ON c.id = d.campaign_id,
generate_series(1, d.opens) n
ORDER BY 3, 1, d.subscriber_id;

INSERT INTO listmonk.link_clicks (campaign_id, link_id, subscriber_id, created_at)
SELECT c.id, 1 + (d.subscriber_id + n) % 5, CASE WHEN c.tracked THEN d.subscriber_id END,
	d.clicked_at + (n - 1) * interval '1 minute'
FROM listmonk_truth.delivery d
JOIN listmonk_truth.campaign c ON c.id = d.campaign_id,
generate_series(1, d.clicks) n
ORDER BY 4, 1, d.subscriber_id;

INSERT INTO listmonk.bounces (subscriber_id, campaign_id, type, source, created_at)
SELECT subscriber_id, campaign_id, bounce::listmonk.bounce_type, 'ses', bounced_at
FROM listmonk_truth.delivery
WHERE bounce IS NOT NULL
UNION ALL
-- from a transactional mail: of no campaign
SELECT id, NULL, 'hard', 'api', joined_at + interval '5 days'
FROM listmonk_truth.subscriber
WHERE id % 60 = 0
-- a soft bounce is reported again when delivery is tried again
UNION ALL
SELECT subscriber_id, campaign_id, 'soft', 'ses', bounced_at + interval '1 hour'
FROM listmonk_truth.delivery
WHERE bounce = 'soft' AND subscriber_id % 2 = 0
ORDER BY 5, 2, 1;

ANALYZE listmonk.subscribers, listmonk.campaigns, listmonk.campaign_lists, listmonk.campaign_views, listmonk.link_clicks, listmonk.bounces, listmonk.subscriber_lists;
