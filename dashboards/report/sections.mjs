/*
 * sections.mjs
 *	  What the report shows: for each chart its view, its query and how to draw it.
 *
 * A query may use $1, the currency in which the company sells most: money of
 * different currencies is never added, so that a chart shows one.  kind names a
 * function in client/page.js.  A unit is percent, count, money (of currency $1),
 * or a word to print after the number.  Estimates name the columns of their
 * interval as lower and upper.
 */

const hours = (column) => `extract(epoch FROM ${column})::float8 / 3600`;

/* The last period that is over */
const last = (view, where = 'true') =>
	`SELECT * FROM ${view} WHERE complete AND ${where} ORDER BY period DESC LIMIT 1`;

export const TILES = [
	{
		view: 'kpi_revenue', unit: 'money',
		sql: `SELECT 'Revenue, ' || to_char(period, 'Mon YYYY') AS label, revenue AS value,
			CASE WHEN growth IS NOT NULL THEN to_char(100 * growth, 'FMSG990.0') || '% on the period before' END AS note
			FROM (${last('kpi_revenue', 'currency = $1')}) AS r`
	},
	{
		view: 'kpi_mrr', unit: 'money',
		sql: `SELECT 'MRR, ' || to_char(month, 'Mon YYYY') AS label, closing AS value,
			'net revenue retention ' || to_char(100 * nrr, 'FM990.0') || '%' AS note
			FROM kpi_mrr WHERE complete AND currency = $1 ORDER BY month DESC LIMIT 1`
	},
	{
		view: 'kpi_new_customers', unit: 'count',
		sql: `SELECT 'New customers, ' || to_char(period, 'Mon YYYY') AS label, sum(customers) AS value
			FROM kpi_new_customers WHERE complete GROUP BY period ORDER BY period DESC LIMIT 1`
	},
	{
		view: 'kpi_cac', unit: 'money',
		sql: `SELECT 'Cost of a customer (paid), ' || to_char(period, 'Mon YYYY') AS label, cac_paid AS value
			FROM (${last('kpi_cac', 'currency = $1 AND cac_paid IS NOT NULL')}) AS c`
	},
	{
		view: 'kpi_pipeline', unit: 'percent',
		sql: `SELECT 'Win rate' AS label, win_rate AS value, win_rate_lower AS lower, win_rate_upper AS upper
			FROM kpi_pipeline WHERE currency = $1`
	},
	{
		view: 'kpi_pipeline', unit: 'money',
		sql: `SELECT 'Weighted pipeline' AS label, weighted AS value, open_deals || ' open deals' AS note
			FROM kpi_pipeline WHERE currency = $1`
	},
	{
		view: 'kpi_nps',
		sql: `SELECT 'NPS, last three periods' AS label, nps_3 AS value, nps_3_lower AS lower, nps_3_upper AS upper
			FROM (${last('kpi_nps')}) AS n`
	},
	{
		view: 'kpi_csat', unit: 'percent',
		sql: `SELECT 'Satisfied (CSAT), last three periods' AS label, csat_3 AS value, csat_3_lower AS lower, csat_3_upper AS upper
			FROM (${last('kpi_csat')}) AS n`
	},
	{
		view: 'kpi_service', unit: 'hours',
		sql: `SELECT 'First response, median, ' || to_char(period, 'Mon YYYY') AS label, ${hours('response_median')} AS value
			FROM (${last('kpi_service')}) AS s`
	},
	{
		view: 'kpi_rfm_segments', unit: 'money',
		sql: `SELECT 'Value of all customers (CLV)' AS label, sum(clv) AS value, sum(customers) || ' customers' AS note
			FROM kpi_rfm_segments WHERE currency = $1 HAVING count(clv) > 0`
	}
];

export const SECTIONS = [
	{
		title: 'Revenue',
		charts: [
			{
				id: 'revenue', view: 'kpi_revenue', kind: 'bars', unit: 'money', x: 'period', wide: true,
				title: 'Revenue', text: 'Orders less refunds.',
				sql: `SELECT * FROM (SELECT period, revenue, refunds, orders, average_order, growth FROM kpi_revenue
					WHERE complete AND currency = $1 ORDER BY period DESC LIMIT 36) AS r ORDER BY period`,
				y: [{ name: 'Revenue', value: 'revenue' }],
				tips: [
					{ name: 'Revenue', value: 'revenue', unit: 'money' }, { name: 'Orders', value: 'orders', unit: 'count' },
					{ name: 'Average order', value: 'average_order', unit: 'money' }, { name: 'Growth', value: 'growth', unit: 'percent' }
				],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Revenue', column: 'revenue', unit: 'money' },
					{ name: 'Refunds', column: 'refunds', unit: 'money' }, { name: 'Orders', column: 'orders', unit: 'count' },
					{ name: 'Average order', column: 'average_order', unit: 'money' }, { name: 'Growth', column: 'growth', unit: 'percent' }
				]
			},
			{
				id: 'mrr', view: 'kpi_mrr', kind: 'bars', unit: 'money', x: 'month', stacked: true, wide: true,
				title: 'MRR waterfall', text: 'What came to monthly recurring revenue, and what went.',
				sql: `SELECT * FROM (SELECT month, new, expansion, reactivation, contraction, churn, closing FROM kpi_mrr
					WHERE complete AND currency = $1 ORDER BY month DESC LIMIT 24) AS m ORDER BY month`,
				y: [
					{ name: 'New', value: 'new' }, { name: 'Churn', value: 'churn' }, { name: 'Expansion', value: 'expansion' },
					{ name: 'Reactivation', value: 'reactivation' }, { name: 'Contraction', value: 'contraction' }
				],
				columns: ['Month', 'New', 'Expansion', 'Reactivation', 'Contraction', 'Churn'].map((name) => (
					{ name, column: name.toLowerCase(), unit: name === 'Month' ? undefined : 'money' })).concat(
					{ name: 'MRR', column: 'closing', unit: 'money' })
			},
			{
				id: 'mrr-level', view: 'kpi_mrr', kind: 'line', unit: 'money', x: 'month', zero: true,
				title: 'Monthly recurring revenue', text: 'What subscribers pay a month.',
				sql: `SELECT * FROM (SELECT month, closing, closing_customers, arpa, nrr, grr FROM kpi_mrr
					WHERE complete AND currency = $1 ORDER BY month DESC LIMIT 24) AS m ORDER BY month`,
				y: [{ name: 'MRR', value: 'closing' }],
				columns: [
					{ name: 'Month', column: 'month' }, { name: 'MRR', column: 'closing', unit: 'money' }, { name: 'Subscribers', column: 'closing_customers', unit: 'count' },
					{ name: 'Per subscriber', column: 'arpa', unit: 'money' }, { name: 'Net retention', column: 'nrr', unit: 'percent' },
					{ name: 'Gross retention', column: 'grr', unit: 'percent' }
				]
			},
			{
				id: 'logo-churn', view: 'kpi_mrr', kind: 'line', unit: 'percent', x: 'month', zero: true,
				title: 'Subscribers lost', text: 'Share of the subscribers of the month before who left (logo churn).',
				sql: `SELECT * FROM (SELECT month, opening_customers, churned_customers, logo_churn, logo_churn_lower, logo_churn_upper
					FROM kpi_mrr WHERE complete AND currency = $1 AND logo_churn IS NOT NULL ORDER BY month DESC LIMIT 24) AS m ORDER BY month`,
				y: [{ name: 'Logo churn', value: 'logo_churn', lower: 'logo_churn_lower', upper: 'logo_churn_upper' }],
				columns: [
					{ name: 'Month', column: 'month' }, { name: 'Subscribers', column: 'opening_customers', unit: 'count' },
					{ name: 'Lost', column: 'churned_customers', unit: 'count' }, { name: 'Logo churn', column: 'logo_churn', unit: 'percent' },
					{ name: 'from', column: 'logo_churn_lower', unit: 'percent' }, { name: 'to', column: 'logo_churn_upper', unit: 'percent' }
				]
			},
			{
				id: 'concentration', view: 'kpi_concentration', kind: 'bars', unit: 'percent', x: 'part', across: true, max: 1, wide: true,
				title: 'Concentration of revenue', text: 'What the best customers bring of all revenue.',
				sql: `SELECT part, share, gini FROM kpi_concentration, LATERAL (VALUES ('best 1%', top_1_percent), ('best 10%', top_10_percent),
					('best 20%', top_20_percent)) AS v (part, share) WHERE currency = $1`,
				y: [{ name: 'Share of revenue', value: 'share' }],
				columns: [{ name: 'Customers', column: 'part' }, { name: 'Share of revenue', column: 'share', unit: 'percent' }, { name: 'Gini', column: 'gini', unit: 'number' }]
			}
		]
	},
	{
		title: 'Acquisition',
		charts: [
			{
				id: 'leads', view: 'kpi_leads', kind: 'line', unit: 'percent', x: 'period', zero: true,
				title: 'Lead conversion', text: 'Share of the leads of each period that have become customers so far.',
				sql: `SELECT * FROM (SELECT period, leads, converted, conversion_rate, conversion_lower, conversion_upper FROM kpi_leads
					WHERE complete ORDER BY period DESC LIMIT 36) AS l ORDER BY period`,
				y: [{ name: 'Converted', value: 'conversion_rate', lower: 'conversion_lower', upper: 'conversion_upper' }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Leads', column: 'leads', unit: 'count' }, { name: 'Converted', column: 'converted', unit: 'count' },
					{ name: 'Conversion', column: 'conversion_rate', unit: 'percent' }, { name: 'from', column: 'conversion_lower', unit: 'percent' },
					{ name: 'to', column: 'conversion_upper', unit: 'percent' }
				]
			},
			{
				id: 'cac', view: 'kpi_cac', kind: 'line', unit: 'money', x: 'period', zero: true,
				title: 'Cost of winning a customer', text: 'Spend by customers won: through paid channels, and through all.',
				sql: `SELECT * FROM (SELECT period, spend, new_customers, cac_paid, cac_blended FROM kpi_cac
					WHERE complete AND currency = $1 ORDER BY period DESC LIMIT 36) AS c ORDER BY period`,
				y: [{ name: 'Paid', value: 'cac_paid' }, { name: 'Blended', value: 'cac_blended', dashed: true }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Spend', column: 'spend', unit: 'money' }, { name: 'New customers', column: 'new_customers', unit: 'count' },
					{ name: 'CAC paid', column: 'cac_paid', unit: 'money' }, { name: 'CAC blended', column: 'cac_blended', unit: 'money' }
				]
			},
			{
				id: 'lead-sources', view: 'kpi_lead_sources', kind: 'bars', unit: 'percent', x: 'source', across: true,
				title: 'Lead conversion by source', text: 'Which leads become customers.',
				sql: `SELECT coalesce(source, 'unknown') AS source, leads, converted, conversion_rate, conversion_lower, conversion_upper
					FROM kpi_lead_sources ORDER BY leads DESC LIMIT 10`,
				y: [{ name: 'Converted', value: 'conversion_rate', lower: 'conversion_lower', upper: 'conversion_upper' }],
				columns: [
					{ name: 'Source', column: 'source' }, { name: 'Leads', column: 'leads', unit: 'count' }, { name: 'Converted', column: 'converted', unit: 'count' },
					{ name: 'Conversion', column: 'conversion_rate', unit: 'percent' }, { name: 'from', column: 'conversion_lower', unit: 'percent' },
					{ name: 'to', column: 'conversion_upper', unit: 'percent' }
				]
			},
			{
				id: 'attribution', view: 'kpi_attribution', kind: 'bars', unit: 'money', x: 'channel', across: true, tall: true,
				title: 'Attributed revenue', text: 'Value of the orders, credited to the channels that led to them, by three models.',
				sql: `SELECT coalesce(channel, 'no touch') AS channel, sum(value) FILTER (WHERE model = 'first') AS first,
					sum(value) FILTER (WHERE model = 'linear') AS linear, sum(value) FILTER (WHERE model = 'last') AS last
					FROM kpi_attribution WHERE currency = $1 GROUP BY 1 ORDER BY linear DESC NULLS LAST LIMIT 10`,
				y: [{ name: 'First touch', value: 'first' }, { name: 'Linear', value: 'linear' }, { name: 'Last touch', value: 'last' }],
				columns: [
					{ name: 'Channel', column: 'channel' }, { name: 'First touch', column: 'first', unit: 'money' },
					{ name: 'Linear', column: 'linear', unit: 'money' }, { name: 'Last touch', column: 'last', unit: 'money' }
				]
			}
		]
	},
	{
		title: 'Journeys',
		charts: [
			{
				id: 'journeys', view: 'kpi_journeys', kind: 'sankey', wide: true, tall: true, source: 'source', target: 'target', value: 'customers',
				share: { value: 'share' },
				title: 'From event to event', text: 'What customers and visitors did next, in their first five events.',
				sql: `SELECT step || '. ' || from_event AS source, (step + 1) || '. ' || coalesce(to_event, '(nothing more)') AS target, customers, share
					FROM (SELECT *, row_number() OVER (PARTITION BY step ORDER BY customers DESC) AS place FROM kpi_journeys WHERE step <= 4) AS j
					WHERE place <= 8 ORDER BY step, customers DESC`,
				columns: [
					{ name: 'From', column: 'source' }, { name: 'To', column: 'target' }, { name: 'Customers', column: 'customers', unit: 'count' },
					{ name: 'Share of those who came to it', column: 'share', unit: 'percent' }
				]
			},
			{
				id: 'funnel', view: 'kpi_funnel', kind: 'bars', unit: 'count', x: 'event', across: true,
				title: 'Funnel', text: 'Customers who came so far; whiskers: given how many came to the step before.',
				sql: `SELECT event, customers, share_of_first, share_of_previous, share_lower, share_upper,
					share_lower * lag(customers) OVER w AS lower, share_upper * lag(customers) OVER w AS upper
					FROM kpi_funnel WINDOW w AS (ORDER BY step) ORDER BY step`,
				y: [{ name: 'Customers', value: 'customers', lower: 'lower', upper: 'upper' }],
				tips: [
					{ name: 'Customers', value: 'customers', unit: 'count' }, { name: 'Of the first step', value: 'share_of_first', unit: 'percent' },
					{ name: 'Of the step before', value: 'share_of_previous', unit: 'percent', lower: 'share_lower', upper: 'share_upper' }
				],
				columns: [
					{ name: 'Step', column: 'event' }, { name: 'Customers', column: 'customers', unit: 'count' },
					{ name: 'Of the first', column: 'share_of_first', unit: 'percent' }, { name: 'Of the one before', column: 'share_of_previous', unit: 'percent' },
					{ name: 'from', column: 'share_lower', unit: 'percent' }, { name: 'to', column: 'share_upper', unit: 'percent' }
				]
			},
			{
				id: 'email', view: 'kpi_email', kind: 'line', unit: 'percent', x: 'period', zero: true,
				title: 'E-mail', text: 'Recipients who opened and who clicked, of the messages delivered.',
				sql: `SELECT * FROM (SELECT period, delivered, open_rate, open_lower, open_upper, click_through_rate, click_through_lower, click_through_upper
					FROM kpi_email WHERE complete ORDER BY period DESC LIMIT 36) AS e ORDER BY period`,
				y: [
					{ name: 'Opened', value: 'open_rate', lower: 'open_lower', upper: 'open_upper' },
					{ name: 'Clicked', value: 'click_through_rate', lower: 'click_through_lower', upper: 'click_through_upper' }
				],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Delivered', column: 'delivered', unit: 'count' },
					{ name: 'Opened', column: 'open_rate', unit: 'percent' }, { name: 'from', column: 'open_lower', unit: 'percent' }, { name: 'to', column: 'open_upper', unit: 'percent' },
					{ name: 'Clicked', column: 'click_through_rate', unit: 'percent' }, { name: 'from', column: 'click_through_lower', unit: 'percent' },
					{ name: 'to', column: 'click_through_upper', unit: 'percent' }
				]
			}
		]
	},
	{
		title: 'Pipeline',
		charts: [
			{
				id: 'stages', view: 'kpi_stages', kind: 'bars', unit: 'percent', x: 'stage', across: true, max: 1,
				title: 'From stage to stage', text: 'Share of the deals of a stage that came to a later one; skipped stages count as passed.',
				sql: `SELECT stage, entered, passed, lost, still_open, conversion_rate, conversion_lower, conversion_upper FROM kpi_stages
					WHERE passed IS NOT NULL ORDER BY stage_no`,
				y: [{ name: 'Passed', value: 'conversion_rate', lower: 'conversion_lower', upper: 'conversion_upper' }],
				tips: [
					{ name: 'Passed', value: 'conversion_rate', unit: 'percent', lower: 'conversion_lower', upper: 'conversion_upper' },
					{ name: 'Came to it', value: 'entered', unit: 'count' }, { name: 'Lost', value: 'lost', unit: 'count' },
					{ name: 'Still in it', value: 'still_open', unit: 'count' }
				],
				columns: [
					{ name: 'Stage', column: 'stage' }, { name: 'Came to it', column: 'entered', unit: 'count' }, { name: 'Passed', column: 'passed', unit: 'count' },
					{ name: 'Lost', column: 'lost', unit: 'count' }, { name: 'Open', column: 'still_open', unit: 'count' },
					{ name: 'Share passed', column: 'conversion_rate', unit: 'percent' }, { name: 'from', column: 'conversion_lower', unit: 'percent' },
					{ name: 'to', column: 'conversion_upper', unit: 'percent' }
				]
			},
			{
				id: 'win-rate', view: 'kpi_win_rate', kind: 'line', unit: 'percent', x: 'period', zero: true, max: 1,
				title: 'Win rate', text: 'Won deals of the deals closed in the period.',
				sql: `SELECT * FROM (SELECT period, won, lost, win_rate, win_rate_lower, win_rate_upper FROM kpi_win_rate
					WHERE complete AND currency = $1 ORDER BY period DESC LIMIT 36) AS w ORDER BY period`,
				y: [{ name: 'Win rate', value: 'win_rate', lower: 'win_rate_lower', upper: 'win_rate_upper' }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Won', column: 'won', unit: 'count' }, { name: 'Lost', column: 'lost', unit: 'count' },
					{ name: 'Win rate', column: 'win_rate', unit: 'percent' }, { name: 'from', column: 'win_rate_lower', unit: 'percent' },
					{ name: 'to', column: 'win_rate_upper', unit: 'percent' }
				]
			},
			{
				id: 'forecast', view: 'kpi_forecast', kind: 'bars', unit: 'money', x: 'period', wide: true,
				title: 'Open deals by expected close', text: 'Amount, and amount times the probability of winning.',
				sql: `SELECT coalesce(to_char(period, 'YYYY-MM-DD'), 'no date') AS period, deals, late, amount, weighted FROM kpi_forecast
					WHERE currency = $1 ORDER BY kpi_forecast.period NULLS LAST`,
				y: [{ name: 'Amount', value: 'amount' }, { name: 'Weighted', value: 'weighted' }],
				columns: [
					{ name: 'Expected', column: 'period' }, { name: 'Deals', column: 'deals', unit: 'count' }, { name: 'Overdue', column: 'late', unit: 'count' },
					{ name: 'Amount', column: 'amount', unit: 'money' }, { name: 'Weighted', column: 'weighted', unit: 'money' }
				]
			}
		]
	},
	{
		title: 'Retention and customer value',
		charts: [
			{
				id: 'cohorts', view: 'kpi_cohorts', kind: 'triangle', wide: true, tall: true,
				cohort: 'cohort', period: 'period_no', value: 'retention', lower: 'retention_lower', upper: 'retention_upper',
				count: 'retained', size: 'customers', valueName: 'Ordered again',
				title: 'Retention', text: 'Share of the customers of each first period who ordered again, by periods since.',
				sql: `SELECT cohort, period_no, customers, retained, retention, retention_lower, retention_upper FROM kpi_cohorts
					WHERE retained IS NOT NULL AND cohort IN (SELECT cohort FROM kpi_cohorts GROUP BY cohort ORDER BY cohort DESC LIMIT 24)
					ORDER BY cohort, period_no`,
				columns: [
					{ name: 'First period', column: 'cohort' }, { name: 'Periods since', column: 'period_no', unit: 'count' },
					{ name: 'Customers', column: 'customers', unit: 'count' }, { name: 'Ordered again', column: 'retained', unit: 'count' },
					{ name: 'Share', column: 'retention', unit: 'percent' }, { name: 'from', column: 'retention_lower', unit: 'percent' },
					{ name: 'to', column: 'retention_upper', unit: 'percent' }
				]
			},
			{
				id: 'clv-distribution', view: 'kpi_customer_360', kind: 'bars', unit: 'count', x: 'range',
				title: 'Customer lifetime value', text: 'Customers by what they are expected to be worth.',
				sql: `WITH v AS (SELECT clv, clv_lower, clv_upper FROM kpi_customer_360 WHERE currency = $1 AND clv IS NOT NULL),
					e AS (SELECT greatest(percentile_cont(0.98) WITHIN GROUP (ORDER BY clv), 1e-9) / 20 AS raw FROM v),
					-- a step of 1, 2 or 5 times a power of ten
					s AS (SELECT p * CASE WHEN raw <= p THEN 1 WHEN raw <= 2 * p THEN 2 WHEN raw <= 5 * p THEN 5 ELSE 10 END AS step
						FROM e, LATERAL (SELECT 10 ^ floor(log(raw)) AS p) AS p),
					b AS (SELECT least(floor(clv / step), 20)::int AS bin, count(*) AS customers, avg(clv_lower) AS lower, avg(clv_upper) AS upper
						FROM v, s GROUP BY 1)
					SELECT CASE WHEN g = 20 THEN 'from ' || (g * step)::numeric ELSE (g * step)::numeric || ' to ' || ((g + 1) * step)::numeric END AS range,
						coalesce(customers, 0) AS customers, lower, upper
					FROM s, generate_series(0, (SELECT max(bin) FROM b)) AS g LEFT JOIN b ON bin = g ORDER BY g`,
				y: [{ name: 'Customers', value: 'customers' }],
				tips: [{ name: 'Customers', value: 'customers', unit: 'count' }],
				columns: [
					{ name: 'Expected value', column: 'range' }, { name: 'Customers', column: 'customers', unit: 'count' },
					{ name: 'Interval of one of them, mean, from', column: 'lower', unit: 'money' }, { name: 'to', column: 'upper', unit: 'money' }
				]
			},
			{
				id: 'segments', view: 'kpi_rfm_segments', kind: 'bars', unit: 'money', x: 'rfm_segment', across: true,
				title: 'Customer value by segment', text: 'What the customers of a segment will be worth, all together, with the interval of that total.',
				sql: `SELECT rfm_segment, customers, alive, revenue, clv, clv_lower, clv_upper, clv_each FROM kpi_rfm_segments
					WHERE currency = $1 AND clv IS NOT NULL ORDER BY clv DESC`,
				y: [{ name: 'CLV', value: 'clv', lower: 'clv_lower', upper: 'clv_upper' }],
				tips: [
					{ name: 'CLV', value: 'clv', unit: 'money', lower: 'clv_lower', upper: 'clv_upper' }, { name: 'Customers', value: 'customers', unit: 'count' },
					{ name: 'Still customers', value: 'alive', unit: 'count' }, { name: 'CLV each', value: 'clv_each', unit: 'money' }
				],
				columns: [
					{ name: 'Segment', column: 'rfm_segment' }, { name: 'Customers', column: 'customers', unit: 'count' },
					{ name: 'Still customers', column: 'alive', unit: 'count' }, { name: 'Revenue so far', column: 'revenue', unit: 'money' },
					{ name: 'CLV', column: 'clv', unit: 'money' }, { name: 'from', column: 'clv_lower', unit: 'money' },
					{ name: 'to', column: 'clv_upper', unit: 'money' }, { name: 'CLV each', column: 'clv_each', unit: 'money' }
				]
			},
			{
				id: 'best-customers', view: 'kpi_customer_360', kind: 'bars', unit: 'money', x: 'customer', across: true, tall: true,
				title: 'Most valuable customers', text: 'Expected value, and where a customer like this ends up.',
				sql: `SELECT coalesce(name, customer_id) AS customer, orders, revenue, p_alive, clv, clv_lower, clv_upper FROM kpi_customer_360
					WHERE currency = $1 AND clv IS NOT NULL ORDER BY clv DESC LIMIT 15`,
				y: [{ name: 'CLV', value: 'clv', lower: 'clv_lower', upper: 'clv_upper' }],
				tips: [
					{ name: 'CLV', value: 'clv', unit: 'money', lower: 'clv_lower', upper: 'clv_upper' }, { name: 'Orders', value: 'orders', unit: 'count' },
					{ name: 'Revenue so far', value: 'revenue', unit: 'money' }, { name: 'Still a customer', value: 'p_alive', unit: 'percent' }
				],
				columns: [
					{ name: 'Customer', column: 'customer' }, { name: 'Orders', column: 'orders', unit: 'count' }, { name: 'Revenue so far', column: 'revenue', unit: 'money' },
					{ name: 'Still a customer', column: 'p_alive', unit: 'percent' }, { name: 'CLV', column: 'clv', unit: 'money' },
					{ name: 'from', column: 'clv_lower', unit: 'money' }, { name: 'to', column: 'clv_upper', unit: 'money' }
				]
			},
			{
				id: 'repeat', view: 'kpi_repeat_purchase', kind: 'line', unit: 'percent', x: 'period', zero: true,
				title: 'Customers who come back', text: 'Share of the customers of a period who had ordered before it.',
				sql: `SELECT * FROM (SELECT period, customers, returning_customers, returning_rate, returning_lower, returning_upper
					FROM kpi_repeat_purchase WHERE complete ORDER BY period DESC LIMIT 36) AS r ORDER BY period`,
				y: [{ name: 'Returning', value: 'returning_rate', lower: 'returning_lower', upper: 'returning_upper' }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Customers', column: 'customers', unit: 'count' },
					{ name: 'Returning', column: 'returning_customers', unit: 'count' }, { name: 'Share', column: 'returning_rate', unit: 'percent' },
					{ name: 'from', column: 'returning_lower', unit: 'percent' }, { name: 'to', column: 'returning_upper', unit: 'percent' }
				]
			}
		]
	},
	{
		title: 'Service and satisfaction',
		charts: [
			{
				id: 'nps', view: 'kpi_nps', kind: 'line', x: 'period',
				title: 'Net promoter score', text: 'Promoters less detractors, by period, and of three periods together.',
				sql: `SELECT * FROM (SELECT period, answers, nps, nps_lower, nps_upper, nps_3, nps_3_lower, nps_3_upper FROM kpi_nps
					WHERE complete ORDER BY period DESC LIMIT 36) AS n ORDER BY period`,
				y: [
					{ name: 'NPS', value: 'nps' },
					{ name: 'NPS of three periods', value: 'nps_3', lower: 'nps_3_lower', upper: 'nps_3_upper' }
				],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Answers', column: 'answers', unit: 'count' }, { name: 'NPS', column: 'nps', unit: 'number' },
					{ name: 'from', column: 'nps_lower', unit: 'number' }, { name: 'to', column: 'nps_upper', unit: 'number' },
					{ name: 'of three periods', column: 'nps_3', unit: 'number' }, { name: 'from', column: 'nps_3_lower', unit: 'number' },
					{ name: 'to', column: 'nps_3_upper', unit: 'number' }
				]
			},
			{
				id: 'csat', view: 'kpi_csat', kind: 'line', unit: 'percent', x: 'period', max: 1,
				title: 'Satisfaction (CSAT)', text: 'Answers of 4 and 5, by period, and of three periods together.',
				sql: `SELECT * FROM (SELECT period, answers, csat, csat_lower, csat_upper, csat_3, csat_3_lower, csat_3_upper FROM kpi_csat
					WHERE complete ORDER BY period DESC LIMIT 36) AS n ORDER BY period`,
				y: [
					{ name: 'CSAT', value: 'csat' },
					{ name: 'CSAT of three periods', value: 'csat_3', lower: 'csat_3_lower', upper: 'csat_3_upper' }
				],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Answers', column: 'answers', unit: 'count' }, { name: 'CSAT', column: 'csat', unit: 'percent' },
					{ name: 'from', column: 'csat_lower', unit: 'percent' }, { name: 'to', column: 'csat_upper', unit: 'percent' },
					{ name: 'of three periods', column: 'csat_3', unit: 'percent' }, { name: 'from', column: 'csat_3_lower', unit: 'percent' },
					{ name: 'to', column: 'csat_3_upper', unit: 'percent' }
				]
			},
			{
				id: 'response', view: 'kpi_service', kind: 'line', unit: 'hours', x: 'period', zero: true,
				title: 'Time to answer and to solve', text: 'Medians of the tickets that came in, in hours of the calendar.',
				sql: `SELECT * FROM (SELECT period, tickets, ${hours('response_median')} AS response, ${hours('resolution_median')} AS resolution
					FROM kpi_service WHERE complete ORDER BY period DESC LIMIT 36) AS s ORDER BY period`,
				y: [{ name: 'First response', value: 'response' }, { name: 'Resolution', value: 'resolution' }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Tickets', column: 'tickets', unit: 'count' },
					{ name: 'First response, hours', column: 'response', unit: 'number' }, { name: 'Resolution, hours', column: 'resolution', unit: 'number' }
				]
			},
			{
				id: 'sla', view: 'kpi_service', kind: 'line', unit: 'percent', x: 'period', max: 1,
				title: 'Targets met', text: 'Share of the tickets answered, and solved, within the promised time.',
				sql: `SELECT * FROM (SELECT period, response_within, response_lower, response_upper, resolution_within, resolution_lower, resolution_upper
					FROM kpi_service WHERE complete AND coalesce(response_within, resolution_within) IS NOT NULL
					ORDER BY period DESC LIMIT 36) AS s ORDER BY period`,
				y: [
					{ name: 'First response', value: 'response_within', lower: 'response_lower', upper: 'response_upper' },
					{ name: 'Resolution', value: 'resolution_within', lower: 'resolution_lower', upper: 'resolution_upper' }
				],
				columns: [
					{ name: 'Period', column: 'period' },
					{ name: 'First response', column: 'response_within', unit: 'percent' }, { name: 'from', column: 'response_lower', unit: 'percent' },
					{ name: 'to', column: 'response_upper', unit: 'percent' }, { name: 'Resolution', column: 'resolution_within', unit: 'percent' },
					{ name: 'from', column: 'resolution_lower', unit: 'percent' }, { name: 'to', column: 'resolution_upper', unit: 'percent' }
				]
			},
			{
				id: 'backlog', view: 'kpi_backlog', kind: 'bars', unit: 'count', x: 'period', wide: true,
				title: 'Tickets', text: 'Opened and solved in each period, and open at its end.',
				sql: `SELECT * FROM (SELECT period, opened, resolved, backlog FROM kpi_backlog WHERE complete ORDER BY period DESC LIMIT 36) AS b ORDER BY period`,
				y: [{ name: 'Opened', value: 'opened' }, { name: 'Solved', value: 'resolved' }, { name: 'Open at the end', value: 'backlog', line: true }],
				columns: [
					{ name: 'Period', column: 'period' }, { name: 'Opened', column: 'opened', unit: 'count' },
					{ name: 'Solved', column: 'resolved', unit: 'count' }, { name: 'Open at the end', column: 'backlog', unit: 'count' }
				]
			}
		]
	},
	{
		title: 'Quality of the data',
		charts: [
			{
				id: 'quality', view: 'kpi_data_quality', kind: 'bars', unit: 'percent', x: 'what', across: true, wide: true, tall: true,
				title: 'What is wrong with the data', text: 'Share of the rows of an entity; errors are left out of the numbers above, warnings make them mean less.',
				sql: `SELECT entity || ': ' || problem AS what, severity, found, rows, share FROM kpi_data_quality
					WHERE found > 0 ORDER BY array_position('{error,warning,info}'::text[], severity), share DESC LIMIT 20`,
				y: [{ name: 'Share of rows', value: 'share' }],
				tips: [{ name: 'Rows', value: 'found', unit: 'count' }, { name: 'of', value: 'rows', unit: 'count' }],
				columns: [
					{ name: 'What', column: 'what' }, { name: 'Severity', column: 'severity' }, { name: 'Found', column: 'found', unit: 'count' },
					{ name: 'Rows', column: 'rows', unit: 'count' }, { name: 'Share', column: 'share', unit: 'percent' }
				]
			}
		]
	}
];
