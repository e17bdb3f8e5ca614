/*
 * generate.sql - fill the Chatwoot tables from facts that are written down
 *
 * chatwoot_truth holds what happened, in a form that needs no knowledge of
 * Chatwoot: instants with their zone, one row a conversation with when it was
 * first answered by a person and when it was resolved for good.  The tables of
 * Chatwoot are then filled from it as the application would do, with all that
 * misleads: times without zone, private notes and bots that speak before a
 * person does, a resolve event for each resolve of a reopened conversation, bot
 * resolves beside them, conversations from the time before
 * first_reply_created_at existed, imported ones without events.  So the test can compute true numbers from
 * chatwoot_truth alone.
 *
 * Every draw is a function of its key, so the data are always the same.
 */
CREATE SCHEMA chatwoot_truth;

CREATE FUNCTION chatwoot_truth.uniform(key text) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || substr(md5('chatwoot ' || key), 1, 8))::bit(32)::bigint
		/ 4294967296.0::float8
$$;

CREATE TABLE chatwoot_truth.contact (
	id			int PRIMARY KEY,
	name		text NOT NULL,
	email		text,
	country		text,
	kind		text NOT NULL,
	created_at	timestamptz NOT NULL
);

/* What happened to a conversation; resolved_at is when it was closed for good. */
CREATE TABLE chatwoot_truth.conversation (
	id					int PRIMARY KEY,
	contact_id			int NOT NULL,
	inbox_id			int NOT NULL,
	priority			text,
	agent				int NOT NULL,
	opened_at			timestamptz NOT NULL,
	first_reply_at		timestamptz,
	replies				int NOT NULL,
	first_resolved_at	timestamptz,
	resolves			int NOT NULL,
	resolved_at			timestamptz,
	sla					text,
	imported			boolean NOT NULL
);

/* Asked once a survey was sent; answered_at and score are NULL without answer. */
CREATE TABLE chatwoot_truth.survey (
	conversation_id	int PRIMARY KEY,
	contact_id		int NOT NULL,
	asked_at		timestamptz NOT NULL,
	answered_at		timestamptz,
	score			int
);

/* Made in Berlin and New York, and a third of them around midnight UTC. */
INSERT INTO chatwoot_truth.contact
SELECT i,
	'Contact ' || i,
	CASE WHEN chatwoot_truth.uniform('mail ' || i) < 0.8
		 THEN 'contact' || i || '@example.com' END,
	(ARRAY['DE', 'US', 'FR', NULL])[1 + i % 4],
	(ARRAY['visitor', 'lead', 'customer'])[1 + i % 3],
	'2024-12-15 00:00+00'::timestamptz
		+ floor(chatwoot_truth.uniform('created ' || i) * 300) * interval '24 hours'
		+ CASE WHEN i % 3 = 0 THEN interval '23 hours 50 minutes'
			   ELSE floor(chatwoot_truth.uniform('time ' || i) * 86400) * interval '1 second' END
FROM generate_series(1, 300) i;

/*
 * Kinds of conversation by number: every 10th is never answered, every 7th was
 * reopened (and of these every other one is open again), every 13th is still
 * open, a few of those resolved once were imported.
 */
WITH drawn AS (
	SELECT i,
		1 + floor(chatwoot_truth.uniform('contact of ' || i) * 300)::int AS contact_id,
		1 + i % 3 AS inbox_id,
		(ARRAY['low', 'medium', 'high', 'urgent', NULL])[1 + i % 5] AS priority,
		1 + floor(chatwoot_truth.uniform('agent of ' || i) * 4)::int AS agent,
		floor(chatwoot_truth.uniform('opened ' || i) * 300) * interval '24 hours'
			+ CASE WHEN i % 4 = 0 THEN interval '23 hours 45 minutes'
				   ELSE floor(chatwoot_truth.uniform('at ' || i) * 86400) * interval '1 second' END
			AS after_start,
		floor(60 + 40000 * power(chatwoot_truth.uniform('reply ' || i), 3))
			* interval '1 second' AS reply_after,
		floor(300 + 400000 * power(chatwoot_truth.uniform('resolve ' || i), 2))
			* interval '1 second' AS resolve_after,
		floor(3600 + 900000 * chatwoot_truth.uniform('again ' || i))
			* interval '1 second' AS again_after
	FROM generate_series(1, 900) i
)
INSERT INTO chatwoot_truth.conversation
SELECT i, d.contact_id, d.inbox_id, d.priority, d.agent, t.opened_at, t.first_reply_at,
	CASE WHEN t.first_reply_at IS NULL THEN 0 WHEN i % 3 = 1 THEN 1 ELSE 2 END,
	CASE WHEN resolves > 0 THEN t.first_resolved_at END,
	resolves,
	CASE WHEN resolves = 0 OR (i % 7 = 0 AND i % 14 = 0) THEN NULL
		 WHEN i % 7 = 0 THEN t.first_resolved_at + d.again_after
		 ELSE t.first_resolved_at END,
	CASE WHEN d.inbox_id = 2 THEN 'gold' END,
	resolves = 1 AND i % 7 <> 0 AND i % 29 = 0
FROM drawn d
JOIN chatwoot_truth.contact c ON c.id = d.contact_id,
LATERAL (
	SELECT greatest(c.created_at, '2025-01-01 00:00+00'::timestamptz + d.after_start) AS opened_at
) o,
LATERAL (
	SELECT o.opened_at,
		CASE WHEN i % 10 <> 0 THEN o.opened_at + d.reply_after END AS first_reply_at,
		o.opened_at + d.reply_after + d.resolve_after AS first_resolved_at,
		CASE WHEN i % 13 = 0 THEN 0
			 WHEN i % 7 = 0 AND i % 14 <> 0 THEN 2
			 ELSE 1 END AS resolves
) t;

/* Two thirds of the resolved conversations were asked, half of those answered. */
INSERT INTO chatwoot_truth.survey
SELECT id, contact_id, first_resolved_at + interval '1 minute',
	CASE WHEN chatwoot_truth.uniform('answers ' || id) < 0.5
		 THEN first_resolved_at + interval '1 minute'
			+ floor(chatwoot_truth.uniform('answered ' || id) * 100000) * interval '1 second' END,
	CASE WHEN chatwoot_truth.uniform('answers ' || id) < 0.5
		 THEN 1 + floor(5 * sqrt(chatwoot_truth.uniform('score ' || id)))::int END
FROM chatwoot_truth.conversation
WHERE first_resolved_at IS NOT NULL AND id % 3 <> 0;

/*
 * The application's tables
 */
INSERT INTO chatwoot.accounts (name, created_at, updated_at)
VALUES ('Example Ltd', '2024-12-01', '2024-12-01');

INSERT INTO chatwoot.users (name, email, created_at, updated_at)
SELECT 'Agent ' || i, 'agent' || i || '@example.com', '2024-12-01', '2024-12-01'
FROM generate_series(1, 4) i;

INSERT INTO chatwoot.inboxes (channel_id, account_id, name, created_at, updated_at, channel_type,
							  working_hours_enabled, timezone, csat_survey_enabled)
VALUES
	(1, 1, 'Website', '2024-12-01', '2024-12-01', 'Channel::WebWidget', false, 'UTC', true),
	(1, 1, 'Mail', '2024-12-01', '2024-12-01', 'Channel::Email', true, 'Europe/Berlin', true),
	(1, 1, 'WhatsApp', '2024-12-01', '2024-12-01', 'Channel::Whatsapp', false, NULL, true);

INSERT INTO chatwoot.sla_policies (name, first_response_time_threshold, next_response_time_threshold,
								   account_id, created_at, updated_at, resolution_time_threshold)
VALUES ('gold', 4 * 3600, 8 * 3600, 1, '2024-12-01', '2024-12-01', 48 * 3600);

INSERT INTO chatwoot.contacts (id, name, email, account_id, created_at, updated_at,
							   country_code, contact_type, last_activity_at)
SELECT id, name, email, 1, created_at AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC',
	coalesce(country, ''),
	array_position(ARRAY['visitor', 'lead', 'customer'], kind) - 1,
	created_at AT TIME ZONE 'UTC'
FROM chatwoot_truth.contact;

/*
 * Open again is 0, a few of these and of the never resolved are pending or
 * snoozed.  Conversations before 2025-02 have no first_reply_created_at.
 */
INSERT INTO chatwoot.conversations (id, account_id, inbox_id, status, assignee_id, created_at,
									updated_at, contact_id, display_id, uuid, last_activity_at,
									first_reply_created_at, priority, sla_policy_id)
SELECT id, 1, inbox_id,
	CASE WHEN resolved_at IS NOT NULL THEN 1
		 ELSE (ARRAY[0, 2, 3])[1 + id % 3] END,
	agent, opened_at AT TIME ZONE 'UTC',
	-- touched long after it was resolved: updated_at is no resolution time
	(coalesce(resolved_at, opened_at) + interval '40 days') AT TIME ZONE 'UTC',
	contact_id, id, md5('conversation ' || id)::uuid,
	coalesce(resolved_at, opened_at + interval '40 days') AT TIME ZONE 'UTC',
	CASE WHEN opened_at >= '2025-02-01 00:00+00' THEN first_reply_at AT TIME ZONE 'UTC' END,
	array_position(ARRAY['low', 'medium', 'high', 'urgent'], priority) - 1,
	CASE WHEN sla IS NOT NULL THEN 1 END
FROM chatwoot_truth.conversation;

INSERT INTO chatwoot.messages (content, account_id, inbox_id, conversation_id, message_type, created_at,
							   updated_at, private, content_type, sender_type, sender_id)
SELECT m.content, 1, c.inbox_id, c.id, m.message_type, m.at AT TIME ZONE 'UTC', m.at AT TIME ZONE 'UTC',
	m.private, m.content_type, m.sender_type, m.sender_id
FROM chatwoot_truth.conversation c
LEFT JOIN chatwoot_truth.survey s ON s.conversation_id = c.id,
LATERAL (VALUES
	('Hello', 0, c.opened_at, false, 0, 'Contact', c.contact_id, true),
	('We have received your message', 3, c.opened_at + interval '1 second', false, 0, NULL, NULL, true),
	('What is it about?', 1, c.opened_at + interval '2 seconds', false, 0, 'AgentBot', 1, c.id % 2 = 0),
	('Have you read this?', 1, c.opened_at + interval '9 seconds', false, 0, 'Captain::Assistant', 1, c.id % 5 = 0),
	('Who takes this one?', 1, c.opened_at + interval '30 seconds', true, 0, 'User', 2, c.id % 4 < 2),
	('Agent has joined', 2, c.opened_at + interval '40 seconds', false, 0, 'User', c.agent, c.id % 4 < 2),
	('Good morning', 1, c.first_reply_at, false, 0, 'User', c.agent, c.first_reply_at IS NOT NULL),
	('One more thing', 0, c.first_reply_at + interval '3 minutes', false, 0, 'Contact', c.contact_id,
	 c.first_reply_at IS NOT NULL AND c.id % 3 = 0),
	('Done', 1, c.first_reply_at + interval '5 minutes', false, 0, 'User', c.agent, c.replies > 1),
	('Please rate us', 3, s.asked_at, false, 9, NULL, NULL, s.asked_at IS NOT NULL)
) AS m (content, message_type, at, private, content_type, sender_type, sender_id, happens)
WHERE m.happens
ORDER BY m.at, c.id;

/*
 * Resolve events: each resolve has one, and a second of the bot where no person
 * had answered.  Those of the first months, from before event_end_time existed,
 * have it NULL.  first_response counts from the bot's handoff.
 */
INSERT INTO chatwoot.reporting_events (name, value, account_id, inbox_id, user_id, conversation_id,
									   created_at, updated_at, value_in_business_hours,
									   event_start_time, event_end_time)
SELECT e.name, extract(epoch FROM e.until - e.since), 1, c.inbox_id, c.agent, c.id,
	e.until AT TIME ZONE 'UTC', e.until AT TIME ZONE 'UTC', 0,
	CASE WHEN c.opened_at >= '2025-02-01 00:00+00' THEN e.since AT TIME ZONE 'UTC' END,
	CASE WHEN c.opened_at >= '2025-02-01 00:00+00' THEN e.until AT TIME ZONE 'UTC' END
FROM chatwoot_truth.conversation c,
LATERAL (VALUES
	('conversation_bot_handoff', c.opened_at, c.opened_at + interval '20 seconds', c.id % 2 = 0),
	('first_response', c.opened_at + CASE WHEN c.id % 2 = 0 THEN interval '20 seconds' ELSE interval '0' END,
	 c.first_reply_at, c.first_reply_at IS NOT NULL),
	('reply_time', c.opened_at, c.first_reply_at, c.first_reply_at IS NOT NULL),
	('conversation_resolved', c.opened_at, c.first_resolved_at, c.first_resolved_at IS NOT NULL),
	('conversation_bot_resolved', c.opened_at, c.first_resolved_at + interval '1 hour',
	 c.first_resolved_at IS NOT NULL AND c.first_reply_at IS NULL),
	('conversation_opened', c.first_resolved_at, c.first_resolved_at + interval '30 minutes',
	 c.resolves > 1 OR (c.resolves = 1 AND c.resolved_at IS NULL)),
	('conversation_resolved', c.opened_at, c.resolved_at, c.resolves > 1)
) AS e (name, since, until, happens)
WHERE e.happens AND NOT c.imported
ORDER BY e.until, c.id;

INSERT INTO chatwoot.csat_survey_responses (account_id, conversation_id, message_id, rating, feedback_message,
											contact_id, assigned_agent_id, created_at, updated_at)
SELECT 1, s.conversation_id, m.id, s.score, NULL, s.contact_id, c.agent,
	s.answered_at AT TIME ZONE 'UTC', s.answered_at AT TIME ZONE 'UTC'
FROM chatwoot_truth.survey s
JOIN chatwoot_truth.conversation c ON c.id = s.conversation_id
JOIN chatwoot.messages m ON m.conversation_id = s.conversation_id AND m.content_type = 9
WHERE s.answered_at IS NOT NULL
ORDER BY s.conversation_id;

/*
 * Misses: an event for a late or missing first response, one or two for late
 * further responses, one for a late resolution.  The data are of 2026-01-31.
 */
INSERT INTO chatwoot.applied_slas (account_id, sla_policy_id, conversation_id, created_at, updated_at, sla_status)
SELECT 1, 1, id, opened_at AT TIME ZONE 'UTC', opened_at AT TIME ZONE 'UTC',
	CASE WHEN missed AND resolved_at IS NOT NULL THEN 2
		 WHEN missed THEN 3
		 WHEN resolved_at IS NOT NULL THEN 1
		 ELSE 0 END
FROM chatwoot_truth.conversation c,
LATERAL (
	SELECT coalesce(c.first_reply_at, '2026-01-31 00:00+00') > c.opened_at + interval '4 hours'
		OR coalesce(c.resolved_at, '2026-01-31 00:00+00') > c.opened_at + interval '48 hours' AS missed
) m
WHERE c.sla IS NOT NULL
ORDER BY id;

INSERT INTO chatwoot.sla_events (applied_sla_id, conversation_id, account_id, sla_policy_id, inbox_id, event_type,
								 created_at, updated_at)
SELECT a.id, c.id, 1, 1, c.inbox_id, e.event_type, e.at AT TIME ZONE 'UTC', e.at AT TIME ZONE 'UTC'
FROM chatwoot_truth.conversation c
JOIN chatwoot.applied_slas a ON a.conversation_id = c.id,
LATERAL (VALUES
	(0, c.opened_at + interval '4 hours',
	 coalesce(c.first_reply_at, '2026-01-31 00:00+00') > c.opened_at + interval '4 hours'),
	(1, c.opened_at + interval '30 hours', a.sla_status IN (2, 3) AND c.id % 2 = 0),
	(1, c.opened_at + interval '40 hours', a.sla_status IN (2, 3) AND c.id % 4 = 0),
	(2, c.opened_at + interval '48 hours',
	 coalesce(c.resolved_at, '2026-01-31 00:00+00') > c.opened_at + interval '48 hours')
) AS e (event_type, at, happens)
WHERE e.happens
ORDER BY c.id, e.at;

ANALYZE chatwoot.contacts, chatwoot.conversations, chatwoot.messages, chatwoot.reporting_events, chatwoot.inboxes, chatwoot.teams, chatwoot.users, chatwoot.sla_policies, chatwoot.csat_survey_responses;
