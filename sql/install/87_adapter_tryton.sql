-- Tryton: leads, pipeline and its history, sales, subscriptions, complaints,
-- automated mailings.
--
-- What it absorbs:
--   * times are what the server's clock showed, in the option "server_time_zone";
--     a bare date begins at midnight of the option "time_zone";
--   * a customer is a party who was sold to, or is active and has a sale, a
--     subscription or a deal; parties merged into another are gone;
--   * a lead is an opportunity in state "lead", and a deal from when it first
--     leaves it; what was lost before that is a lost lead; what was cancelled is
--     none;
--   * stages are the states opportunity, converted, won and lost, from the table
--     of the history, which has a row for each version.  A deal without history
--     entered its state when it was made, or at its end date;
--   * a deal closed when it last came into the state it closed in, or else at its
--     end date;
--   * a sale's amount is without taxes and in its own currency: the one stored, or
--     where none is yet, that of its lines;
--   * recurring revenue of a month is that of the lines consumed periodically, as
--     they stand at its end, or today; a week is 12/52, a day 12/365 of a month.
--     bymonth, byweekday and the like of a recurrence are not looked at;
--   * a complaint is resolved when it was last written to, if it is done or
--     rejected: there is no other time;
--   * of opened and clicked mails only the fact is known: they happened when the
--     mail was sent.

CREATE FUNCTION crm_adapter_tryton(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 8
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    setting jsonb;
    clock text;
    time_zone text;
    moves text;
    deals text;
    owner constant text := $$
        LEFT JOIN %1$I.company_employee AS m ON m.id = d.employee
        LEFT JOIN %1$I.party_party AS w ON w.id = m.party$$;
    traded text[] := '{}';
BEGIN
    EXECUTE format('SELECT %I.crm_adapter_options($1, $2, $3)', extension_schema) INTO setting
        USING 'tryton', options, jsonb '{"server_time_zone": "UTC", "time_zone": "UTC"}';
    clock := setting ->> 'server_time_zone';
    time_zone := setting ->> 'time_zone';

    -- changes of the state; the time spent as a lead again is of the state before
    moves := format($$
        SELECT c.id, c.version, c.at, c.state
        FROM (SELECT b.*, lag(b.state) OVER (PARTITION BY b.id ORDER BY b.version) AS before
              FROM (SELECT h.id, h.__id AS version, coalesce(h.write_date, h.create_date) AS at, h.state,
                           lag(h.state) OVER (PARTITION BY h.id ORDER BY h.__id) AS before_it
                    FROM %1$I.sale_opportunity__history AS h
                    WHERE h.state IS NOT NULL) AS b
              WHERE b.state IS DISTINCT FROM b.before_it AND b.state NOT IN ('lead', 'cancelled')) AS c
        WHERE c.state IN ('won', 'lost') OR c.state IS DISTINCT FROM c.before$$, source_schema);
    deals := format($$
        SELECT o.*, CASE WHEN o.state IN ('won', 'lost') THEN o.state ELSE 'open' END AS status, v.id IS NOT NULL AS has_history,
               coalesce(v.opened_at, o.create_date) AT TIME ZONE %3$L AS opened_at,
               CASE WHEN o.state IN ('won', 'lost')
                    THEN coalesce(v.closed_at AT TIME ZONE %3$L, o.end_date::timestamp AT TIME ZONE %4$L) END AS closed_at
        FROM %1$I.sale_opportunity AS o
        LEFT JOIN (SELECT m.id, min(m.at) FILTER (WHERE m.state <> 'lost') AS opened_at,
                          max(m.at) FILTER (WHERE m.state IN ('won', 'lost')) AS closed_at
                   FROM (%2$s) AS m GROUP BY m.id) AS v ON v.id = o.id
        WHERE o.state NOT IN ('lead', 'cancelled') AND (v.id IS NULL OR v.opened_at IS NOT NULL)$$,
        source_schema, moves, clock, time_zone);

    -- modules that may be there, with those whose parties are customers
    IF to_regclass(format('%I.sale_sale', source_schema)) IS NOT NULL THEN
        traded := traded || format($$SELECT t.party, t.state IN ('confirmed', 'processing', 'done') AS sold
            FROM %I.sale_sale AS t$$, source_schema);
    END IF;
    IF to_regclass(format('%I.sale_subscription', source_schema)) IS NOT NULL THEN
        traded := traded || format($$SELECT t.party, t.state IN ('running', 'closed') AS sold
            FROM %I.sale_subscription AS t$$, source_schema);
    END IF;
    IF to_regclass(format('%I.sale_opportunity', source_schema)) IS NOT NULL THEN
        traded := traded || format($$SELECT t.party, t.state = 'won' AS sold
            FROM %I.sale_opportunity AS t WHERE t.state NOT IN ('lead', 'cancelled')$$, source_schema);
    END IF;

    RETURN QUERY SELECT 'customer', format($$
        SELECT p.id AS customer_id, coalesce(p.create_date, p.write_date) AT TIME ZONE %2$L AS acquired_at, p.name, e.value AS email
        FROM %1$I.party_party AS p
        %3$s
        LEFT JOIN LATERAL (
            SELECT c.value FROM %1$I.party_contact_mechanism AS c
            WHERE c.party = p.id AND c.type = 'email' AND c.active
            ORDER BY c.sequence NULLS LAST, c.id LIMIT 1) AS e ON true
        WHERE p.replaced_by IS NULL %4$s$$, source_schema, clock,
        CASE WHEN traded <> '{}' THEN format($$JOIN (SELECT t.party, bool_or(t.sold) AS sold FROM (%s) AS t GROUP BY t.party) AS t
              ON t.party = p.id$$, array_to_string(traded, E'\n            UNION ALL ')) END,
        CASE WHEN traded <> '{}' THEN 'AND (t.sold OR p.active)' ELSE 'AND p.active' END);

    RETURN QUERY SELECT 'lead', format($$
        SELECT d.id AS lead_id, d.create_date AT TIME ZONE %3$L AS created_at,
               CASE WHEN d.state = 'lead' THEN 'open' WHEN x.id IS NOT NULL THEN 'converted' ELSE 'lost' END AS status,
               x.opened_at AS converted_at, CASE WHEN x.id IS NOT NULL THEN d.party END AS customer_id, w.name AS owner
        FROM %1$I.sale_opportunity AS d
        LEFT JOIN (%2$s) AS x ON x.id = d.id%4$s
        WHERE d.state <> 'cancelled' AND d.create_date IS NOT NULL
          AND (d.state = 'lead' OR EXISTS (SELECT FROM %1$I.sale_opportunity__history AS h WHERE h.id = d.id AND h.state = 'lead'))$$,
        source_schema, deals, clock, format(owner, source_schema));

    RETURN QUERY SELECT 'opportunity', format($$
        SELECT d.id AS opportunity_id, d.opened_at AS created_at, d.status, d.closed_at, d.amount, k.code AS currency,
               d.conversion_probability AS probability, d.state AS stage, CASE WHEN d.status = 'open' THEN d.end_date END AS expected_close,
               d.party AS customer_id,
               CASE WHEN EXISTS (SELECT FROM %1$I.sale_opportunity__history AS h WHERE h.id = d.id AND h.state = 'lead') THEN d.id END AS lead_id,
               w.name AS owner, CASE d.status WHEN 'lost' THEN d.lost_reason END AS lost_reason,
               coalesce(nullif(d.description, ''), d.number) AS name
        FROM (%2$s) AS d
        JOIN %1$I.company_company AS c ON c.id = d.company
        JOIN %1$I.currency_currency AS k ON k.id = c.currency%3$s$$, source_schema, deals, format(owner, source_schema));

    RETURN QUERY SELECT 'stage_change', format($$
        WITH deals AS (%1$s
        )
        SELECT x.id AS opportunity_id, x.state AS stage, x.at AS entered_at,
               array_position('{opportunity,converted,won}', x.state) AS stage_position,
               CASE WHEN x.state IN ('won', 'lost') THEN x.state ELSE 'open' END AS status
        FROM (SELECT m.id, m.state::text, m.at AT TIME ZONE %3$L AS at FROM (%2$s) AS m JOIN deals AS d ON d.id = m.id
              UNION ALL
              SELECT d.id, d.state, coalesce(d.closed_at, d.opened_at) FROM deals AS d WHERE NOT d.has_history) AS x$$,
        deals, moves, clock);

    RETURN QUERY SELECT 'order', format($$
        SELECT s.id AS order_id, s.sale_date::timestamp AT TIME ZONE %2$L AS ordered_at,
               coalesce(s.untaxed_amount_cache, l.amount) AS amount, k.code AS currency, s.party AS customer_id
        FROM %1$I.sale_sale AS s
        JOIN %1$I.currency_currency AS k ON k.id = s.currency
        LEFT JOIN (SELECT l.sale, sum(l.quantity::numeric * l.unit_price) AS amount FROM %1$I.sale_line AS l
                   WHERE l.type = 'line' GROUP BY l.sale) AS l ON l.sale = s.id
        WHERE s.state IN ('confirmed', 'processing', 'done') AND s.sale_date IS NOT NULL
          AND coalesce(s.untaxed_amount_cache, l.amount) IS NOT NULL$$, source_schema, time_zone);

    RETURN QUERY SELECT 'subscription_month', format($$
        SELECT s.party AS customer_id, n.month::date AS month,
               l.quantity::numeric * l.unit_price * f.times / (f.months * r.interval) AS mrr,
               k.code AS currency, s.id AS subscription_id, coalesce(nullif(l.description, ''), 'service ' || l.service) AS plan
        FROM %1$I.sale_subscription AS s
        JOIN %1$I.sale_subscription_line AS l ON l.subscription = s.id
        JOIN %1$I.sale_subscription_recurrence_rule AS r ON r.set_ = l.consumption_recurrence AND r.exclusive IS NOT TRUE
        JOIN (VALUES ('daily', 365, 12), ('weekly', 52, 12), ('monthly', 1, 1), ('yearly', 1, 12)) AS f (freq, times, months) ON f.freq = r.freq
        JOIN %1$I.currency_currency AS k ON k.id = s.currency
        CROSS JOIN LATERAL generate_series(date_trunc('month', l.start_date::timestamp),
                                           least(l.end_date, s.end_date, current_date)::timestamp, interval '1 month') AS n (month)
        CROSS JOIN LATERAL (SELECT least((n.month + interval '1 month')::date - 1, current_date) AS day) AS seen
        WHERE s.state IN ('running', 'closed') AND l.start_date <= seen.day AND coalesce(least(l.end_date, s.end_date) >= seen.day, true)
          AND l.quantity * l.unit_price::float8 <> 0$$, source_schema);

    RETURN QUERY SELECT 'ticket', format($$
        SELECT d.id AS ticket_id, d.create_date AT TIME ZONE %2$L AS created_at,
               CASE WHEN d.state IN ('done', 'rejected') THEN d.write_date AT TIME ZONE %2$L END AS resolved_at,
               t.name AS team, w.name AS owner, d.customer AS customer_id
        FROM %1$I.sale_complaint AS d
        LEFT JOIN %1$I.sale_complaint_type AS t ON t.id = d.type%3$s
        WHERE d.state NOT IN ('draft', 'cancelled') AND d.create_date IS NOT NULL$$, source_schema, clock, format(owner, source_schema));

    RETURN QUERY SELECT 'campaign_event', format($$
        SELECT a.id AS campaign_id, x.at AT TIME ZONE %2$L AS occurred_at, e.event, coalesce(c.party, r.record) AS recipient_id,
               c.party AS customer_id, a.name AS campaign
        FROM %1$I.marketing_automation_record_activity AS x
        JOIN %1$I.marketing_automation_activity AS a ON a.id = x.activity AND a.action = 'send_email'
        JOIN %1$I.marketing_automation_record AS r ON r.id = x.record
        LEFT JOIN %3$s AS s ON r.record = 'sale.sale,' || s.id
        CROSS JOIN LATERAL (SELECT CASE WHEN r.record LIKE 'party.party,%%' THEN split_part(r.record, ',', 2)
                                        ELSE s.party::text END AS party) AS c
        CROSS JOIN LATERAL (VALUES ('sent', true), ('open', x.email_opened), ('click', x.email_clicked)) AS e (event, happened)
        WHERE x.state = 'done' AND x.at IS NOT NULL AND e.happened$$, source_schema, clock,
        CASE WHEN to_regclass(format('%I.sale_sale', source_schema)) IS NOT NULL THEN format('%I.sale_sale', source_schema)
             ELSE '(SELECT NULL::integer AS id, NULL::integer AS party WHERE false)' END);
END
$function$;
COMMENT ON FUNCTION crm_adapter_tryton(text, jsonb) IS
    'Tryton 6.0 to 7.0 (modules sale_opportunity, sale, sale_subscription, sale_complaint, marketing_automation)';

CREATE FUNCTION crm_adapter_tryton_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 100
BEGIN ATOMIC
    SELECT n.entity, n.table_name, c.column_name, NULL
    FROM (VALUES
        ('customer', 'party_party', '{id,name,active,create_date,write_date,replaced_by}'::text[]),
        ('customer', 'party_contact_mechanism', '{id,party,type,value,active,sequence}'),
        ('lead', 'sale_opportunity', '{id,state,create_date,end_date,party,employee}'),
        ('lead', 'sale_opportunity__history', '{id,__id,state,create_date,write_date}'),
        ('lead', 'company_employee', '{id,party}'),
        ('lead', 'party_party', '{id,name}'),
        ('opportunity', 'sale_opportunity', '{id,number,description,state,create_date,end_date,amount,conversion_probability,party,company,employee,lost_reason}'),
        ('opportunity', 'sale_opportunity__history', '{id,__id,state,create_date,write_date}'),
        ('opportunity', 'company_company', '{id,currency}'),
        ('opportunity', 'currency_currency', '{id,code}'),
        ('opportunity', 'company_employee', '{id,party}'),
        ('opportunity', 'party_party', '{id,name}'),
        ('stage_change', 'sale_opportunity', '{id,state,create_date,end_date}'),
        ('stage_change', 'sale_opportunity__history', '{id,__id,state,create_date,write_date}'),
        ('order', 'sale_sale', '{id,state,sale_date,untaxed_amount_cache,currency,party}'),
        ('order', 'sale_line', '{sale,type,quantity,unit_price}'),
        ('order', 'currency_currency', '{id,code}'),
        ('subscription_month', 'sale_subscription', '{id,state,party,currency,end_date}'),
        ('subscription_month', 'sale_subscription_line', '{subscription,service,description,quantity,unit_price,start_date,end_date,consumption_recurrence}'),
        ('subscription_month', 'sale_subscription_recurrence_rule', '{set_,freq,interval,exclusive}'),
        ('subscription_month', 'currency_currency', '{id,code}'),
        ('ticket', 'sale_complaint', '{id,state,create_date,write_date,customer,employee,type}'),
        ('ticket', 'sale_complaint_type', '{id,name}'),
        ('ticket', 'company_employee', '{id,party}'),
        ('ticket', 'party_party', '{id,name}'),
        ('campaign_event', 'marketing_automation_record_activity', '{record,activity,at,state,email_opened,email_clicked}'),
        ('campaign_event', 'marketing_automation_activity', '{id,name,action}'),
        ('campaign_event', 'marketing_automation_record', '{id,record}')
    ) AS n (entity, table_name, columns)
    CROSS JOIN unnest(n.columns) AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_tryton_columns() IS
    'the columns that the adapter for Tryton reads';
