-- Adapter for Chatwoot.
--
-- Chatwoot runs on Rails: timestamp without time zone in UTC, enums as integers,
-- no soft deletion.  A conversation is a ticket, once however often it was
-- resolved: there is no column for that, so the resolve events give the first
-- and the last one, and one that is open again has none.

CREATE FUNCTION crm_adapter_chatwoot_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 60
BEGIN ATOMIC
    SELECT r.entity, r.table_name, c.column_name, NULL::text
    FROM (VALUES
        ('customer', 'contacts', 'id account_id name email country_code contact_type additional_attributes created_at'),
        ('ticket', 'conversations', 'id account_id inbox_id status assignee_id team_id contact_id priority sla_policy_id created_at first_reply_created_at last_activity_at'),
        ('ticket', 'messages', 'account_id conversation_id message_type private sender_type created_at'),
        ('ticket', 'reporting_events', 'name conversation_id event_end_time created_at'),
        ('ticket', 'inboxes', 'id channel_type'),
        ('ticket', 'teams', 'id name'),
        ('ticket', 'users', 'id name'),
        ('ticket', 'sla_policies', 'id first_response_time_threshold resolution_time_threshold'),
        ('survey_response', 'csat_survey_responses', 'account_id conversation_id message_id contact_id rating feedback_message created_at'),
        ('survey_response', 'messages', 'id account_id conversation_id content_type created_at'),
        ('survey_response', 'conversations', 'id contact_id')
    ) AS r (entity, table_name, column_names),
    LATERAL string_to_table(r.column_names, ' ') AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_chatwoot_columns() IS
    'the columns of Chatwoot that its adapter reads';

CREATE FUNCTION crm_adapter_chatwoot(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
    account text;
BEGIN
    SELECT min(k) INTO unknown FROM jsonb_object_keys(options) AS k WHERE k <> 'account';
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'adapter "chatwoot" has no option "%"', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'It has the option "account", the id of an account.';
    END IF;
    account := options ->> 'account';
    IF account !~ '^[0-9]{1,9}$' THEN
        RAISE EXCEPTION 'option "account" must be the id of an account, not "%"', account
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    RETURN QUERY VALUES
    ('customer', format($query$
        SELECT c.id AS customer_id,
               c.created_at AT TIME ZONE 'UTC' AS acquired_at,
               nullif(c.name, '') AS name,
               nullif(c.email, '') AS email,
               nullif(c.additional_attributes ->> 'company_name', '') AS company,
               CASE c.contact_type WHEN 0 THEN 'visitor' WHEN 1 THEN 'lead' WHEN 2 THEN 'customer' END AS segment,
               nullif(c.country_code, '') AS country
        FROM %1$I.contacts AS c
        WHERE %2$s
        $query$, source_schema, coalesce('c.account_id = ' || account, 'true'))),

    -- message_type 1 is outgoing: a person's answer is neither an internal note
    -- nor a bot's.  first_reply_created_at is just that, but younger than some
    -- conversations.  A resolve that has left no event is dated by the last
    -- activity, which is the note of the resolve itself.
    ('ticket', format($query$
        SELECT c.id AS ticket_id,
               c.created_at AT TIME ZONE 'UTC' AS created_at,
               coalesce(c.first_reply_created_at,
                        (SELECT min(m.created_at) FROM %1$I.messages AS m
                         WHERE m.conversation_id = c.id AND m.account_id = c.account_id
                           AND m.message_type = 1 AND NOT m.private AND m.sender_type = 'User'))
                   AT TIME ZONE 'UTC' AS first_response_at,
               CASE WHEN c.status = 1 THEN coalesce(r.last_at, c.last_activity_at) END
                   AT TIME ZONE 'UTC' AS resolved_at,
               coalesce(r.first_at, CASE WHEN c.status = 1 THEN c.last_activity_at END)
                   AT TIME ZONE 'UTC' AS first_resolved_at,
               CASE WHEN r.resolves IS NULL THEN 0
                    WHEN c.status = 1 THEN r.resolves - 1
                    ELSE r.resolves END AS reopened,
               (SELECT count(*) FROM %1$I.messages AS m
                WHERE m.conversation_id = c.id AND m.account_id = c.account_id
                  AND m.message_type = 1 AND NOT m.private AND m.sender_type = 'User') AS replies,
               CASE c.priority WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' WHEN 3 THEN 'urgent' END
                   AS priority,
               regexp_replace(i.channel_type, '^Channel::', '') AS channel,
               t.name AS team,
               u.name AS owner,
               c.contact_id AS customer_id,
               make_interval(secs => nullif(p.first_response_time_threshold, 0)) AS first_response_target,
               make_interval(secs => nullif(p.resolution_time_threshold, 0)) AS resolution_target
        FROM %1$I.conversations AS c
        LEFT JOIN (
            SELECT e.conversation_id, count(*) AS resolves,
                   min(coalesce(e.event_end_time, e.created_at)) AS first_at,
                   max(coalesce(e.event_end_time, e.created_at)) AS last_at
            FROM %1$I.reporting_events AS e
            WHERE e.name = 'conversation_resolved'
            GROUP BY e.conversation_id
        ) AS r ON r.conversation_id = c.id
        LEFT JOIN %1$I.inboxes AS i ON i.id = c.inbox_id
        LEFT JOIN %1$I.teams AS t ON t.id = c.team_id
        LEFT JOIN %1$I.users AS u ON u.id = c.assignee_id
        LEFT JOIN %1$I.sla_policies AS p ON p.id = c.sla_policy_id
        WHERE %2$s
        $query$, source_schema, coalesce('c.account_id = ' || account, 'true'))),

    -- content_type 9 is the question; an answer points to its message, which
    -- may be gone.
    ('survey_response', format($query$
        SELECT coalesce(m.id, r.message_id) AS response_id,
               'csat' AS survey,
               r.created_at AT TIME ZONE 'UTC' AS responded_at,
               r.rating AS score,
               m.created_at AT TIME ZONE 'UTC' AS sent_at,
               coalesce(r.contact_id, c.contact_id) AS customer_id,
               coalesce(r.conversation_id, m.conversation_id) AS ticket_id,
               nullif(r.feedback_message, '') AS comment
        FROM (SELECT q.id, q.account_id, q.conversation_id, q.created_at
              FROM %1$I.messages AS q WHERE q.content_type = 9) AS m
        FULL JOIN %1$I.csat_survey_responses AS r ON r.message_id = m.id
        LEFT JOIN %1$I.conversations AS c ON c.id = coalesce(r.conversation_id, m.conversation_id)
        WHERE %2$s
        $query$, source_schema, coalesce('coalesce(r.account_id, m.account_id) = ' || account, 'true')));
END
$$;
COMMENT ON FUNCTION crm_adapter_chatwoot(text, jsonb) IS
    'Chatwoot 4, schema of 2025 (customers, tickets with targets, satisfaction surveys); option "account" takes one account of several';
