-- Unit economics and growth: each function is a documented formula that the
-- planner puts in the place of the call.
--
-- Rules, the same for all of them:
--   * NULL in, NULL out; a zero denominator gives NULL.  The functions are not
--     marked STRICT, because the planner would then not inline a CASE.
--   * Where the denominator is money (a cost, a quota, a previous revenue), a
--     negative one gives NULL too: the ratio would have no meaning.
--   * Counts and durations that are negative or not finite, fractions outside
--     0 to 1, and parts greater than their whole are errors (22023).
--   * The CASE asks for fine arguments in one test; only the others pay for
--     crm_no_answer, which tells NULL from error.
--   * Both forms of a function have the same body.  Integers take the float8
--     form, so that 1 / 4 is 0.25; a numeric among them makes it numeric.

CREATE FUNCTION crm_no_answer(rules text[], VARIADIC "values" numeric[]) RETURNS numeric
    AS 'MODULE_PATHNAME', 'crm_no_answer_numeric'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_no_answer(text[], numeric[]) IS
    'internal: error for the first value that breaks its rule, else NULL';
CREATE FUNCTION crm_no_answer(rules text[], VARIADIC "values" double precision[]) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_no_answer_float8'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_no_answer(text[], double precision[]) IS
    'internal: error for the first value that breaks its rule, else NULL';

-- Acquisition

CREATE FUNCTION crm_cac(spend numeric, new_customers numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN new_customers > 0 AND new_customers < 'Infinity'
                THEN spend / new_customers
                ELSE crm_no_answer('{any spend,count new_customers}', spend, new_customers) END;
COMMENT ON FUNCTION crm_cac(numeric, numeric) IS
    'customer acquisition cost: spend / new_customers';
CREATE FUNCTION crm_cac(spend double precision, new_customers double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN new_customers > 0 AND new_customers < 'Infinity'
                THEN spend / new_customers
                ELSE crm_no_answer('{any spend,count new_customers}', spend, new_customers) END;
COMMENT ON FUNCTION crm_cac(double precision, double precision) IS
    'customer acquisition cost: spend / new_customers';

CREATE FUNCTION crm_ltv_cac_ratio(ltv numeric, cac numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN cac > 0 THEN ltv / cac END;
COMMENT ON FUNCTION crm_ltv_cac_ratio(numeric, numeric) IS
    'lifetime value in units of acquisition cost: ltv / cac; NULL unless cac is positive';
CREATE FUNCTION crm_ltv_cac_ratio(ltv double precision, cac double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN cac > 0 THEN ltv / cac END;
COMMENT ON FUNCTION crm_ltv_cac_ratio(double precision, double precision) IS
    'lifetime value in units of acquisition cost: ltv / cac; NULL unless cac is positive';

CREATE FUNCTION crm_cac_payback(cac numeric, monthly_revenue numeric, gross_margin numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN monthly_revenue > 0 AND gross_margin > 0 AND gross_margin <= 1
                THEN cac / (monthly_revenue * gross_margin)
                ELSE crm_no_answer('{any cac,any monthly_revenue,margin gross_margin}',
                                   cac, monthly_revenue, gross_margin) END;
COMMENT ON FUNCTION crm_cac_payback(numeric, numeric, numeric) IS
    'months until gross profit has paid the acquisition cost: cac / (monthly_revenue * gross_margin), monthly_revenue per customer; NULL if it never does';
CREATE FUNCTION crm_cac_payback(cac double precision, monthly_revenue double precision,
                                gross_margin double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN monthly_revenue > 0 AND gross_margin > 0 AND gross_margin <= 1
                THEN cac / (monthly_revenue * gross_margin)
                ELSE crm_no_answer('{any cac,any monthly_revenue,margin gross_margin}',
                                   cac, monthly_revenue, gross_margin) END;
COMMENT ON FUNCTION crm_cac_payback(double precision, double precision, double precision) IS
    'months until gross profit has paid the acquisition cost: cac / (monthly_revenue * gross_margin), monthly_revenue per customer; NULL if it never does';

-- Customer lifetime value by formula (models fitted to histories: crm_clv)

CREATE FUNCTION crm_clv_simple(avg_purchase_value numeric, purchases_per_period numeric,
                               lifespan_periods numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN purchases_per_period >= 0 AND purchases_per_period < 'Infinity'
                     AND lifespan_periods >= 0 AND lifespan_periods < 'Infinity'
                THEN avg_purchase_value * purchases_per_period * lifespan_periods
                ELSE crm_no_answer('{any avg_purchase_value,count purchases_per_period,count lifespan_periods}',
                                   avg_purchase_value, purchases_per_period, lifespan_periods) END;
COMMENT ON FUNCTION crm_clv_simple(numeric, numeric, numeric) IS
    'lifetime revenue of a customer: avg_purchase_value * purchases_per_period * lifespan_periods';
CREATE FUNCTION crm_clv_simple(avg_purchase_value double precision,
                               purchases_per_period double precision,
                               lifespan_periods double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN purchases_per_period >= 0 AND purchases_per_period < 'Infinity'
                     AND lifespan_periods >= 0 AND lifespan_periods < 'Infinity'
                THEN avg_purchase_value * purchases_per_period * lifespan_periods
                ELSE crm_no_answer('{any avg_purchase_value,count purchases_per_period,count lifespan_periods}',
                                   avg_purchase_value, purchases_per_period, lifespan_periods) END;
COMMENT ON FUNCTION crm_clv_simple(double precision, double precision, double precision) IS
    'lifetime revenue of a customer: avg_purchase_value * purchases_per_period * lifespan_periods';

CREATE FUNCTION crm_clv_simple(avg_purchase_value numeric, purchases_per_period numeric,
                               lifespan_periods numeric, margin numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN purchases_per_period >= 0 AND purchases_per_period < 'Infinity'
                     AND lifespan_periods >= 0 AND lifespan_periods < 'Infinity'
                     AND margin <= 1 AND margin > '-Infinity'
                THEN avg_purchase_value * purchases_per_period * lifespan_periods * margin
                ELSE crm_no_answer('{any avg_purchase_value,count purchases_per_period,count lifespan_periods,margin margin}',
                                   avg_purchase_value, purchases_per_period, lifespan_periods, margin) END;
COMMENT ON FUNCTION crm_clv_simple(numeric, numeric, numeric, numeric) IS
    'lifetime gross profit of a customer: avg_purchase_value * purchases_per_period * lifespan_periods * margin';
CREATE FUNCTION crm_clv_simple(avg_purchase_value double precision,
                               purchases_per_period double precision,
                               lifespan_periods double precision, margin double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN purchases_per_period >= 0 AND purchases_per_period < 'Infinity'
                     AND lifespan_periods >= 0 AND lifespan_periods < 'Infinity'
                     AND margin <= 1 AND margin > '-Infinity'
                THEN avg_purchase_value * purchases_per_period * lifespan_periods * margin
                ELSE crm_no_answer('{any avg_purchase_value,count purchases_per_period,count lifespan_periods,margin margin}',
                                   avg_purchase_value, purchases_per_period, lifespan_periods, margin) END;
COMMENT ON FUNCTION crm_clv_simple(double precision, double precision, double precision, double precision) IS
    'lifetime gross profit of a customer: avg_purchase_value * purchases_per_period * lifespan_periods * margin';

CREATE FUNCTION crm_clv_subscription(arpa numeric, gross_margin numeric, churn_rate numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN gross_margin <= 1 AND gross_margin > '-Infinity'
                     AND churn_rate > 0 AND churn_rate <= 1
                THEN arpa * gross_margin / churn_rate
                ELSE crm_no_answer('{any arpa,margin gross_margin,fraction churn_rate}',
                                   arpa, gross_margin, churn_rate) END;
COMMENT ON FUNCTION crm_clv_subscription(numeric, numeric, numeric) IS
    'lifetime gross profit of a subscriber: arpa * gross_margin / churn_rate, arpa and churn_rate for the same period; NULL without churn';
CREATE FUNCTION crm_clv_subscription(arpa double precision, gross_margin double precision,
                                     churn_rate double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN gross_margin <= 1 AND gross_margin > '-Infinity'
                     AND churn_rate > 0 AND churn_rate <= 1
                THEN arpa * gross_margin / churn_rate
                ELSE crm_no_answer('{any arpa,margin gross_margin,fraction churn_rate}',
                                   arpa, gross_margin, churn_rate) END;
COMMENT ON FUNCTION crm_clv_subscription(double precision, double precision, double precision) IS
    'lifetime gross profit of a subscriber: arpa * gross_margin / churn_rate, arpa and churn_rate for the same period; NULL without churn';

CREATE FUNCTION crm_clv_subscription(arpa numeric, gross_margin numeric, churn_rate numeric,
                                     discount_rate numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN gross_margin <= 1 AND gross_margin > '-Infinity'
                     AND churn_rate >= 0 AND churn_rate <= 1
                     AND discount_rate >= 0 AND discount_rate < 'Infinity'
                     AND churn_rate + discount_rate > 0
                THEN arpa * gross_margin * (1 + discount_rate) / (churn_rate + discount_rate)
                ELSE crm_no_answer('{any arpa,margin gross_margin,fraction churn_rate,count discount_rate}',
                                   arpa, gross_margin, churn_rate, discount_rate) END;
COMMENT ON FUNCTION crm_clv_subscription(numeric, numeric, numeric, numeric) IS
    'discounted lifetime gross profit of a subscriber, the first payment due at once: arpa * gross_margin * (1 + discount_rate) / (churn_rate + discount_rate), all for the same period';
CREATE FUNCTION crm_clv_subscription(arpa double precision, gross_margin double precision,
                                     churn_rate double precision,
                                     discount_rate double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN gross_margin <= 1 AND gross_margin > '-Infinity'
                     AND churn_rate >= 0 AND churn_rate <= 1
                     AND discount_rate >= 0 AND discount_rate < 'Infinity'
                     AND churn_rate + discount_rate > 0
                THEN arpa * gross_margin * (1 + discount_rate) / (churn_rate + discount_rate)
                ELSE crm_no_answer('{any arpa,margin gross_margin,fraction churn_rate,count discount_rate}',
                                   arpa, gross_margin, churn_rate, discount_rate) END;
COMMENT ON FUNCTION crm_clv_subscription(double precision, double precision, double precision, double precision) IS
    'discounted lifetime gross profit of a subscriber, the first payment due at once: arpa * gross_margin * (1 + discount_rate) / (churn_rate + discount_rate), all for the same period';

-- Retention

CREATE FUNCTION crm_churn_rate(customers_at_start numeric, customers_at_end numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN customers_at_start > 0 AND customers_at_start < 'Infinity'
                     AND customers_at_end >= 0 AND customers_at_end < 'Infinity'
                THEN (customers_at_start - customers_at_end) / customers_at_start
                ELSE crm_no_answer('{count customers_at_start,count customers_at_end}',
                                   customers_at_start, customers_at_end) END;
COMMENT ON FUNCTION crm_churn_rate(numeric, numeric) IS
    'net churn rate: (customers_at_start - customers_at_end) / customers_at_start, negative when the base grew; new customers hide losses, see crm_logo_churn_rate';
CREATE FUNCTION crm_churn_rate(customers_at_start double precision,
                               customers_at_end double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN customers_at_start > 0 AND customers_at_start < 'Infinity'
                     AND customers_at_end >= 0 AND customers_at_end < 'Infinity'
                THEN (customers_at_start - customers_at_end) / customers_at_start
                ELSE crm_no_answer('{count customers_at_start,count customers_at_end}',
                                   customers_at_start, customers_at_end) END;
COMMENT ON FUNCTION crm_churn_rate(double precision, double precision) IS
    'net churn rate: (customers_at_start - customers_at_end) / customers_at_start, negative when the base grew; new customers hide losses, see crm_logo_churn_rate';

CREATE FUNCTION crm_logo_churn_rate(customers_at_start numeric, customers_lost numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN customers_at_start > 0 AND customers_at_start < 'Infinity'
                     AND customers_lost >= 0 AND customers_lost <= customers_at_start
                THEN customers_lost / customers_at_start
                ELSE crm_no_answer('{part customers_lost,count customers_at_start}',
                                   customers_lost, customers_at_start) END;
COMMENT ON FUNCTION crm_logo_churn_rate(numeric, numeric) IS
    'share of the customers at the start who were lost: customers_lost / customers_at_start';
CREATE FUNCTION crm_logo_churn_rate(customers_at_start double precision,
                                    customers_lost double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN customers_at_start > 0 AND customers_at_start < 'Infinity'
                     AND customers_lost >= 0 AND customers_lost <= customers_at_start
                THEN customers_lost / customers_at_start
                ELSE crm_no_answer('{part customers_lost,count customers_at_start}',
                                   customers_lost, customers_at_start) END;
COMMENT ON FUNCTION crm_logo_churn_rate(double precision, double precision) IS
    'share of the customers at the start who were lost: customers_lost / customers_at_start';

CREATE FUNCTION crm_retention_rate(at_start numeric, at_end numeric, acquired numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN at_start > 0 AND at_start < 'Infinity'
                     AND at_end >= 0 AND at_end < 'Infinity'
                     AND acquired >= 0 AND acquired <= at_end
                THEN (at_end - acquired) / at_start
                ELSE crm_no_answer('{part acquired,count at_end,count at_start}',
                                   acquired, at_end, at_start) END;
COMMENT ON FUNCTION crm_retention_rate(numeric, numeric, numeric) IS
    'customer retention rate: (at_end - acquired) / at_start, acquired being the customers at the end who were none at the start';
CREATE FUNCTION crm_retention_rate(at_start double precision, at_end double precision,
                                   acquired double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN at_start > 0 AND at_start < 'Infinity'
                     AND at_end >= 0 AND at_end < 'Infinity'
                     AND acquired >= 0 AND acquired <= at_end
                THEN (at_end - acquired) / at_start
                ELSE crm_no_answer('{part acquired,count at_end,count at_start}',
                                   acquired, at_end, at_start) END;
COMMENT ON FUNCTION crm_retention_rate(double precision, double precision, double precision) IS
    'customer retention rate: (at_end - acquired) / at_start, acquired being the customers at the end who were none at the start';

-- Return and growth

CREATE FUNCTION crm_roi(gain numeric, cost numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN cost > 0 THEN (gain - cost) / cost END;
COMMENT ON FUNCTION crm_roi(numeric, numeric) IS
    'return on investment: (gain - cost) / cost; NULL unless cost is positive';
CREATE FUNCTION crm_roi(gain double precision, cost double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN cost > 0 THEN (gain - cost) / cost END;
COMMENT ON FUNCTION crm_roi(double precision, double precision) IS
    'return on investment: (gain - cost) / cost; NULL unless cost is positive';

CREATE FUNCTION crm_roas(revenue numeric, spend numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN spend > 0 THEN revenue / spend END;
COMMENT ON FUNCTION crm_roas(numeric, numeric) IS
    'return on advertising spend: attributed revenue / spend; NULL unless spend is positive';
CREATE FUNCTION crm_roas(revenue double precision, spend double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN spend > 0 THEN revenue / spend END;
COMMENT ON FUNCTION crm_roas(double precision, double precision) IS
    'return on advertising spend: attributed revenue / spend; NULL unless spend is positive';

CREATE FUNCTION crm_growth_rate(current numeric, previous numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN previous > 0 THEN (current - previous) / previous END;
COMMENT ON FUNCTION crm_growth_rate(numeric, numeric) IS
    'growth over the previous period: (current - previous) / previous; NULL unless previous is positive';
CREATE FUNCTION crm_growth_rate(current double precision, previous double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN previous > 0 THEN (current - previous) / previous END;
COMMENT ON FUNCTION crm_growth_rate(double precision, double precision) IS
    'growth over the previous period: (current - previous) / previous; NULL unless previous is positive';

CREATE FUNCTION crm_cagr(first numeric, last numeric, periods numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN first > 0 AND last >= 0 AND periods > 0 AND periods < 'Infinity'
                THEN power(last / first, 1 / periods) - 1
                ELSE crm_no_answer('{any first,any last,count periods}', first, last, periods) END;
COMMENT ON FUNCTION crm_cagr(numeric, numeric, numeric) IS
    'compound growth rate a period: (last / first) ^ (1 / periods) - 1; NULL unless first is positive and last is not negative';
CREATE FUNCTION crm_cagr(first double precision, last double precision, periods double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN first > 0 AND last >= 0 AND periods > 0 AND periods < 'Infinity'
                THEN power(last / first, 1 / periods) - 1
                ELSE crm_no_answer('{any first,any last,count periods}', first, last, periods) END;
COMMENT ON FUNCTION crm_cagr(double precision, double precision, double precision) IS
    'compound growth rate a period: (last / first) ^ (1 / periods) - 1; NULL unless first is positive and last is not negative';

CREATE FUNCTION crm_average_order_value(revenue numeric, orders numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN orders > 0 AND orders < 'Infinity'
                THEN revenue / orders
                ELSE crm_no_answer('{any revenue,count orders}', revenue, orders) END;
COMMENT ON FUNCTION crm_average_order_value(numeric, numeric) IS
    'average order value: revenue / orders';
CREATE FUNCTION crm_average_order_value(revenue double precision, orders double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN orders > 0 AND orders < 'Infinity'
                THEN revenue / orders
                ELSE crm_no_answer('{any revenue,count orders}', revenue, orders) END;
COMMENT ON FUNCTION crm_average_order_value(double precision, double precision) IS
    'average order value: revenue / orders';

CREATE FUNCTION crm_purchase_frequency(orders numeric, customers numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN orders >= 0 AND orders < 'Infinity'
                     AND customers > 0 AND customers < 'Infinity'
                THEN orders / customers
                ELSE crm_no_answer('{count orders,count customers}', orders, customers) END;
COMMENT ON FUNCTION crm_purchase_frequency(numeric, numeric) IS
    'purchase frequency: orders / distinct customers who ordered';
CREATE FUNCTION crm_purchase_frequency(orders double precision, customers double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN orders >= 0 AND orders < 'Infinity'
                     AND customers > 0 AND customers < 'Infinity'
                THEN orders / customers
                ELSE crm_no_answer('{count orders,count customers}', orders, customers) END;
COMMENT ON FUNCTION crm_purchase_frequency(double precision, double precision) IS
    'purchase frequency: orders / distinct customers who ordered';

-- Sales

CREATE FUNCTION crm_sales_velocity(opportunities numeric, win_rate numeric, average_deal numeric,
                                   cycle_days numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN opportunities >= 0 AND opportunities < 'Infinity'
                     AND win_rate >= 0 AND win_rate <= 1
                     AND cycle_days > 0 AND cycle_days < 'Infinity'
                THEN opportunities * win_rate * average_deal / cycle_days
                ELSE crm_no_answer('{count opportunities,fraction win_rate,any average_deal,count cycle_days}',
                                   opportunities, win_rate, average_deal, cycle_days) END;
COMMENT ON FUNCTION crm_sales_velocity(numeric, numeric, numeric, numeric) IS
    'sales velocity, money a day: opportunities * win_rate * average_deal / cycle_days';
CREATE FUNCTION crm_sales_velocity(opportunities double precision, win_rate double precision,
                                   average_deal double precision, cycle_days double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN opportunities >= 0 AND opportunities < 'Infinity'
                     AND win_rate >= 0 AND win_rate <= 1
                     AND cycle_days > 0 AND cycle_days < 'Infinity'
                THEN opportunities * win_rate * average_deal / cycle_days
                ELSE crm_no_answer('{count opportunities,fraction win_rate,any average_deal,count cycle_days}',
                                   opportunities, win_rate, average_deal, cycle_days) END;
COMMENT ON FUNCTION crm_sales_velocity(double precision, double precision, double precision, double precision) IS
    'sales velocity, money a day: opportunities * win_rate * average_deal / cycle_days';

CREATE FUNCTION crm_pipeline_coverage(open_value numeric, quota numeric, closed_value numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN quota > closed_value THEN open_value / (quota - closed_value) END;
COMMENT ON FUNCTION crm_pipeline_coverage(numeric, numeric, numeric) IS
    'open pipeline in units of the quota still to be closed: open_value / (quota - closed_value); NULL once the quota is met';
CREATE FUNCTION crm_pipeline_coverage(open_value double precision, quota double precision,
                                      closed_value double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN quota > closed_value THEN open_value / (quota - closed_value) END;
COMMENT ON FUNCTION crm_pipeline_coverage(double precision, double precision, double precision) IS
    'open pipeline in units of the quota still to be closed: open_value / (quota - closed_value); NULL once the quota is met';

CREATE FUNCTION crm_quota_attainment(actual numeric, quota numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN quota > 0 THEN actual / quota END;
COMMENT ON FUNCTION crm_quota_attainment(numeric, numeric) IS
    'quota attainment: actual / quota; NULL unless quota is positive';
CREATE FUNCTION crm_quota_attainment(actual double precision, quota double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN quota > 0 THEN actual / quota END;
COMMENT ON FUNCTION crm_quota_attainment(double precision, double precision) IS
    'quota attainment: actual / quota; NULL unless quota is positive';

CREATE FUNCTION crm_forecast_accuracy(forecast numeric, actual numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN actual > 0 THEN 1 - abs(forecast - actual) / actual END;
COMMENT ON FUNCTION crm_forecast_accuracy(numeric, numeric) IS
    'forecast accuracy: 1 - abs(forecast - actual) / actual, negative when off by more than the actual; NULL unless actual is positive';
CREATE FUNCTION crm_forecast_accuracy(forecast double precision, actual double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN actual > 0 THEN 1 - abs(forecast - actual) / actual END;
COMMENT ON FUNCTION crm_forecast_accuracy(double precision, double precision) IS
    'forecast accuracy: 1 - abs(forecast - actual) / actual, negative when off by more than the actual; NULL unless actual is positive';

-- Marketing

CREATE FUNCTION crm_engagement_rate(interactions numeric, base numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN interactions >= 0 AND interactions < 'Infinity'
                     AND base > 0 AND base < 'Infinity'
                THEN interactions / base
                ELSE crm_no_answer('{count interactions,count base}', interactions, base) END;
COMMENT ON FUNCTION crm_engagement_rate(numeric, numeric) IS
    'engagement rate: interactions / base, the base being reach, impressions or followers; may exceed 1';
CREATE FUNCTION crm_engagement_rate(interactions double precision, base double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN interactions >= 0 AND interactions < 'Infinity'
                     AND base > 0 AND base < 'Infinity'
                THEN interactions / base
                ELSE crm_no_answer('{count interactions,count base}', interactions, base) END;
COMMENT ON FUNCTION crm_engagement_rate(double precision, double precision) IS
    'engagement rate: interactions / base, the base being reach, impressions or followers; may exceed 1';

CREATE FUNCTION crm_share_of_voice(own_mentions numeric, competitor_mentions numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN own_mentions >= 0 AND own_mentions < 'Infinity'
                     AND competitor_mentions >= 0 AND competitor_mentions < 'Infinity'
                     AND own_mentions + competitor_mentions > 0
                THEN own_mentions / (own_mentions + competitor_mentions)
                ELSE crm_no_answer('{count own_mentions,count competitor_mentions}',
                                   own_mentions, competitor_mentions) END;
COMMENT ON FUNCTION crm_share_of_voice(numeric, numeric) IS
    'share of voice: own_mentions / (own_mentions + competitor_mentions)';
CREATE FUNCTION crm_share_of_voice(own_mentions double precision,
                                   competitor_mentions double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN own_mentions >= 0 AND own_mentions < 'Infinity'
                     AND competitor_mentions >= 0 AND competitor_mentions < 'Infinity'
                     AND own_mentions + competitor_mentions > 0
                THEN own_mentions / (own_mentions + competitor_mentions)
                ELSE crm_no_answer('{count own_mentions,count competitor_mentions}',
                                   own_mentions, competitor_mentions) END;
COMMENT ON FUNCTION crm_share_of_voice(double precision, double precision) IS
    'share of voice: own_mentions / (own_mentions + competitor_mentions)';

CREATE FUNCTION crm_sentiment_index(positive numeric, negative numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN positive >= 0 AND positive < 'Infinity'
                     AND negative >= 0 AND negative < 'Infinity' AND positive + negative > 0
                THEN (positive - negative) / (positive + negative)
                ELSE crm_no_answer('{count positive,count negative}', positive, negative) END;
COMMENT ON FUNCTION crm_sentiment_index(numeric, numeric) IS
    'net sentiment of the opinionated, -1 to 1: (positive - negative) / (positive + negative)';
CREATE FUNCTION crm_sentiment_index(positive double precision, negative double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN positive >= 0 AND positive < 'Infinity'
                     AND negative >= 0 AND negative < 'Infinity' AND positive + negative > 0
                THEN (positive - negative) / (positive + negative)
                ELSE crm_no_answer('{count positive,count negative}', positive, negative) END;
COMMENT ON FUNCTION crm_sentiment_index(double precision, double precision) IS
    'net sentiment of the opinionated, -1 to 1: (positive - negative) / (positive + negative)';

CREATE FUNCTION crm_sentiment_index(positive numeric, negative numeric, neutral numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN positive >= 0 AND positive < 'Infinity'
                     AND negative >= 0 AND negative < 'Infinity'
                     AND neutral >= 0 AND neutral < 'Infinity'
                     AND positive + negative + neutral > 0
                THEN (positive - negative) / (positive + negative + neutral)
                ELSE crm_no_answer('{count positive,count negative,count neutral}',
                                   positive, negative, neutral) END;
COMMENT ON FUNCTION crm_sentiment_index(numeric, numeric, numeric) IS
    'net sentiment of all, -1 to 1: (positive - negative) / (positive + negative + neutral)';
CREATE FUNCTION crm_sentiment_index(positive double precision, negative double precision,
                                    neutral double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN positive >= 0 AND positive < 'Infinity'
                     AND negative >= 0 AND negative < 'Infinity'
                     AND neutral >= 0 AND neutral < 'Infinity'
                     AND positive + negative + neutral > 0
                THEN (positive - negative) / (positive + negative + neutral)
                ELSE crm_no_answer('{count positive,count negative,count neutral}',
                                   positive, negative, neutral) END;
COMMENT ON FUNCTION crm_sentiment_index(double precision, double precision, double precision) IS
    'net sentiment of all, -1 to 1: (positive - negative) / (positive + negative + neutral)';

CREATE FUNCTION crm_open_rate(unique_opens numeric, delivered numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unique_opens >= 0 AND unique_opens <= delivered
                THEN unique_opens / delivered
                ELSE crm_no_answer('{part unique_opens,count delivered}', unique_opens, delivered) END;
COMMENT ON FUNCTION crm_open_rate(numeric, numeric) IS
    'open rate: unique_opens / delivered';
CREATE FUNCTION crm_open_rate(unique_opens double precision, delivered double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unique_opens >= 0 AND unique_opens <= delivered
                THEN unique_opens / delivered
                ELSE crm_no_answer('{part unique_opens,count delivered}', unique_opens, delivered) END;
COMMENT ON FUNCTION crm_open_rate(double precision, double precision) IS
    'open rate: unique_opens / delivered';

CREATE FUNCTION crm_click_through_rate(unique_clicks numeric, delivered numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unique_clicks >= 0 AND unique_clicks <= delivered
                THEN unique_clicks / delivered
                ELSE crm_no_answer('{part unique_clicks,count delivered}', unique_clicks, delivered) END;
COMMENT ON FUNCTION crm_click_through_rate(numeric, numeric) IS
    'click-through rate: unique_clicks / delivered';
CREATE FUNCTION crm_click_through_rate(unique_clicks double precision,
                                       delivered double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unique_clicks >= 0 AND unique_clicks <= delivered
                THEN unique_clicks / delivered
                ELSE crm_no_answer('{part unique_clicks,count delivered}', unique_clicks, delivered) END;
COMMENT ON FUNCTION crm_click_through_rate(double precision, double precision) IS
    'click-through rate: unique_clicks / delivered';

CREATE FUNCTION crm_bounce_rate(bounces numeric, sent numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN sent > 0 AND sent < 'Infinity' AND bounces >= 0 AND bounces <= sent
                THEN bounces / sent
                ELSE crm_no_answer('{part bounces,count sent}', bounces, sent) END;
COMMENT ON FUNCTION crm_bounce_rate(numeric, numeric) IS
    'bounce rate: bounces / sent';
CREATE FUNCTION crm_bounce_rate(bounces double precision, sent double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN sent > 0 AND sent < 'Infinity' AND bounces >= 0 AND bounces <= sent
                THEN bounces / sent
                ELSE crm_no_answer('{part bounces,count sent}', bounces, sent) END;
COMMENT ON FUNCTION crm_bounce_rate(double precision, double precision) IS
    'bounce rate: bounces / sent';

CREATE FUNCTION crm_unsubscribe_rate(unsubscribes numeric, delivered numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unsubscribes >= 0 AND unsubscribes <= delivered
                THEN unsubscribes / delivered
                ELSE crm_no_answer('{part unsubscribes,count delivered}', unsubscribes, delivered) END;
COMMENT ON FUNCTION crm_unsubscribe_rate(numeric, numeric) IS
    'unsubscribe rate: unsubscribes / delivered';
CREATE FUNCTION crm_unsubscribe_rate(unsubscribes double precision, delivered double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN delivered > 0 AND delivered < 'Infinity'
                     AND unsubscribes >= 0 AND unsubscribes <= delivered
                THEN unsubscribes / delivered
                ELSE crm_no_answer('{part unsubscribes,count delivered}', unsubscribes, delivered) END;
COMMENT ON FUNCTION crm_unsubscribe_rate(double precision, double precision) IS
    'unsubscribe rate: unsubscribes / delivered';

CREATE FUNCTION crm_click_to_open_rate(unique_clicks numeric, unique_opens numeric)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN unique_clicks >= 0 AND unique_clicks < 'Infinity'
                     AND unique_opens > 0 AND unique_opens < 'Infinity'
                THEN unique_clicks / unique_opens
                ELSE crm_no_answer('{count unique_clicks,count unique_opens}',
                                   unique_clicks, unique_opens) END;
COMMENT ON FUNCTION crm_click_to_open_rate(numeric, numeric) IS
    'click-to-open rate: unique_clicks / unique_opens; may exceed 1, because mail readers hide opens';
CREATE FUNCTION crm_click_to_open_rate(unique_clicks double precision,
                                       unique_opens double precision)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1
    RETURN CASE WHEN unique_clicks >= 0 AND unique_clicks < 'Infinity'
                     AND unique_opens > 0 AND unique_opens < 'Infinity'
                THEN unique_clicks / unique_opens
                ELSE crm_no_answer('{count unique_clicks,count unique_opens}',
                                   unique_clicks, unique_opens) END;
COMMENT ON FUNCTION crm_click_to_open_rate(double precision, double precision) IS
    'click-to-open rate: unique_clicks / unique_opens; may exceed 1, because mail readers hide opens';
