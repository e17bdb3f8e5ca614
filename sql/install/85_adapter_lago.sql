-- Adapter for Lago.
--
-- Lago runs on Rails: timestamp without time zone in UTC, enums as integers,
-- money as integer beside its currency: *_cents are cents only where the currency
-- has a hundred of them (ISO 4217; the yen has none).  The queries read the tables and
-- not the views exports_*, which leave out deleted plans (though subscriptions
-- to them go on), repeat a customer with two payment providers, and take an
-- issuing date for midnight in the session's time zone.
--
-- Recurring revenue is a subscription's price a month, whatever was billed: in
-- force at the end of the month in the customer's time zone, after the trial,
-- less the coupons that last for ever, without tax.  (Lago's own MRR spreads
-- what was billed over months of 30.44 days, with tax.)

CREATE FUNCTION crm_adapter_lago_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 80
BEGIN ATOMIC
    SELECT r.entity, r.table_name, c.column_name, r.releases
    FROM (VALUES
        ('customer', 'customers', 'id organization_id created_at name legal_name firstname lastname email country customer_type account_type', NULL::text),
        ('order', 'invoices', 'id organization_id customer_id issuing_date timezone invoice_type status currency fees_amount_cents sub_total_excluding_taxes_amount_cents payment_dispute_lost_at self_billed', NULL),
        ('order', 'credit_notes', 'id invoice_id issuing_date status total_amount_cents total_amount_currency taxes_amount_cents', NULL),
        ('subscription_month', 'customers', 'id organization_id timezone account_type billing_entity_id', 'with billing entities, of 2025 and later'),
        ('subscription_month', 'billing_entities', 'id timezone', 'with billing entities, of 2025 and later'),
        ('subscription_month', 'plans', 'id code interval amount_cents amount_currency trial_period parent_id', NULL),
        ('subscription_month', 'subscriptions', 'id external_id customer_id plan_id status started_at terminated_at trial_ended_at', NULL),
        ('subscription_month', 'applied_coupons', 'id coupon_id customer_id frequency amount_cents amount_currency percentage_rate created_at terminated_at', NULL),
        ('subscription_month', 'coupons', 'id limited_plans limited_billable_metrics', NULL),
        ('subscription_month', 'coupon_targets', 'coupon_id plan_id deleted_at', NULL)
    ) AS r (entity, table_name, column_names, releases),
    LATERAL string_to_table(r.column_names, ' ') AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_lago_columns() IS
    'the columns of Lago that its adapter reads';

CREATE FUNCTION crm_adapter_lago(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- how many cents a unit of the currency %s has
    subunits constant text := $sql$CASE
                   WHEN %1$s IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 1.0
                   WHEN %1$s IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 1000.0
                   ELSE 100.0 END$sql$;
    unknown text;
    organization text;
BEGIN
    SELECT min(k) INTO unknown FROM jsonb_object_keys(options) AS k WHERE k <> 'organization';
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'adapter "lago" has no option "%"', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'It has the option "organization", the id of an organization.';
    END IF;
    organization := options ->> 'organization';
    IF organization !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RAISE EXCEPTION 'option "organization" must be the id of an organization, not "%"', organization
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    RETURN QUERY VALUES
    -- Deleted customers stay: without them there would be no churn.  Partners
    -- are paid by the company, they do not pay it.
    ('customer', format($query$
        SELECT c.id AS customer_id,
               c.created_at AT TIME ZONE 'UTC' AS acquired_at,
               coalesce(nullif(c.name, ''), nullif(concat_ws(' ', c.firstname, c.lastname), ''),
                        nullif(c.legal_name, '')) AS name,
               nullif(c.email, '') AS email,
               nullif(c.legal_name, '') AS company,
               c.customer_type AS segment,
               nullif(c.country, '') AS country
        FROM %1$I.customers AS c
        WHERE c.account_type = 'customer' AND %2$s
        $query$, source_schema, coalesce('c.organization_id = ' || quote_literal(organization), 'true'))),

    -- What was billed and stands: finalized (1), not what was bought as prepaid
    -- credit (invoice_type 2), because what is bought with that is billed again.
    -- An issuing date has no time of day: noon is on that date in nearly every
    -- zone.
    ('order', format($query$
        WITH bill AS (
            SELECT i.*
            FROM %1$I.invoices AS i
            WHERE i.status = 1 AND i.invoice_type <> 2 AND i.fees_amount_cents > 0
              AND i.payment_dispute_lost_at IS NULL AND NOT i.self_billed AND %2$s
        )
        SELECT b.id AS order_id,
               (b.issuing_date + interval '12 hours') AT TIME ZONE b.timezone AS ordered_at,
               b.sub_total_excluding_taxes_amount_cents / %3$s AS amount,
               b.currency,
               b.customer_id,
               CASE b.invoice_type WHEN 0 THEN 'subscription' WHEN 1 THEN 'add-on' WHEN 3 THEN 'one-off'
                    WHEN 4 THEN 'advance charges' WHEN 5 THEN 'progressive billing' END AS channel
        FROM bill AS b
        UNION ALL
        SELECT n.id,
               (n.issuing_date + interval '12 hours') AT TIME ZONE b.timezone,
               (n.taxes_amount_cents - n.total_amount_cents) / %4$s,
               n.total_amount_currency,
               b.customer_id,
               'credit note'
        FROM %1$I.credit_notes AS n
        JOIN bill AS b ON b.id = n.invoice_id
        WHERE n.status = 1
        $query$, source_schema, coalesce('i.organization_id = ' || quote_literal(organization), 'true'),
        format(subunits, 'b.currency'), format(subunits, 'n.total_amount_currency'))),

    -- A change of plan is one subscription that ends and one that starts in the
    -- same month, so the customer has one price at the end of every month.  A trial
    -- is counted from the start of the first subscription in the chain.
    ('subscription_month', format($query$
        WITH started AS (
            SELECT s.id, s.external_id, s.customer_id, s.plan_id, s.status, s.started_at, s.terminated_at, s.trial_ended_at,
                   min(s.started_at) OVER (PARTITION BY s.customer_id, s.external_id) AS first_started_at,
                   coalesce(nullif(c.timezone, ''), e.timezone, 'UTC') AS zone
            FROM %1$I.subscriptions AS s
            JOIN %1$I.customers AS c ON c.id = s.customer_id
            LEFT JOIN %1$I.billing_entities AS e ON e.id = c.billing_entity_id
            WHERE s.status IN (1, 2) AND s.started_at IS NOT NULL
              AND c.account_type = 'customer' AND %2$s
        ), priced AS MATERIALIZED (
            SELECT s.*, p.code, p.parent_id, p.amount_cents, p.amount_currency AS currency,
                   p."interval" AS every,
                   CASE p."interval" WHEN 0 THEN 52 ELSE 1 END AS times,
                   CASE p."interval" WHEN 0 THEN 12 WHEN 1 THEN 1 WHEN 2 THEN 12 WHEN 3 THEN 3 WHEN 4 THEN 6 END AS months,
                   CASE WHEN p.trial_period > 0
                        THEN greatest(s.started_at,
                                      coalesce(s.trial_ended_at, s.first_started_at + p.trial_period * interval '1 day'))
                        ELSE s.started_at END AS paid_from,
                   EXISTS (SELECT FROM %1$I.applied_coupons AS a
                           WHERE a.customer_id = s.customer_id AND a.frequency = 2) AS has_coupon
            FROM started AS s
            JOIN %1$I.plans AS p ON p.id = s.plan_id
            WHERE p.amount_cents > 0
        ), monthly AS NOT MATERIALIZED (
            SELECT p.*, m.month, (m.month + interval '1 month') AT TIME ZONE p.zone AT TIME ZONE 'UTC' AS ended_at
            FROM priced AS p,
            LATERAL generate_series(
                date_trunc('month', p.paid_from AT TIME ZONE 'UTC' AT TIME ZONE p.zone),
                least(date_trunc('month', now() AT TIME ZONE p.zone),
                      date_trunc('month', CASE WHEN p.status = 2 THEN p.terminated_at END
                                          AT TIME ZONE 'UTC' AT TIME ZONE p.zone) - interval '1 month'),
                interval '1 month') AS m (month)
        ), discounted AS (
            SELECT m.*, m.amount_cents * (1 - coalesce(o.share_off, 0)) AS cents, coalesce(o.cents_off, 0) AS cents_off
            FROM monthly AS m
            CROSS JOIN LATERAL (
                SELECT CASE WHEN bool_or(a.percentage_rate >= 100) THEN 1
                            ELSE 1 - round(exp(sum(ln(1 - a.percentage_rate / 100)) FILTER (WHERE a.percentage_rate < 100)), 9) END AS share_off,
                       sum(a.amount_cents) FILTER (WHERE a.percentage_rate IS NULL AND a.amount_currency = m.currency) AS cents_off
                FROM %1$I.applied_coupons AS a
                JOIN %1$I.coupons AS k ON k.id = a.coupon_id
                WHERE a.customer_id = m.customer_id AND a.frequency = 2
                  AND a.created_at < m.ended_at AND (a.terminated_at IS NULL OR a.terminated_at >= m.ended_at)
                  AND NOT k.limited_billable_metrics
                  AND (NOT k.limited_plans
                       OR EXISTS (SELECT FROM %1$I.coupon_targets AS g
                                  WHERE g.coupon_id = k.id AND g.deleted_at IS NULL
                                    AND g.plan_id IN (m.plan_id, m.parent_id)))
            ) AS o
            WHERE m.has_coupon
        )
        SELECT m.customer_id, m.month::date AS month, m.amount_cents::numeric * m.times / m.months / %3$s AS mrr, m.currency,
               m.external_id AS subscription_id, m.code AS plan
        FROM monthly AS m
        WHERE NOT m.has_coupon
        UNION ALL
        SELECT d.customer_id, d.month::date, d.mrr, d.currency, d.external_id, d.code
        FROM (
            -- an amount off is taken off a bill, and what has one interval is on one bill
            SELECT m.*,
                   (m.cents - least(m.cents_off * m.cents / sum(m.cents) OVER bill, m.cents))
                       * m.times / m.months / %3$s AS mrr
            FROM discounted AS m
            WHERE m.cents > 0
            WINDOW bill AS (PARTITION BY m.customer_id, m.month, m.currency, m.every, m.cents_off)
        ) AS d
        WHERE d.mrr > 0
        $query$, source_schema, coalesce('c.organization_id = ' || quote_literal(organization), 'true'),
        format(subunits, 'm.currency')));
END
$$;
COMMENT ON FUNCTION crm_adapter_lago(text, jsonb) IS
    'Lago with billing entities, 2025 and later (customers, invoices as orders, recurring revenue by month); option "organization" takes one organization of several';
