/*
 * twenty/generate.sql - what ../truth.sql knows, as Twenty writes it down
 *
 * The variables "source" and "truth" name the schemas.  What a reader can trip
 * over, and does occur here:
 *
 *	- amounts are millionths, beside a code of the currency that may be missing
 *	  where there is no amount;
 *	- deleted companies, people, deals and activities are still there, with
 *	  "deletedAt";
 *	- no stage is lost: a lost deal stays where it was, or is deleted;
 *	- the history of stages is a difference among others in the activities of a
 *	  deal; the first stage is only known as what was before; one deal in
 *	  seventeen has no history, because it is older than that feature;
 *	- the close date is the day that was planned, also of a deal that is won;
 *	- a deal may know its contact and not the contact's company;
 *	- campaigns have counts and no recipients.
 */
CREATE SCHEMA :"truth";
CREATE TABLE :"truth".stage (ord, stage, probability) AS
	VALUES (1, 'NEW', 0.1), (2, 'SCREENING', 0.2), (3, 'MEETING', 0.4), (4, 'PROPOSAL', 0.7);
\set reopen 0
\ir ../truth.sql

BEGIN;
SET LOCAL search_path = :"source", :"truth";
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;

INSERT INTO "workspaceMember" ("id", "nameFirstName", "nameLastName")
	SELECT md5('owner ' || n)::uuid, 'owner', n::text FROM generate_series(1, 3) AS n;
INSERT INTO "company" ("id", "name", "accountOwnerId", "createdAt", "deletedAt")
	SELECT md5('company ' || id)::uuid, name, md5('owner ' || 1 + id % 3)::uuid, created_at, NULL FROM customer
	UNION ALL
	SELECT md5('gone ' || id)::uuid, name, NULL, created_at, created_at + interval '1 hour' FROM customer WHERE id % 9 = 0;
INSERT INTO "person" ("id", "nameFirstName", "emailsPrimaryEmail", "companyId", "createdAt")
	SELECT md5('person ' || id)::uuid, 'Contact of ' || name, email, md5('company ' || id)::uuid, created_at FROM customer;

-- a lost deal stays in the last stage it was in
CREATE TEMP VIEW stage_of AS
	SELECT DISTINCT ON (deal_id) deal_id, CASE stage WHEN 'won' THEN 'CUSTOMER' ELSE stage END AS stage, entered_at
	FROM deal_stage WHERE stage <> 'lost' ORDER BY deal_id, seq DESC;
INSERT INTO "opportunity" ("id", "name", "amountAmountMicros", "amountCurrencyCode", "closeDate", "stage", "companyId",
						   "pointOfContactId", "ownerId", "createdAt", "updatedAt", "deletedAt")
	SELECT md5('deal ' || d.id)::uuid, 'Deal ' || d.id, d.amount * 1000000, CASE WHEN d.amount IS NULL THEN '' ELSE 'EUR' END,
		   CASE WHEN d.id % 17 = 0 THEN d.closed_at ELSE d.expected_close + interval '12 hours' END,
		   s.stage::"opportunity_stage_enum", CASE WHEN d.id % 8 <> 0 THEN md5('company ' || d.customer_id)::uuid END,
		   md5('person ' || d.customer_id)::uuid, md5(d.owner)::uuid, d.created_at, hi - interval '1 minute', NULL
	FROM period, deal d JOIN stage_of s ON s.deal_id = d.id
	UNION ALL
	SELECT md5('gone deal ' || n)::uuid, 'Gone ' || n, 9000000000, 'EUR', NULL, 'CUSTOMER', md5('company ' || n)::uuid,
		   NULL, NULL, timestamptz '2025-02-02 00:00+00', timestamptz '2025-02-03 00:00+00', timestamptz '2025-02-03 00:00+00'
	FROM generate_series(1, 20) AS n;

INSERT INTO "timelineActivity" ("id", "happensAt", "name", "properties", "workspaceMemberId", "targetOpportunityId", "createdAt")
	SELECT md5('created ' || id)::uuid, created_at, 'opportunity.created', '{}', md5(owner)::uuid, md5('deal ' || id)::uuid, created_at
	FROM deal WHERE id % 17 <> 0
	UNION ALL
	SELECT md5('moved ' || deal_id || ' ' || seq)::uuid, entered_at, 'opportunity.updated',
		   jsonb_build_object('diff', jsonb_build_object('stage', jsonb_build_object('before', before, 'after', after))
				|| CASE seq % 3 WHEN 0 THEN '{"name": {"before": "", "after": "Deal"}}' ELSE '{}' END::jsonb),
		   md5('owner 1')::uuid, md5('deal ' || deal_id)::uuid, entered_at
	FROM (SELECT *, lag(stage) OVER (PARTITION BY deal_id ORDER BY seq) AS before, CASE stage WHEN 'won' THEN 'CUSTOMER' ELSE stage END AS after
		  FROM deal_stage) AS x
	WHERE seq > 1 AND stage <> 'lost' AND deal_id % 17 <> 0
	UNION ALL
	SELECT md5('named ' || id)::uuid, created_at + interval '1 second', 'opportunity.updated',
		   '{"diff": {"name": {"before": "", "after": "Deal"}}}', NULL, md5('deal ' || id)::uuid, created_at
	FROM deal WHERE id % 4 = 0
	UNION ALL
	SELECT md5('task ' || id)::uuid, created_at + interval '2 seconds', 'linked-task.updated', '{}', NULL, md5('deal ' || id)::uuid, created_at
	FROM deal WHERE id % 6 = 0;
INSERT INTO "timelineActivity" ("id", "happensAt", "name", "properties", "targetOpportunityId", "deletedAt")
	SELECT md5('undone ' || id)::uuid, created_at + interval '3 seconds', 'opportunity.updated',
		   '{"diff": {"stage": {"before": "CUSTOMER", "after": "NEW"}}}', md5('deal ' || id)::uuid, created_at + interval '4 seconds'
	FROM deal WHERE id % 5 = 0;

INSERT INTO "messageCampaign" ("id", "status", "sentAt", "sentCount", "deliveredCount", "failedCount", "bouncedCount", "complainedCount", "deletedAt")
	SELECT md5('campaign ' || campaign)::uuid, 'SENT'::"messageCampaign_status_enum", min(sent_at), count(*), count(*) FILTER (WHERE bounced_at IS NULL), 3,
		   count(bounced_at), 0, NULL::timestamptz
	FROM mail GROUP BY campaign
	UNION ALL SELECT md5('draft')::uuid, 'DRAFT', NULL, 0, 0, 0, 0, 0, NULL
	UNION ALL SELECT md5('gone')::uuid, 'SENT', '2025-01-01 00:00+00', 10, 10, 0, 0, 1, '2025-01-02 00:00+00';

DROP VIEW stage_of;
COMMIT;
