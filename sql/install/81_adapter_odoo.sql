-- Odoo: leads, pipeline, orders, mailings, ratings and surveys.
--
-- What it absorbs:
--   * date-times are UTC without time zone; a bare date begins at midnight of the
--     option "time_zone";
--   * a customer is a commercial partner (a contact belongs to its company) who
--     has been sold to, or is active and has a customer rank, a quotation or an
--     opportunity;
--   * leads and opportunities share a table, and a lead that is converted stays
--     the same row: its opportunity begins at date_conversion;
--   * lost is archived with a probability of 0, and stays in; archived otherwise,
--     unless won, is gone;
--   * an expected revenue of 0 was never set; probabilities are 0 to 100;
--   * the history of stages is tracked by messages, from the second stage on;
--     being lost is none of the stages and becomes one, "Lost";
--   * amounts of orders are without taxes and in the company's currency; posted
--     credit notes are refunds;
--   * names are jsonb by language (option "language") or, in some columns and
--     releases, text;
--   * a mail's last status has overwritten the earlier ones; a reply or a click
--     implies that it was opened; text messages are none;
--   * a rating of 0 was never given; surveys with a scale of 0 to 10 are NPS.

CREATE FUNCTION crm_adapter_odoo(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 8
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    setting jsonb;
    language text;
    time_zone text;
    -- a translated name: jsonb by language, or text
    translated constant text := $$CASE jsonb_typeof(to_jsonb(%1$s))
            WHEN 'object' THEN coalesce(to_jsonb(%1$s) ->> %2$L, to_jsonb(%1$s) ->> 'en_US',
                                        (SELECT min(t.value) FROM jsonb_each_text(to_jsonb(%1$s)) AS t))
            ELSE to_jsonb(%1$s) #>> '{}' END$$;
    has_sales boolean;
    has_crm boolean;
    has_rank boolean;
    has_mailings boolean;
    has_scales boolean;
    is_lost constant text := '(l.active IS NOT TRUE AND coalesce(l.probability, 0) = 0)';
    is_won constant text := '(l.probability >= 100 AND s.is_won)';
    deals text;
    main_currency text;
BEGIN
    EXECUTE format('SELECT %I.crm_adapter_options($1, $2, $3)', extension_schema) INTO setting
        USING 'odoo', options, jsonb '{"language": "en_US", "time_zone": "UTC"}';
    language := setting ->> 'language';
    time_zone := setting ->> 'time_zone';
    has_sales := to_regclass(format('%I.sale_order', source_schema)) IS NOT NULL;
    has_crm := to_regclass(format('%I.crm_lead', source_schema)) IS NOT NULL;
    has_mailings := to_regclass(format('%I.mailing_trace', source_schema)) IS NOT NULL;
    has_rank := EXISTS (SELECT FROM pg_attribute AS a
                        WHERE a.attrelid = to_regclass(format('%I.res_partner', source_schema))
                          AND a.attname = 'customer_rank' AND NOT a.attisdropped);
    has_scales := EXISTS (SELECT FROM pg_attribute AS a
                          WHERE a.attrelid = to_regclass(format('%I.survey_user_input_line', source_schema))
                            AND a.attname = 'value_scale' AND NOT a.attisdropped);

    -- what is a deal, with its row, its stage and when it was opened
    deals := format($$
        SELECT l.*, CASE WHEN %3$s THEN 'won' WHEN %2$s THEN 'lost' ELSE 'open' END AS status,
               coalesce(l.date_conversion, l.create_date) AS opened_at
        FROM %1$I.crm_lead AS l LEFT JOIN %1$I.crm_stage AS s ON s.id = l.stage_id
        WHERE l.type = 'opportunity' AND (l.active OR %2$s OR %3$s)$$, source_schema, is_lost, is_won);
    -- the currency of a document without a company
    main_currency := format('(SELECT c.currency_id FROM %I.res_company AS c ORDER BY c.id LIMIT 1)', source_schema);

    RETURN QUERY SELECT 'customer', format($$
        SELECT p.id AS customer_id, coalesce(p.create_date, p.write_date) AT TIME ZONE 'UTC' AS acquired_at,
               p.name, p.email, n.code AS country, %2$s AS channel, o.name AS owner
        FROM %1$I.res_partner AS p
        LEFT JOIN %1$I.res_country AS n ON n.id = p.country_id
        LEFT JOIN %1$I.res_users AS u ON u.id = p.user_id
        LEFT JOIN %1$I.res_partner AS o ON o.id = u.partner_id
        %3$s
        WHERE p.commercial_partner_id = p.id AND (%4$s)$$,
        source_schema,
        CASE WHEN has_crm THEN 'f.source' ELSE 'NULL' END,
        CASE WHEN has_crm THEN format($$LEFT JOIN (
            SELECT DISTINCT ON (b.commercial_partner_id) b.commercial_partner_id, us.name AS source
            FROM %1$I.crm_lead AS l
            JOIN %1$I.res_partner AS b ON b.id = l.partner_id
            JOIN %1$I.utm_source AS us ON us.id = l.source_id
            WHERE l.active OR %2$s
            ORDER BY b.commercial_partner_id, l.create_date, l.id) AS f ON f.commercial_partner_id = p.id$$, source_schema, is_lost)
        END,
        concat_ws(' OR ',
            CASE WHEN has_sales THEN format($$p.id IN (
                SELECT b.commercial_partner_id FROM %1$I.sale_order AS so JOIN %1$I.res_partner AS b ON b.id = so.partner_id
                WHERE so.state IN ('sale', 'done') OR p.active)$$, source_schema) END,
            CASE WHEN has_crm THEN format($$p.active AND p.id IN (
                SELECT b.commercial_partner_id FROM %1$I.crm_lead AS l JOIN %1$I.res_partner AS b ON b.id = l.partner_id
                WHERE l.type = 'opportunity')$$, source_schema) END,
            CASE WHEN has_rank THEN 'p.active AND p.customer_rank > 0' END,
            CASE WHEN NOT (has_sales OR has_crm OR has_rank) THEN 'p.active' END));

    RETURN QUERY SELECT 'lead', format($$
        SELECT l.id AS lead_id, l.create_date AT TIME ZONE 'UTC' AS created_at,
               CASE WHEN l.type = 'opportunity' THEN 'converted' WHEN %2$s THEN 'lost' ELSE 'open' END AS status,
               t.first_at AT TIME ZONE 'UTC' AS first_contacted_at,
               CASE WHEN l.type = 'opportunity' THEN l.date_conversion AT TIME ZONE 'UTC' END AS converted_at,
               CASE WHEN l.type = 'opportunity' THEN b.commercial_partner_id END AS customer_id,
               coalesce(us.name, um.name) AS source, o.name AS owner
        FROM %1$I.crm_lead AS l
        LEFT JOIN (
            SELECT m.res_id, min(m.date) AS first_at
            FROM %1$I.mail_message AS m
            JOIN %1$I.mail_message_subtype AS ms ON ms.id = m.subtype_id AND ms.internal IS NOT TRUE
            JOIN %1$I.res_users AS a ON a.partner_id = m.author_id AND a.share IS NOT TRUE
            WHERE m.model = 'crm.lead' AND m.message_type IN ('comment', 'email_outgoing')
            GROUP BY m.res_id) AS t ON t.res_id = l.id
        LEFT JOIN %1$I.res_partner AS b ON b.id = l.partner_id
        LEFT JOIN %1$I.utm_source AS us ON us.id = l.source_id
        LEFT JOIN %1$I.utm_medium AS um ON um.id = l.medium_id
        LEFT JOIN %1$I.res_users AS u ON u.id = l.user_id
        LEFT JOIN %1$I.res_partner AS o ON o.id = u.partner_id
        WHERE CASE l.type WHEN 'opportunity' THEN l.date_conversion IS NOT NULL ELSE l.active OR %2$s END$$,
        source_schema, is_lost);

    RETURN QUERY SELECT 'opportunity', format($$
        SELECT d.id AS opportunity_id, d.opened_at AT TIME ZONE 'UTC' AS created_at, d.status,
               CASE WHEN d.status <> 'open' THEN coalesce(d.date_closed, d.date_last_stage_update) AT TIME ZONE 'UTC' END AS closed_at,
               nullif(d.expected_revenue, 0) AS amount, k.name AS currency, d.probability / 100 AS probability,
               CASE WHEN d.status = 'lost' THEN 'Lost' ELSE %3$s END AS stage, d.date_deadline AS expected_close,
               b.commercial_partner_id AS customer_id, CASE WHEN d.date_conversion IS NOT NULL THEN d.id END AS lead_id,
               o.name AS owner, coalesce(us.name, um.name) AS source, %4$s AS lost_reason, d.name
        FROM (%2$s) AS d
        LEFT JOIN %1$I.crm_stage AS s ON s.id = d.stage_id
        LEFT JOIN %1$I.crm_lost_reason AS r ON r.id = d.lost_reason_id AND d.status = 'lost'
        LEFT JOIN %1$I.res_company AS c ON c.id = d.company_id
        LEFT JOIN %1$I.res_currency AS k ON k.id = coalesce(c.currency_id, %5$s)
        LEFT JOIN %1$I.res_partner AS b ON b.id = d.partner_id
        LEFT JOIN %1$I.utm_source AS us ON us.id = d.source_id
        LEFT JOIN %1$I.utm_medium AS um ON um.id = d.medium_id
        LEFT JOIN %1$I.res_users AS u ON u.id = d.user_id
        LEFT JOIN %1$I.res_partner AS o ON o.id = u.partner_id$$,
        source_schema, deals, format(translated, 's.name', language), format(translated, 'r.name', language), main_currency);

    RETURN QUERY SELECT 'stage_change', format($$
        WITH deals AS (%2$s
        ), stages AS (
            SELECT s.id, %3$s AS name, row_number() OVER (ORDER BY s.sequence, s.id) AS position,
                   CASE WHEN s.is_won THEN 'won' ELSE 'open' END AS status
            FROM %1$I.crm_stage AS s
        ), moves AS (
            SELECT d.id, d.opened_at, v.id AS move, v.old_value_integer, v.old_value_char, v.new_value_integer, v.new_value_char,
                   coalesce(v.create_date, m.date) AS moved_at
            FROM deals AS d
            JOIN %1$I.mail_message AS m ON m.model = 'crm.lead' AND m.res_id = d.id
            JOIN %1$I.mail_tracking_value AS v ON v.mail_message_id = m.id
            JOIN %1$I.ir_model_fields AS f ON f.id = v.field_id AND f.model = 'crm.lead' AND f.name = 'stage_id'
            WHERE coalesce(v.create_date, m.date) >= d.opened_at
        ), entered AS (
            SELECT DISTINCT ON (d.id) d.id, coalesce(v.old_value_integer, d.stage_id) AS stage_id, v.old_value_char AS name,
                   -- nobody wins a deal by opening it: what was won without history has been brought in
                   CASE WHEN v.id IS NULL AND d.status = 'won' THEN coalesce(d.date_closed, d.opened_at) ELSE d.opened_at END AS at
            FROM deals AS d LEFT JOIN moves AS v ON v.id = d.id
            ORDER BY d.id, v.moved_at, v.move
        ), changes AS (
            SELECT e.id, e.stage_id, e.name, e.at FROM entered AS e
            UNION ALL
            SELECT v.id, v.new_value_integer, v.new_value_char, v.moved_at FROM moves AS v
        )
        SELECT c.id AS opportunity_id, coalesce(s.name, c.name, 'unknown') AS stage, c.at AT TIME ZONE 'UTC' AS entered_at,
               s.position AS stage_position, coalesce(s.status, 'open') AS status
        FROM changes AS c LEFT JOIN stages AS s ON s.id = c.stage_id
        UNION ALL
        SELECT d.id, 'Lost', coalesce(d.date_closed, d.date_last_stage_update, d.opened_at) AT TIME ZONE 'UTC', NULL, 'lost'
        FROM deals AS d WHERE d.status = 'lost'$$,
        source_schema, deals, format(translated, 's.name', language));

    RETURN QUERY SELECT 'order', format($$
        SELECT so.id::text AS order_id, so.date_order AT TIME ZONE 'UTC' AS ordered_at,
               CASE WHEN k.rounding > 0 THEN round(so.amount_untaxed / coalesce(nullif(so.currency_rate, 0), 1) / k.rounding) * k.rounding
                    ELSE so.amount_untaxed / coalesce(nullif(so.currency_rate, 0), 1) END AS amount,
               k.name AS currency, coalesce(b.commercial_partner_id, b.id) AS customer_id, coalesce(us.name, um.name) AS channel
        FROM %1$I.sale_order AS so
        JOIN %1$I.res_partner AS b ON b.id = so.partner_id
        JOIN %1$I.res_company AS c ON c.id = so.company_id
        JOIN %1$I.res_currency AS k ON k.id = c.currency_id
        LEFT JOIN %1$I.utm_source AS us ON us.id = so.source_id
        LEFT JOIN %1$I.utm_medium AS um ON um.id = so.medium_id
        WHERE so.state IN ('sale', 'done') AND so.amount_untaxed IS NOT NULL
        UNION ALL
        SELECT 'refund ' || am.id, am.invoice_date::timestamp AT TIME ZONE %2$L, am.amount_untaxed_signed, k.name,
               coalesce(am.commercial_partner_id, am.partner_id), NULL
        FROM %1$I.account_move AS am
        JOIN %1$I.res_company AS c ON c.id = am.company_id
        JOIN %1$I.res_currency AS k ON k.id = c.currency_id
        WHERE am.move_type = 'out_refund' AND am.state = 'posted'
          AND am.invoice_date IS NOT NULL AND am.amount_untaxed_signed IS NOT NULL$$,
        source_schema, time_zone);

    RETURN QUERY SELECT 'campaign_event', format($$
        SELECT x.mass_mailing_id AS campaign_id, e.at AT TIME ZONE 'UTC' AS occurred_at, e.event,
               coalesce(x.email, x.model || ',' || x.res_id) AS recipient_id, b.commercial_partner_id AS customer_id, %2$s AS campaign
        FROM %1$I.mailing_trace AS x
        JOIN %1$I.mailing_mailing AS g ON g.id = x.mass_mailing_id
        LEFT JOIN LATERAL (
            SELECT p.commercial_partner_id FROM %1$I.res_partner AS p
            WHERE CASE x.model WHEN 'res.partner' THEN p.id = x.res_id ELSE p.email_normalized = lower(x.email) END
            ORDER BY p.active DESC NULLS LAST, p.id LIMIT 1) AS b ON true
        CROSS JOIN LATERAL (VALUES
            ('sent', x.sent_datetime),
            ('delivered', CASE WHEN x.trace_status IN ('sent', 'open', 'reply') THEN x.sent_datetime END),
            ('bounce', CASE WHEN x.trace_status = 'bounce' THEN coalesce(x.write_date, x.sent_datetime) END),
            ('open', CASE WHEN x.trace_status IN ('open', 'reply') OR x.links_click_datetime IS NOT NULL
                          THEN coalesce(x.open_datetime, x.reply_datetime, x.links_click_datetime) END),
            ('click', x.links_click_datetime)) AS e (event, at)
        WHERE x.trace_type = 'mail' AND x.trace_status IN ('pending', 'sent', 'open', 'reply', 'bounce') AND e.at IS NOT NULL$$,
        source_schema, format(translated, 'g.subject', language));

    RETURN QUERY SELECT 'survey_response', format($$
        SELECT 'rating ' || r.id AS response_id, 'csat' AS survey,
               CASE WHEN r.consumed AND r.rating >= 1 THEN coalesce(r.write_date, r.create_date) AT TIME ZONE 'UTC' END AS responded_at,
               CASE WHEN r.consumed AND r.rating >= 1 THEN r.rating END AS score,
               r.create_date AT TIME ZONE 'UTC' AS sent_at, b.commercial_partner_id AS customer_id,
               CASE WHEN r.res_model = 'helpdesk.ticket' THEN r.res_id END AS ticket_id, r.feedback AS comment
        FROM %1$I.rating_rating AS r
        LEFT JOIN %1$I.res_partner AS b ON b.id = r.partner_id$$, source_schema)
        || CASE WHEN has_scales THEN format($$
        UNION ALL
        SELECT 'survey ' || i.id || ' ' || q.id, 'nps',
               CASE WHEN n.value_scale IS NOT NULL THEN coalesce(i.end_datetime, i.create_date) AT TIME ZONE 'UTC' END, n.value_scale,
               i.create_date AT TIME ZONE 'UTC', b.commercial_partner_id, NULL, NULL
        FROM %1$I.survey_user_input AS i
        JOIN %1$I.survey_question AS q
          ON q.survey_id = i.survey_id AND q.question_type = 'scale' AND q.scale_min = 0 AND q.scale_max = 10
        LEFT JOIN %1$I.survey_user_input_line AS n
          ON n.user_input_id = i.id AND n.question_id = q.id AND n.answer_type = 'scale' AND n.skipped IS NOT TRUE
             AND i.state = 'done'
        LEFT JOIN %1$I.res_partner AS b ON b.id = i.partner_id
        WHERE i.test_entry IS NOT TRUE$$, source_schema) ELSE '' END;

    RETURN QUERY SELECT 'touchpoint', format($$
        SELECT l.create_date AT TIME ZONE 'UTC' AS occurred_at, 'enquiry' AS event, b.commercial_partner_id AS customer_id,
               'lead ' || l.id AS visitor_id, coalesce(us.name, um.name) AS channel
        FROM %1$I.crm_lead AS l
        LEFT JOIN %1$I.res_partner AS b ON b.id = l.partner_id
        LEFT JOIN %1$I.utm_source AS us ON us.id = l.source_id
        LEFT JOIN %1$I.utm_medium AS um ON um.id = l.medium_id
        WHERE l.active OR %2$s$$, source_schema, is_lost)
        || CASE WHEN has_mailings THEN format($$
        UNION ALL
        SELECT x.links_click_datetime AT TIME ZONE 'UTC', 'click', b.commercial_partner_id, x.email, 'Email'
        FROM %1$I.mailing_trace AS x
        LEFT JOIN LATERAL (
            SELECT p.commercial_partner_id FROM %1$I.res_partner AS p
            WHERE CASE x.model WHEN 'res.partner' THEN p.id = x.res_id ELSE p.email_normalized = lower(x.email) END
            ORDER BY p.active DESC NULLS LAST, p.id LIMIT 1) AS b ON true
        WHERE x.trace_type = 'mail' AND x.links_click_datetime IS NOT NULL$$, source_schema) ELSE '' END;
END
$function$;
COMMENT ON FUNCTION crm_adapter_odoo(text, jsonb) IS
    'Odoo 17, 18 and 19 (Community modules crm, sale, mass_mailing, rating, survey)';

CREATE FUNCTION crm_adapter_odoo_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 100
BEGIN ATOMIC
    SELECT n.entity, n.table_name, c.column_name,
           CASE WHEN (n.table_name, c.column_name) IN (
                         ('mail_tracking_value', 'field_id'), ('mailing_trace', 'trace_status')) THEN '17, 18, 19'
                WHEN (n.table_name, c.column_name) = ('crm_lead', 'lost_reason_id') THEN '16, 17, 18, 19' END
    FROM (VALUES
        ('customer', 'res_partner', '{id,name,email,commercial_partner_id,country_id,user_id,active,create_date,write_date}'::text[]),
        ('customer', 'res_country', '{id,code}'),
        ('customer', 'res_users', '{id,partner_id}'),
        ('lead', 'crm_lead', '{id,type,active,probability,create_date,date_conversion,partner_id,user_id,source_id,medium_id}'),
        ('lead', 'mail_message', '{model,res_id,date,message_type,subtype_id,author_id}'),
        ('lead', 'mail_message_subtype', '{id,internal}'),
        ('lead', 'res_partner', '{id,name,commercial_partner_id}'),
        ('lead', 'res_users', '{id,partner_id,share}'),
        ('lead', 'utm_source', '{id,name}'),
        ('lead', 'utm_medium', '{id,name}'),
        ('opportunity', 'crm_lead', '{id,name,type,active,probability,expected_revenue,stage_id,partner_id,company_id,user_id,source_id,medium_id,lost_reason_id,create_date,date_conversion,date_closed,date_deadline,date_last_stage_update}'),
        ('opportunity', 'crm_stage', '{id,name,is_won}'),
        ('opportunity', 'crm_lost_reason', '{id,name}'),
        ('opportunity', 'res_company', '{id,currency_id}'),
        ('opportunity', 'res_currency', '{id,name}'),
        ('opportunity', 'res_partner', '{id,name,commercial_partner_id}'),
        ('opportunity', 'res_users', '{id,partner_id}'),
        ('opportunity', 'utm_source', '{id,name}'),
        ('opportunity', 'utm_medium', '{id,name}'),
        ('stage_change', 'crm_lead', '{id,type,active,probability,stage_id,create_date,date_conversion,date_closed,date_last_stage_update}'),
        ('stage_change', 'crm_stage', '{id,name,sequence,is_won}'),
        ('stage_change', 'mail_message', '{id,model,res_id,date}'),
        ('stage_change', 'mail_tracking_value', '{id,mail_message_id,field_id,old_value_integer,new_value_integer,old_value_char,new_value_char,create_date}'),
        ('stage_change', 'ir_model_fields', '{id,model,name}'),
        ('order', 'sale_order', '{id,state,date_order,amount_untaxed,currency_rate,partner_id,company_id,source_id,medium_id}'),
        ('order', 'account_move', '{id,move_type,state,invoice_date,amount_untaxed_signed,commercial_partner_id,partner_id,company_id}'),
        ('order', 'res_company', '{id,currency_id}'),
        ('order', 'res_currency', '{id,name,rounding}'),
        ('order', 'res_partner', '{id,commercial_partner_id}'),
        ('order', 'utm_source', '{id,name}'),
        ('order', 'utm_medium', '{id,name}'),
        ('campaign_event', 'mailing_trace', '{id,trace_type,trace_status,sent_datetime,open_datetime,reply_datetime,links_click_datetime,mass_mailing_id,model,res_id,email,write_date}'),
        ('campaign_event', 'mailing_mailing', '{id,subject}'),
        ('campaign_event', 'res_partner', '{id,email_normalized,commercial_partner_id,active}'),
        ('survey_response', 'rating_rating', '{id,res_model,res_id,rating,consumed,partner_id,feedback,create_date,write_date}'),
        ('survey_response', 'res_partner', '{id,commercial_partner_id}'),
        ('touchpoint', 'crm_lead', '{id,active,probability,create_date,partner_id,source_id,medium_id}'),
        ('touchpoint', 'res_partner', '{id,commercial_partner_id}'),
        ('touchpoint', 'utm_source', '{id,name}'),
        ('touchpoint', 'utm_medium', '{id,name}')
    ) AS n (entity, table_name, columns)
    CROSS JOIN unnest(n.columns) AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_odoo_columns() IS
    'the columns that the adapter for Odoo reads';
