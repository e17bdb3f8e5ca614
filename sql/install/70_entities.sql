-- The canonical model: what KPI views are built from.
--
-- An entity is a view in a schema of the owner's choice, made by
-- crm_define_entity (71_entity_views.sql) or by an adapter (72_adapters.sql).
-- It has all columns of its contract, in order; the contract is below, as data
-- from which the documentation is made too.
--
-- Rules that hold for all of it:
--   * identifiers are text, whatever the source has;
--   * moments are timestamptz, days are date; a timestamp without time zone is
--     no moment until somebody says which zone it is in;
--   * money is numeric, in major units (euros, not cents), beside its currency;
--   * shares are fractions, 0 to 1;
--   * a required column is never NULL; an optional one may be NULL anywhere, and
--     a query that lacks it gives NULL everywhere.

CREATE FUNCTION crm_entities(
        OUT entity text, OUT ordinal integer, OUT description text,
        OUT key_columns text[], OUT time_column text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 11
BEGIN ATOMIC
    VALUES
        ('customer', 1, 'a person or company that buys, or might', '{customer_id}'::text[], 'acquired_at'),
        ('spend', 2, 'money spent on winning customers, a row a day and channel', '{day,channel}', 'day'),
        ('lead', 3, 'an enquiry that may become a customer', '{lead_id}', 'created_at'),
        ('opportunity', 4, 'a deal, as it stands now', '{opportunity_id}', 'created_at'),
        ('stage_change', 5, 'a deal that entered a stage of the pipeline', '{opportunity_id,stage,entered_at}', 'entered_at'),
        ('order', 6, 'a purchase that counts (confirmed, not cancelled), or with a negative amount a refund', '{order_id}', 'ordered_at'),
        ('subscription_month', 7, 'recurring revenue of a customer in a month; several rows of a month are summed, none is zero', '{customer_id,month}', 'month'),
        ('ticket', 8, 'a request for support, once however often it was reopened', '{ticket_id}', 'created_at'),
        ('survey_response', 9, 'a survey sent to somebody, answered or not', '{response_id}', 'responded_at'),
        ('campaign_event', 10, 'what became of a message of a campaign; opens and clicks may repeat', '{campaign_id,recipient_id,event,occurred_at}', 'occurred_at'),
        ('touchpoint', 11, 'a contact of a customer with the company: a visit, a click, a call', '{customer_id,visitor_id,occurred_at}', 'occurred_at');
END;
COMMENT ON FUNCTION crm_entities() IS
    'the entities of the canonical model: what one row is, what tells rows apart, and which column is its time';

CREATE FUNCTION crm_entity_columns(
        OUT entity text, OUT ordinal integer, OUT column_name text,
        OUT data_type regtype, OUT required boolean, OUT unit text,
        OUT meaning text, OUT allowed text[])
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 80
BEGIN ATOMIC
    SELECT c.entity, c.ordinal, c.column_name, c.data_type, c.required, c.unit, c.meaning, c.allowed
    FROM (VALUES
        ('customer', 1, 'customer_id', 'text'::regtype, true, NULL::text, 'identifier', NULL::text[]),
        ('customer', 2, 'acquired_at', 'timestamptz'::regtype, true, NULL, 'when the customer became known', NULL),
        ('customer', 3, 'name', 'text'::regtype, false, NULL, 'name', NULL),
        ('customer', 4, 'email', 'text'::regtype, false, NULL, 'e-mail address', NULL),
        ('customer', 5, 'company', 'text'::regtype, false, NULL, 'employer or parent company', NULL),
        ('customer', 6, 'segment', 'text'::regtype, false, NULL, 'the owner''s own classification', NULL),
        ('customer', 7, 'country', 'text'::regtype, false, NULL, 'country', NULL),
        ('customer', 8, 'channel', 'text'::regtype, false, NULL, 'channel that brought the customer, as in spend', NULL),
        ('customer', 9, 'owner', 'text'::regtype, false, NULL, 'who looks after the customer', NULL),

        ('spend', 1, 'day', 'date'::regtype, true, 'day', 'day the money was spent on', NULL),
        ('spend', 2, 'amount', 'numeric'::regtype, true, 'currency', 'money spent', NULL),
        ('spend', 3, 'currency', 'text'::regtype, true, 'ISO 4217', 'currency of the amount', NULL),
        ('spend', 4, 'channel', 'text'::regtype, false, NULL, 'channel', NULL),
        ('spend', 5, 'campaign_id', 'text'::regtype, false, NULL, 'campaign', NULL),

        ('lead', 1, 'lead_id', 'text'::regtype, true, NULL, 'identifier', NULL),
        ('lead', 2, 'created_at', 'timestamptz'::regtype, true, NULL, 'when the lead came in', NULL),
        ('lead', 3, 'status', 'text'::regtype, true, NULL, 'what became of it', '{open,converted,lost}'::text[]),
        ('lead', 4, 'first_contacted_at', 'timestamptz'::regtype, false, NULL, 'first call or message by a person; NULL if there was none', NULL),
        ('lead', 5, 'converted_at', 'timestamptz'::regtype, false, NULL, 'when it was converted; NULL if it was not', NULL),
        ('lead', 6, 'customer_id', 'text'::regtype, false, NULL, 'the customer it became', NULL),
        ('lead', 7, 'source', 'text'::regtype, false, NULL, 'channel it came through', NULL),
        ('lead', 8, 'owner', 'text'::regtype, false, NULL, 'who works on it', NULL),

        ('opportunity', 1, 'opportunity_id', 'text'::regtype, true, NULL, 'identifier', NULL),
        ('opportunity', 2, 'created_at', 'timestamptz'::regtype, true, NULL, 'when it was opened', NULL),
        ('opportunity', 3, 'status', 'text'::regtype, true, NULL, 'what became of it; a lost deal is not left out', '{open,won,lost}'),
        ('opportunity', 4, 'closed_at', 'timestamptz'::regtype, false, NULL, 'when it was last won or lost; NULL while open', NULL),
        ('opportunity', 5, 'amount', 'numeric'::regtype, false, 'currency', 'value; NULL where never set, not 0', NULL),
        ('opportunity', 6, 'currency', 'text'::regtype, false, 'ISO 4217', 'currency of the amount', NULL),
        ('opportunity', 7, 'probability', 'numeric'::regtype, false, 'fraction', 'probability of winning, 0 to 1', NULL),
        ('opportunity', 8, 'stage', 'text'::regtype, false, NULL, 'stage it is in', NULL),
        ('opportunity', 9, 'expected_close', 'date'::regtype, false, 'day', 'day by which it should close', NULL),
        ('opportunity', 10, 'customer_id', 'text'::regtype, false, NULL, 'the customer', NULL),
        ('opportunity', 11, 'lead_id', 'text'::regtype, false, NULL, 'the lead it came from', NULL),
        ('opportunity', 12, 'owner', 'text'::regtype, false, NULL, 'sales person', NULL),
        ('opportunity', 13, 'source', 'text'::regtype, false, NULL, 'channel it came through', NULL),
        ('opportunity', 14, 'lost_reason', 'text'::regtype, false, NULL, 'why it was lost', NULL),
        ('opportunity', 15, 'name', 'text'::regtype, false, NULL, 'title', NULL),

        ('stage_change', 1, 'opportunity_id', 'text'::regtype, true, NULL, 'the deal', NULL),
        ('stage_change', 2, 'stage', 'text'::regtype, true, NULL, 'stage entered; winning and losing are stages too', NULL),
        ('stage_change', 3, 'entered_at', 'timestamptz'::regtype, true, NULL, 'when', NULL),
        ('stage_change', 4, 'stage_position', 'numeric'::regtype, false, NULL, 'place of the stage in the pipeline: any rising numbers; NULL for lost', NULL),
        ('stage_change', 5, 'status', 'text'::regtype, false, NULL, 'what the stage makes of the deal; NULL is open', '{open,won,lost}'),

        ('order', 1, 'order_id', 'text'::regtype, true, NULL, 'identifier', NULL),
        ('order', 2, 'ordered_at', 'timestamptz'::regtype, true, NULL, 'when it was ordered, or refunded', NULL),
        ('order', 3, 'amount', 'numeric'::regtype, true, 'currency', 'value; negative for a refund', NULL),
        ('order', 4, 'currency', 'text'::regtype, true, 'ISO 4217', 'currency of the amount', NULL),
        ('order', 5, 'customer_id', 'text'::regtype, false, NULL, 'the customer; NULL for a guest', NULL),
        ('order', 6, 'channel', 'text'::regtype, false, NULL, 'where it was sold', NULL),

        ('subscription_month', 1, 'customer_id', 'text'::regtype, true, NULL, 'the customer', NULL),
        ('subscription_month', 2, 'month', 'date'::regtype, true, 'month', 'a day of the month, mostly the first', NULL),
        ('subscription_month', 3, 'mrr', 'numeric'::regtype, true, 'currency/month', 'recurring revenue of the month, a year''s price divided by 12', NULL),
        ('subscription_month', 4, 'currency', 'text'::regtype, true, 'ISO 4217', 'currency of the amount', NULL),
        ('subscription_month', 5, 'subscription_id', 'text'::regtype, false, NULL, 'the subscription; a change of plan is not another customer', NULL),
        ('subscription_month', 6, 'plan', 'text'::regtype, false, NULL, 'what is subscribed to', NULL),

        ('ticket', 1, 'ticket_id', 'text'::regtype, true, NULL, 'identifier', NULL),
        ('ticket', 2, 'created_at', 'timestamptz'::regtype, true, NULL, 'when it came in', NULL),
        ('ticket', 3, 'first_response_at', 'timestamptz'::regtype, false, NULL, 'first public answer by a person; NULL if there was none', NULL),
        ('ticket', 4, 'resolved_at', 'timestamptz'::regtype, false, NULL, 'when it was last solved; NULL while it is open, again or still', NULL),
        ('ticket', 5, 'first_resolved_at', 'timestamptz'::regtype, false, NULL, 'when it was first solved', NULL),
        ('ticket', 6, 'reopened', 'bigint'::regtype, false, 'count', 'how often it was opened again', NULL),
        ('ticket', 7, 'replies', 'bigint'::regtype, false, 'count', 'public answers by persons', NULL),
        ('ticket', 8, 'priority', 'text'::regtype, false, NULL, 'priority', NULL),
        ('ticket', 9, 'channel', 'text'::regtype, false, NULL, 'how it came in', NULL),
        ('ticket', 10, 'team', 'text'::regtype, false, NULL, 'team or queue', NULL),
        ('ticket', 11, 'owner', 'text'::regtype, false, NULL, 'who works on it', NULL),
        ('ticket', 12, 'customer_id', 'text'::regtype, false, NULL, 'the customer', NULL),
        ('ticket', 13, 'first_response_target', 'interval'::regtype, false, 'time', 'promised time to the first response; NULL takes the option of the views', NULL),
        ('ticket', 14, 'resolution_target', 'interval'::regtype, false, 'time', 'promised time to the resolution; NULL takes the option of the views', NULL),

        ('survey_response', 1, 'response_id', 'text'::regtype, true, NULL, 'identifier', NULL),
        ('survey_response', 2, 'survey', 'text'::regtype, true, NULL, 'kind of question, which says the scale of the score', '{nps,csat,ces}'),
        ('survey_response', 3, 'responded_at', 'timestamptz'::regtype, false, NULL, 'when it came back; NULL if it did not', NULL),
        ('survey_response', 4, 'score', 'numeric'::regtype, false, NULL, 'nps 0 to 10, csat 1 to 5, ces 1 to 7 with 7 the easiest; NULL without an answer', NULL),
        ('survey_response', 5, 'sent_at', 'timestamptz'::regtype, false, NULL, 'when it was sent', NULL),
        ('survey_response', 6, 'customer_id', 'text'::regtype, false, NULL, 'the customer; NULL if anonymous', NULL),
        ('survey_response', 7, 'ticket_id', 'text'::regtype, false, NULL, 'the ticket it was about', NULL),
        ('survey_response', 8, 'comment', 'text'::regtype, false, NULL, 'what the customer wrote', NULL),

        ('campaign_event', 1, 'campaign_id', 'text'::regtype, true, NULL, 'the campaign', NULL),
        ('campaign_event', 2, 'occurred_at', 'timestamptz'::regtype, true, NULL, 'when it happened', NULL),
        ('campaign_event', 3, 'event', 'text'::regtype, true, NULL, 'what happened', '{sent,delivered,bounce,open,click,unsubscribe,complaint}'),
        ('campaign_event', 4, 'recipient_id', 'text'::regtype, false, NULL, 'who got the message: subscriber or address; NULL where not tracked, and then nothing unique can be counted', NULL),
        ('campaign_event', 5, 'customer_id', 'text'::regtype, false, NULL, 'the customer, if the recipient is one', NULL),
        ('campaign_event', 6, 'campaign', 'text'::regtype, false, NULL, 'name of the campaign', NULL),
        ('campaign_event', 7, 'is_machine', 'boolean'::regtype, false, NULL, 'opened or clicked by a mail proxy or scanner, not by a person', NULL),
        ('campaign_event', 8, 'events', 'bigint'::regtype, false, 'count', 'how many events the row stands for where only totals are known; NULL is 1', NULL),

        ('touchpoint', 1, 'occurred_at', 'timestamptz'::regtype, true, NULL, 'when it happened', NULL),
        ('touchpoint', 2, 'event', 'text'::regtype, true, NULL, 'what happened: visit, call, meeting', NULL),
        ('touchpoint', 3, 'customer_id', 'text'::regtype, false, NULL, 'the customer; NULL where not known', NULL),
        ('touchpoint', 4, 'visitor_id', 'text'::regtype, false, NULL, 'browser, device or account', NULL),
        ('touchpoint', 5, 'channel', 'text'::regtype, false, NULL, 'channel that led to it', NULL),
        ('touchpoint', 6, 'is_touch', 'boolean'::regtype, false, NULL, 'whether its channel takes part in attribution; NULL is yes if there is a channel', NULL)
    ) AS c (entity, ordinal, column_name, data_type, required, unit, meaning, allowed);
END;
COMMENT ON FUNCTION crm_entity_columns() IS
    'the columns of the canonical model: type, whether required, unit, meaning, and which values are allowed';

CREATE FUNCTION crm_entity_columns(entity text,
        OUT ordinal integer, OUT column_name text,
        OUT data_type regtype, OUT required boolean, OUT unit text,
        OUT meaning text, OUT allowed text[])
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 8
BEGIN ATOMIC
    SELECT c.ordinal, c.column_name, c.data_type, c.required, c.unit, c.meaning, c.allowed
    FROM crm_entity_columns() AS c
    WHERE c.entity = crm_entity_columns.entity
    ORDER BY c.ordinal;
END;
COMMENT ON FUNCTION crm_entity_columns(text) IS
    'the columns of one entity, in order; no rows if there is no such entity';
