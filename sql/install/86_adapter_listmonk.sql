-- Adapter for listmonk.
--
-- All times are timestamptz.  Of what was sent there is a total for each
-- campaign and no list of recipients; views and clicks name their subscriber
-- only while individual tracking is on, which it is not by default.  So
-- campaign_event has one row for all that was sent, and recipient_id is NULL
-- where nobody can know who it was.

CREATE FUNCTION crm_adapter_listmonk_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 40
BEGIN ATOMIC
    SELECT r.entity, r.table_name, c.column_name, r.releases
    FROM (VALUES
        ('customer', 'subscribers', 'id email name status created_at', NULL::text),
        ('campaign_event', 'campaigns', 'id name type sent started_at send_at created_at', NULL),
        ('campaign_event', 'campaign_lists', 'campaign_id list_id', NULL),
        ('campaign_event', 'campaign_views', 'campaign_id subscriber_id created_at', NULL),
        ('campaign_event', 'link_clicks', 'campaign_id subscriber_id created_at', NULL),
        ('campaign_event', 'bounces', 'campaign_id subscriber_id type created_at', '2.0 and later'),
        ('campaign_event', 'subscriber_lists', 'subscriber_id list_id status created_at updated_at', NULL),
        ('touchpoint', 'link_clicks', 'subscriber_id created_at', NULL)
    ) AS r (entity, table_name, column_names, releases),
    LATERAL string_to_table(r.column_names, ' ') AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_listmonk_columns() IS
    'the columns of listmonk that its adapter reads';

CREATE FUNCTION crm_adapter_listmonk(source_schema text)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY VALUES
    ('customer', format($query$
        SELECT s.id AS customer_id,
               s.created_at AS acquired_at,
               nullif(s.name, '') AS name,
               s.email,
               s.status AS segment
        FROM %1$I.subscribers AS s
        $query$, source_schema)),

    -- Opt-in mails are no campaign.  A soft bounce may be reported at every
    -- attempt, and counts once.  An unsubscription belongs to no campaign; it is
    -- put down to the last one that its list had received.
    ('campaign_event', format($query$
        WITH campaign AS (
            SELECT c.id, c.name, c.sent, coalesce(c.started_at, c.send_at, c.created_at) AS started_at
            FROM %1$I.campaigns AS c
            WHERE coalesce(c.type, 'regular') = 'regular' AND c.sent > 0
        ), happened AS (
            SELECT c.id AS campaign_id, c.started_at AS occurred_at, 'sent' AS event,
                   NULL::int AS subscriber_id, c.sent AS events
            FROM campaign AS c
            UNION ALL
            SELECT v.campaign_id, v.created_at, 'open', v.subscriber_id, NULL
            FROM %1$I.campaign_views AS v
            UNION ALL
            SELECT l.campaign_id, l.created_at, 'click', l.subscriber_id, NULL
            FROM %1$I.link_clicks AS l
            UNION ALL
            SELECT b.campaign_id, min(b.created_at), CASE WHEN b.type = 'complaint' THEN 'complaint' ELSE 'bounce' END,
                   b.subscriber_id, NULL
            FROM %1$I.bounces AS b
            GROUP BY b.campaign_id, b.subscriber_id, b.type = 'complaint'
            UNION ALL
            SELECT last.campaign_id, l.updated_at, 'unsubscribe', l.subscriber_id, NULL
            FROM %1$I.subscriber_lists AS l
            CROSS JOIN LATERAL (
                SELECT c.id AS campaign_id
                FROM %1$I.campaign_lists AS t
                JOIN campaign AS c ON c.id = t.campaign_id
                WHERE t.list_id = l.list_id AND c.started_at BETWEEN l.created_at AND l.updated_at
                ORDER BY c.started_at DESC, c.id DESC
                LIMIT 1
            ) AS last
            WHERE l.status = 'unsubscribed'
        )
        SELECT h.campaign_id, h.occurred_at, h.event,
               h.subscriber_id AS recipient_id,
               h.subscriber_id AS customer_id,
               c.name AS campaign,
               h.events
        FROM happened AS h
        JOIN campaign AS c ON c.id = h.campaign_id
        $query$, source_schema)),

    ('touchpoint', format($query$
        SELECT l.created_at AS occurred_at,
               'click' AS event,
               l.subscriber_id AS customer_id,
               'email' AS channel
        FROM %1$I.link_clicks AS l
        $query$, source_schema));
END
$$;
COMMENT ON FUNCTION crm_adapter_listmonk(text) IS
    'listmonk 2 to 5 (subscribers, what became of campaigns, clicks as touchpoints)';
