/*
 * tables.sql - the tables of the sample CRM
 *
 * Keys and NULLs are where such systems have them: web tracking knows no
 * foreign keys, guests have no customer, and what a form leaves optional is
 * sometimes missing.  Four tables no company has: segments, regions and
 * calendar say what the generator draws from, truth what it drew.
 */

/* What the generator draws from */

CREATE TABLE sample_crm.segments (
	segment			text PRIMARY KEY,
	share			float8 NOT NULL,
	buyers			float8 NOT NULL,
	r				float8 NOT NULL,
	alpha			float8 NOT NULL,
	s				float8 NOT NULL,
	beta			float8 NOT NULL,
	p				int NOT NULL CHECK (p BETWEEN 1 AND 4),
	q				float8 NOT NULL,
	gamma			float8 NOT NULL,
	subscribers		float8 NOT NULL,
	churn_a			float8 NOT NULL,
	churn_b			float8 NOT NULL,
	monthly_fee		numeric(10,2) NOT NULL,
	tickets_a_year	float8 NOT NULL,
	deals_a_year	float8 NOT NULL,
	deal_value		float8 NOT NULL,
	win_rate		float8 NOT NULL
);
COMMENT ON TABLE sample_crm.segments IS 'Kinds of customers and the model parameters they are drawn from (Pareto/NBD and Gamma-Gamma, time in weeks)';
COMMENT ON COLUMN sample_crm.segments.segment IS 'Name of the segment';
COMMENT ON COLUMN sample_crm.segments.share IS 'Share of customers that belong to it';
COMMENT ON COLUMN sample_crm.segments.buyers IS 'Share of its customers that ever order';
COMMENT ON COLUMN sample_crm.segments.r IS 'Shape of the gamma distribution of purchase rates';
COMMENT ON COLUMN sample_crm.segments.alpha IS 'Rate of the gamma distribution of purchase rates, in weeks';
COMMENT ON COLUMN sample_crm.segments.s IS 'Shape of the gamma distribution of dropout rates';
COMMENT ON COLUMN sample_crm.segments.beta IS 'Rate of the gamma distribution of dropout rates, in weeks';
COMMENT ON COLUMN sample_crm.segments.p IS 'Shape of the gamma distribution of a customer''s order values (an integer: four exponentials at most)';
COMMENT ON COLUMN sample_crm.segments.q IS 'Shape of the gamma distribution of the customers'' rates of order values';
COMMENT ON COLUMN sample_crm.segments.gamma IS 'Rate of the gamma distribution of the customers'' rates of order values';
COMMENT ON COLUMN sample_crm.segments.subscribers IS 'Share of its customers that subscribe';
COMMENT ON COLUMN sample_crm.segments.churn_a IS 'First parameter of the beta distribution of monthly churn probabilities';
COMMENT ON COLUMN sample_crm.segments.churn_b IS 'Second parameter of the beta distribution of monthly churn probabilities';
COMMENT ON COLUMN sample_crm.segments.monthly_fee IS 'Price of a seat for a month';
COMMENT ON COLUMN sample_crm.segments.tickets_a_year IS 'Mean number of support tickets a year';
COMMENT ON COLUMN sample_crm.segments.deals_a_year IS 'Mean number of sales opportunities a year';
COMMENT ON COLUMN sample_crm.segments.deal_value IS 'Median value of a sales opportunity';
COMMENT ON COLUMN sample_crm.segments.win_rate IS 'Probability that an opportunity passes every stage';

INSERT INTO sample_crm.segments VALUES
	('consumer',       0.78, 0.90, 0.6, 6, 0.7, 12, 4, 4.0,  33.75, 0.22, 0.8, 7.0,   9.90, 0.6, 0.0,     0, 0.00),
	('small business', 0.17, 0.85, 1.2, 6, 0.8, 30, 3, 3.5, 100.00, 0.45, 0.9, 14.0, 39.00, 1.5, 0.8,  4000, 0.35),
	('enterprise',     0.05, 0.80, 2.0, 5, 0.9, 60, 4, 4.5, 306.25, 0.60, 1.0, 30.0, 99.00, 4.0, 1.6, 25000, 0.28);

CREATE TABLE sample_crm.regions (
	country		text NOT NULL,
	time_zone	text NOT NULL,
	currency	text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	upto		float8 NOT NULL,
	PRIMARY KEY (country, time_zone)
);
COMMENT ON TABLE sample_crm.regions IS 'Where customers live';
COMMENT ON COLUMN sample_crm.regions.country IS 'ISO 3166 code';
COMMENT ON COLUMN sample_crm.regions.time_zone IS 'IANA time zone';
COMMENT ON COLUMN sample_crm.regions.currency IS 'Currency in which the region is invoiced';
COMMENT ON COLUMN sample_crm.regions.upto IS 'Cumulative share of customers, this region''s included';

INSERT INTO sample_crm.regions VALUES
	('DE', 'Europe/Berlin',       'EUR', 0.34),
	('FR', 'Europe/Paris',        'EUR', 0.46),
	('GB', 'Europe/London',       'EUR', 0.56),
	('US', 'America/New_York',    'USD', 0.76),
	('US', 'America/Los_Angeles', 'USD', 0.86),
	('BR', 'America/Sao_Paulo',   'USD', 0.90),
	('IN', 'Asia/Kolkata',        'USD', 0.95),
	('AU', 'Australia/Sydney',    'USD', 1.00);

CREATE TABLE sample_crm.calendar (
	day		date PRIMARY KEY,
	weight	float8 NOT NULL,
	elapsed	float8 NOT NULL
);
COMMENT ON TABLE sample_crm.calendar IS 'Days (UTC) of the generated period and how busy they are';
COMMENT ON COLUMN sample_crm.calendar.day IS 'Day, in UTC';
COMMENT ON COLUMN sample_crm.calendar.weight IS 'Activity of that day by month and weekday; the mean of a year is about 1';
COMMENT ON COLUMN sample_crm.calendar.elapsed IS 'Weeks from the start of the period to the start of the day, each day counted with its weight';

/* Customers, and what is true of them */

CREATE TABLE sample_crm.customers (
	id					bigint PRIMARY KEY,
	name				text NOT NULL,
	email				text,
	company				text,
	segment				text REFERENCES sample_crm.segments,
	country				text,
	time_zone			text NOT NULL,
	currency			text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	birth_year			int,
	acquired_at			timestamptz NOT NULL,
	acquisition_channel	text,
	email_opt_in		boolean
);
CREATE INDEX ON sample_crm.customers (acquired_at);
COMMENT ON TABLE sample_crm.customers IS 'People and companies with an account';
COMMENT ON COLUMN sample_crm.customers.id IS 'Number, in order of acquisition';
COMMENT ON COLUMN sample_crm.customers.name IS 'Name of the person';
COMMENT ON COLUMN sample_crm.customers.email IS 'E-mail address: not unique, not always lower case, may be missing';
COMMENT ON COLUMN sample_crm.customers.company IS 'Employer; NULL for consumers';
COMMENT ON COLUMN sample_crm.customers.segment IS 'Segment; NULL where nobody has filled it in';
COMMENT ON COLUMN sample_crm.customers.country IS 'ISO 3166 code of the country; NULL where unknown';
COMMENT ON COLUMN sample_crm.customers.time_zone IS 'IANA time zone of the customer';
COMMENT ON COLUMN sample_crm.customers.currency IS 'Currency in which the customer is usually invoiced';
COMMENT ON COLUMN sample_crm.customers.birth_year IS 'Year of birth; NULL where not given';
COMMENT ON COLUMN sample_crm.customers.acquired_at IS 'When the account was made';
COMMENT ON COLUMN sample_crm.customers.acquisition_channel IS 'Marketing channel that brought the customer; NULL where unknown';
COMMENT ON COLUMN sample_crm.customers.email_opt_in IS 'Whether the customer agreed to newsletters; NULL where never asked';

CREATE TABLE sample_crm.truth (
	customer_id			bigint PRIMARY KEY REFERENCES sample_crm.customers,
	segment				text NOT NULL,
	lambda				float8 NOT NULL,
	mu					float8 NOT NULL,
	mean_spend			float8 NOT NULL,
	first_order_at		timestamptz,
	lifetime_end		timestamptz,
	exposure			float8,
	repeat_purchases	int,
	churn_rate			float8 NOT NULL
);
COMMENT ON TABLE sample_crm.truth IS 'What the generator drew for each customer, and no company knows: for comparing predictions to';
COMMENT ON COLUMN sample_crm.truth.customer_id IS 'The customer';
COMMENT ON COLUMN sample_crm.truth.segment IS 'Segment, never NULL';
COMMENT ON COLUMN sample_crm.truth.lambda IS 'Purchases a week while alive, averaged over the seasons';
COMMENT ON COLUMN sample_crm.truth.mu IS 'Dropout rate a week: the lifetime from the first order is exponential with this rate';
COMMENT ON COLUMN sample_crm.truth.mean_spend IS 'Mean value of a purchase, in the currency of the customer';
COMMENT ON COLUMN sample_crm.truth.first_order_at IS 'First order; NULL if there is none within the period';
COMMENT ON COLUMN sample_crm.truth.lifetime_end IS 'When the customer drops out, known or not by the end of the period; infinity beyond a hundred years; NULL without an order';
COMMENT ON COLUMN sample_crm.truth.exposure IS 'Weeks, weighted by season, from the first order to dropout or the end of the period';
COMMENT ON COLUMN sample_crm.truth.repeat_purchases IS 'Purchases after the first one: Poisson with mean lambda * exposure';
COMMENT ON COLUMN sample_crm.truth.churn_rate IS 'Probability that the customer ends a subscription in any month';

/* Acquisition */

CREATE TABLE sample_crm.marketing_spend (
	day			date NOT NULL,
	channel		text NOT NULL,
	amount		numeric(12,2) NOT NULL,
	currency	text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	PRIMARY KEY (day, channel)
);
COMMENT ON TABLE sample_crm.marketing_spend IS 'What was spent on each paid channel; some days were never reported';
COMMENT ON COLUMN sample_crm.marketing_spend.day IS 'Day';
COMMENT ON COLUMN sample_crm.marketing_spend.channel IS 'Paid channel, as in customers.acquisition_channel';
COMMENT ON COLUMN sample_crm.marketing_spend.amount IS 'Amount spent';
COMMENT ON COLUMN sample_crm.marketing_spend.currency IS 'Currency of the amount: social media bill in USD';

CREATE TABLE sample_crm.leads (
	id					bigint PRIMARY KEY,
	created_at			timestamptz NOT NULL,
	source				text,
	email				text,
	company				text,
	score				int CHECK (score BETWEEN 0 AND 100),
	status				text NOT NULL CHECK (status IN ('new', 'working', 'disqualified', 'converted')),
	first_contacted_at	timestamptz,
	converted_at		timestamptz,
	customer_id			bigint UNIQUE REFERENCES sample_crm.customers
);
CREATE INDEX ON sample_crm.leads (created_at);
COMMENT ON TABLE sample_crm.leads IS 'Enquiries that may become customers';
COMMENT ON COLUMN sample_crm.leads.id IS 'Number, in order of creation';
COMMENT ON COLUMN sample_crm.leads.created_at IS 'When the lead came in';
COMMENT ON COLUMN sample_crm.leads.source IS 'Marketing channel; NULL where unknown';
COMMENT ON COLUMN sample_crm.leads.email IS 'E-mail address; NULL where not given';
COMMENT ON COLUMN sample_crm.leads.company IS 'Company; NULL where not given';
COMMENT ON COLUMN sample_crm.leads.score IS 'Score of the sales team, 0 to 100; NULL where not scored';
COMMENT ON COLUMN sample_crm.leads.status IS 'new, working, disqualified or converted';
COMMENT ON COLUMN sample_crm.leads.first_contacted_at IS 'First call or message by sales; NULL if there was none';
COMMENT ON COLUMN sample_crm.leads.converted_at IS 'When the lead became a customer; NULL if not';
COMMENT ON COLUMN sample_crm.leads.customer_id IS 'The customer it became; NULL if not converted';

/* Sales pipeline */

CREATE TABLE sample_crm.opportunities (
	id				bigint PRIMARY KEY,
	customer_id		bigint REFERENCES sample_crm.customers,
	lead_id			bigint REFERENCES sample_crm.leads,
	name			text NOT NULL,
	owner			text,
	created_at		timestamptz NOT NULL,
	stage			text NOT NULL,
	status			text NOT NULL CHECK (status IN ('open', 'won', 'lost')),
	probability		int CHECK (probability BETWEEN 0 AND 100),
	amount			numeric(14,2),
	currency		text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	expected_close	date,
	closed_at		timestamptz,
	lost_reason		text,
	CHECK ((status = 'open') = (closed_at IS NULL)),
	CHECK (customer_id IS NOT NULL OR lead_id IS NOT NULL)
);
CREATE INDEX ON sample_crm.opportunities (customer_id);
CREATE INDEX ON sample_crm.opportunities (closed_at);
COMMENT ON TABLE sample_crm.opportunities IS 'Deals, with the state they are in at the end of the period';
COMMENT ON COLUMN sample_crm.opportunities.id IS 'Number, in order of creation';
COMMENT ON COLUMN sample_crm.opportunities.customer_id IS 'The customer; NULL while it is a lead''s';
COMMENT ON COLUMN sample_crm.opportunities.lead_id IS 'The lead it came from; NULL if it came from a customer';
COMMENT ON COLUMN sample_crm.opportunities.name IS 'Title';
COMMENT ON COLUMN sample_crm.opportunities.owner IS 'Sales person; NULL if unassigned';
COMMENT ON COLUMN sample_crm.opportunities.created_at IS 'When it was opened';
COMMENT ON COLUMN sample_crm.opportunities.stage IS 'Current stage: the last one in opportunity_stages';
COMMENT ON COLUMN sample_crm.opportunities.status IS 'open, won or lost';
COMMENT ON COLUMN sample_crm.opportunities.probability IS 'Probability of winning in per cent, as the stage has it; NULL where never set';
COMMENT ON COLUMN sample_crm.opportunities.amount IS 'Value of the deal; NULL where never set';
COMMENT ON COLUMN sample_crm.opportunities.currency IS 'Currency of the amount';
COMMENT ON COLUMN sample_crm.opportunities.expected_close IS 'Day by which the owner expected to close; NULL where never set';
COMMENT ON COLUMN sample_crm.opportunities.closed_at IS 'When it was last won or lost; NULL while open';
COMMENT ON COLUMN sample_crm.opportunities.lost_reason IS 'Why it was lost; NULL unless lost and filled in';

CREATE TABLE sample_crm.opportunity_stages (
	id				bigint PRIMARY KEY,
	opportunity_id	bigint NOT NULL REFERENCES sample_crm.opportunities,
	stage			text NOT NULL CHECK (stage IN ('qualification', 'discovery', 'proposal', 'negotiation', 'won', 'lost')),
	entered_at		timestamptz NOT NULL
);
CREATE INDEX ON sample_crm.opportunity_stages (opportunity_id, entered_at);
COMMENT ON TABLE sample_crm.opportunity_stages IS 'Stage history: stages are skipped, entered again, and a lost deal may be reopened';
COMMENT ON COLUMN sample_crm.opportunity_stages.id IS 'Number; orders the changes of one deal made at the same instant';
COMMENT ON COLUMN sample_crm.opportunity_stages.opportunity_id IS 'The deal';
COMMENT ON COLUMN sample_crm.opportunity_stages.stage IS 'Stage entered: qualification, discovery, proposal, negotiation, won or lost';
COMMENT ON COLUMN sample_crm.opportunity_stages.entered_at IS 'When it was entered';

/* Orders */

CREATE TABLE sample_crm.orders (
	id			bigint PRIMARY KEY,
	customer_id	bigint REFERENCES sample_crm.customers,
	guest_email	text,
	ordered_at	timestamptz NOT NULL,
	amount		numeric(12,2) NOT NULL,
	currency	text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	channel		text NOT NULL,
	coupon		text,
	refund_of	bigint REFERENCES sample_crm.orders,
	CHECK (customer_id IS NULL OR guest_email IS NULL),
	CHECK ((amount < 0) = (refund_of IS NOT NULL))
);
CREATE INDEX ON sample_crm.orders (customer_id, ordered_at);
CREATE INDEX ON sample_crm.orders (ordered_at);
CREATE INDEX ON sample_crm.orders (refund_of) WHERE refund_of IS NOT NULL;
COMMENT ON TABLE sample_crm.orders IS 'Orders, and refunds as negative orders';
COMMENT ON COLUMN sample_crm.orders.id IS 'Number, in order of time';
COMMENT ON COLUMN sample_crm.orders.customer_id IS 'The customer; NULL for a guest';
COMMENT ON COLUMN sample_crm.orders.guest_email IS 'E-mail address of a guest; NULL for customers and where not given';
COMMENT ON COLUMN sample_crm.orders.ordered_at IS 'When it was ordered, or refunded';
COMMENT ON COLUMN sample_crm.orders.amount IS 'Value: the sum of the lines; zero for vouchers, negative for refunds';
COMMENT ON COLUMN sample_crm.orders.currency IS 'Currency of the amount: the customer''s, with rare exceptions';
COMMENT ON COLUMN sample_crm.orders.channel IS 'web, store or phone';
COMMENT ON COLUMN sample_crm.orders.coupon IS 'Coupon used; NULL if none';
COMMENT ON COLUMN sample_crm.orders.refund_of IS 'The order that is refunded, in full or in part; NULL if this is no refund';

CREATE TABLE sample_crm.order_lines (
	order_id	bigint NOT NULL REFERENCES sample_crm.orders,
	line_no		int NOT NULL,
	product		text NOT NULL,
	category	text NOT NULL,
	quantity	int NOT NULL,
	amount		numeric(12,2) NOT NULL,
	PRIMARY KEY (order_id, line_no)
);
COMMENT ON TABLE sample_crm.order_lines IS 'Lines of the orders; a refund has one';
COMMENT ON COLUMN sample_crm.order_lines.order_id IS 'The order';
COMMENT ON COLUMN sample_crm.order_lines.line_no IS 'Number of the line within the order, from 1';
COMMENT ON COLUMN sample_crm.order_lines.product IS 'Product, or refund';
COMMENT ON COLUMN sample_crm.order_lines.category IS 'Category of the product, or refund';
COMMENT ON COLUMN sample_crm.order_lines.quantity IS 'Pieces; 0 for a refund';
COMMENT ON COLUMN sample_crm.order_lines.amount IS 'Value of the line, all pieces together';

/* Recurring revenue */

CREATE TABLE sample_crm.subscriptions (
	id					bigint PRIMARY KEY,
	customer_id			bigint NOT NULL REFERENCES sample_crm.customers,
	plan				text NOT NULL,
	currency			text NOT NULL CHECK (currency IN ('EUR', 'USD')),
	started_on			date NOT NULL,
	cancelled_at		timestamptz,
	ended_on			date,
	cancel_reason		text,
	CHECK (ended_on > started_on)
);
CREATE INDEX ON sample_crm.subscriptions (customer_id);
COMMENT ON TABLE sample_crm.subscriptions IS 'Subscriptions; a customer who comes back has two';
COMMENT ON COLUMN sample_crm.subscriptions.id IS 'Number, in order of start';
COMMENT ON COLUMN sample_crm.subscriptions.customer_id IS 'The customer';
COMMENT ON COLUMN sample_crm.subscriptions.plan IS 'basic, team or business';
COMMENT ON COLUMN sample_crm.subscriptions.currency IS 'Currency of the customer';
COMMENT ON COLUMN sample_crm.subscriptions.started_on IS 'First day of the first paid month';
COMMENT ON COLUMN sample_crm.subscriptions.cancelled_at IS 'When notice was given, up to a month before the end; NULL if it was not';
COMMENT ON COLUMN sample_crm.subscriptions.ended_on IS 'First day of the first unpaid month; NULL while it runs';
COMMENT ON COLUMN sample_crm.subscriptions.cancel_reason IS 'Why; NULL unless ended and filled in';

CREATE TABLE sample_crm.subscription_months (
	customer_id		bigint NOT NULL REFERENCES sample_crm.customers,
	month			date NOT NULL CHECK (date_trunc('month', month::timestamp) = month::timestamp),
	subscription_id	bigint NOT NULL REFERENCES sample_crm.subscriptions,
	seats			int NOT NULL,
	mrr				numeric(12,2) NOT NULL CHECK (mrr >= 0),
	PRIMARY KEY (customer_id, month)
);
CREATE INDEX ON sample_crm.subscription_months (month);
COMMENT ON TABLE sample_crm.subscription_months IS 'Monthly recurring revenue of each customer: expansion, contraction, churn, reactivation, unpaid and missing months';
COMMENT ON COLUMN sample_crm.subscription_months.customer_id IS 'The customer';
COMMENT ON COLUMN sample_crm.subscription_months.month IS 'First day of the month';
COMMENT ON COLUMN sample_crm.subscription_months.subscription_id IS 'The subscription';
COMMENT ON COLUMN sample_crm.subscription_months.seats IS 'Seats paid for; 0 in a paused month';
COMMENT ON COLUMN sample_crm.subscription_months.mrr IS 'Revenue of the month, in the currency of the subscription; 0 in a paused month';

/* Service */

CREATE TABLE sample_crm.tickets (
	id					bigint PRIMARY KEY,
	customer_id			bigint REFERENCES sample_crm.customers,
	subject				text NOT NULL,
	priority			text CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
	channel				text NOT NULL,
	status				text NOT NULL CHECK (status IN ('new', 'open', 'solved')),
	created_at			timestamptz NOT NULL,
	first_response_at	timestamptz,
	first_resolved_at	timestamptz,
	resolved_at			timestamptz,
	reopened			int NOT NULL,
	CHECK ((status = 'solved') = (resolved_at IS NOT NULL))
);
CREATE INDEX ON sample_crm.tickets (customer_id);
CREATE INDEX ON sample_crm.tickets (created_at);
COMMENT ON TABLE sample_crm.tickets IS 'Support tickets, with the state they are in at the end of the period';
COMMENT ON COLUMN sample_crm.tickets.id IS 'Number, in order of creation';
COMMENT ON COLUMN sample_crm.tickets.customer_id IS 'The customer; NULL if the sender is unknown';
COMMENT ON COLUMN sample_crm.tickets.subject IS 'What it is about';
COMMENT ON COLUMN sample_crm.tickets.priority IS 'low, normal, high or urgent; NULL if nobody set it';
COMMENT ON COLUMN sample_crm.tickets.channel IS 'email, web, chat or phone';
COMMENT ON COLUMN sample_crm.tickets.status IS 'new (not answered), open or solved';
COMMENT ON COLUMN sample_crm.tickets.created_at IS 'When it came in';
COMMENT ON COLUMN sample_crm.tickets.first_response_at IS 'First answer by a person; NULL if there was none';
COMMENT ON COLUMN sample_crm.tickets.first_resolved_at IS 'When it was first solved; NULL if it never was';
COMMENT ON COLUMN sample_crm.tickets.resolved_at IS 'When it was last solved; NULL while it is open (again)';
COMMENT ON COLUMN sample_crm.tickets.reopened IS 'How often it was opened again';

CREATE TABLE sample_crm.survey_responses (
	id				bigint PRIMARY KEY,
	survey			text NOT NULL CHECK (survey IN ('nps', 'csat', 'ces')),
	customer_id		bigint REFERENCES sample_crm.customers,
	ticket_id		bigint REFERENCES sample_crm.tickets,
	sent_at			timestamptz NOT NULL,
	responded_at	timestamptz,
	score			int,
	comment			text,
	CHECK (score BETWEEN CASE WHEN survey = 'nps' THEN 0 ELSE 1 END
		   AND CASE survey WHEN 'nps' THEN 10 WHEN 'csat' THEN 5 ELSE 7 END),
	CHECK (score IS NULL OR responded_at IS NOT NULL)
);
CREATE INDEX ON sample_crm.survey_responses (customer_id);
CREATE INDEX ON sample_crm.survey_responses (survey, responded_at);
COMMENT ON TABLE sample_crm.survey_responses IS 'Surveys sent, answered or not: NPS twice a year, CSAT and CES after a solved ticket';
COMMENT ON COLUMN sample_crm.survey_responses.id IS 'Number, in order of sending';
COMMENT ON COLUMN sample_crm.survey_responses.survey IS 'nps (0 to 10), csat (1 to 5) or ces (1 to 7, 7 is easiest)';
COMMENT ON COLUMN sample_crm.survey_responses.customer_id IS 'The customer; NULL if anonymous';
COMMENT ON COLUMN sample_crm.survey_responses.ticket_id IS 'The ticket; NULL for NPS';
COMMENT ON COLUMN sample_crm.survey_responses.sent_at IS 'When it was sent';
COMMENT ON COLUMN sample_crm.survey_responses.responded_at IS 'When it came back; NULL if it did not';
COMMENT ON COLUMN sample_crm.survey_responses.score IS 'The score; NULL if there is no answer, or one without a score';
COMMENT ON COLUMN sample_crm.survey_responses.comment IS 'What the customer wrote; NULL if nothing';

/* E-mail and the web */

CREATE TABLE sample_crm.email_campaigns (
	id		bigint PRIMARY KEY,
	name	text NOT NULL,
	subject	text NOT NULL,
	sent_at	timestamptz NOT NULL
);
COMMENT ON TABLE sample_crm.email_campaigns IS 'Newsletters, one in two weeks';
COMMENT ON COLUMN sample_crm.email_campaigns.id IS 'Number, in order of sending';
COMMENT ON COLUMN sample_crm.email_campaigns.name IS 'Internal name';
COMMENT ON COLUMN sample_crm.email_campaigns.subject IS 'Subject line';
COMMENT ON COLUMN sample_crm.email_campaigns.sent_at IS 'When sending began';

CREATE TABLE sample_crm.campaign_events (
	id			bigint PRIMARY KEY,
	campaign_id	bigint NOT NULL REFERENCES sample_crm.email_campaigns,
	customer_id	bigint NOT NULL REFERENCES sample_crm.customers,
	occurred_at	timestamptz NOT NULL,
	event		text NOT NULL CHECK (event IN ('sent', 'delivered', 'bounce', 'open', 'click', 'unsubscribe')),
	detail		text
);
CREATE INDEX ON sample_crm.campaign_events (campaign_id, event);
CREATE INDEX ON sample_crm.campaign_events (customer_id);
COMMENT ON TABLE sample_crm.campaign_events IS 'What became of each message; opens and clicks repeat, and there are clicks without an open';
COMMENT ON COLUMN sample_crm.campaign_events.id IS 'Number, in order of time';
COMMENT ON COLUMN sample_crm.campaign_events.campaign_id IS 'The campaign';
COMMENT ON COLUMN sample_crm.campaign_events.customer_id IS 'The recipient';
COMMENT ON COLUMN sample_crm.campaign_events.occurred_at IS 'When it happened';
COMMENT ON COLUMN sample_crm.campaign_events.event IS 'sent, delivered, bounce, open, click or unsubscribe';
COMMENT ON COLUMN sample_crm.campaign_events.detail IS 'Bounce: hard or soft; open: proxy if a mail proxy fetched the picture; click: the link; else NULL';

CREATE TABLE sample_crm.touchpoints (
	id			bigint PRIMARY KEY,
	visitor_id	text NOT NULL,
	customer_id	bigint,
	occurred_at	timestamptz NOT NULL,
	channel		text,
	event		text NOT NULL,
	order_id	bigint,
	body		text
);
CREATE INDEX ON sample_crm.touchpoints (customer_id, occurred_at);
CREATE INDEX ON sample_crm.touchpoints (occurred_at);
COMMENT ON TABLE sample_crm.touchpoints IS 'Web sessions and social interactions, from tracking that knows no foreign keys';
COMMENT ON COLUMN sample_crm.touchpoints.id IS 'Number, in order of time';
COMMENT ON COLUMN sample_crm.touchpoints.visitor_id IS 'Browser or social account';
COMMENT ON COLUMN sample_crm.touchpoints.customer_id IS 'The customer; NULL where not (yet) known';
COMMENT ON COLUMN sample_crm.touchpoints.occurred_at IS 'When it happened, in whole seconds: there are ties';
COMMENT ON COLUMN sample_crm.touchpoints.channel IS 'Marketing channel that led to it; NULL where unknown';
COMMENT ON COLUMN sample_crm.touchpoints.event IS 'Web: visit, product, cart, checkout, purchase; social: like, share, comment, mention';
COMMENT ON COLUMN sample_crm.touchpoints.order_id IS 'The order of a purchase; else NULL';
COMMENT ON COLUMN sample_crm.touchpoints.body IS 'Text of a comment or mention; else NULL';
