/*
 * schema.sql - the tables of Lago that its adapter reads, and those that lead
 * a query astray
 *
 * Written from the column facts of a database loaded with Lago's structure (of
 * 2025): names, types and enums are the application's, columns without a part
 * here are left out.  Lago runs on Rails: keys are uuids, times are UTC in
 * timestamp without time zone, money is bigint in cents beside its currency,
 * most enums are integers, a soft-deleted row has a deleted_at.
 *
 * A psql script; lago/generate.sql fills the tables.
 */
CREATE SCHEMA lago;

CREATE TYPE lago.customer_account_type AS ENUM ('customer', 'partner');
CREATE TYPE lago.customer_type AS ENUM ('company', 'individual');
CREATE TYPE lago.subscription_cancellation_reasons AS ENUM ('payment_failed', 'timeout');

CREATE TABLE lago.organizations (
	id					uuid PRIMARY KEY,
	name				varchar NOT NULL,
	created_at			timestamp(6) NOT NULL,
	updated_at			timestamp(6) NOT NULL,
	timezone			varchar NOT NULL DEFAULT 'UTC',
	default_currency	varchar NOT NULL DEFAULT 'USD'
);

CREATE TABLE lago.billing_entities (
	id					uuid PRIMARY KEY,
	organization_id		uuid NOT NULL REFERENCES lago.organizations,
	timezone			varchar NOT NULL DEFAULT 'UTC',
	default_currency	varchar NOT NULL DEFAULT 'USD',
	name				varchar NOT NULL,
	code				varchar NOT NULL,
	archived_at			timestamp(6),
	deleted_at			timestamp(6),
	created_at			timestamp(6) NOT NULL,
	updated_at			timestamp(6) NOT NULL
);

CREATE TABLE lago.customers (
	id					uuid PRIMARY KEY,
	external_id			varchar NOT NULL,
	name				varchar,
	organization_id		uuid NOT NULL REFERENCES lago.organizations,
	created_at			timestamp(6) NOT NULL,
	updated_at			timestamp(6) NOT NULL,
	country				varchar,
	email				varchar,
	legal_name			varchar,
	currency			varchar,
	timezone			varchar,
	deleted_at			timestamp(6),
	firstname			varchar,
	lastname			varchar,
	customer_type		lago.customer_type,
	account_type		lago.customer_account_type NOT NULL DEFAULT 'customer',
	billing_entity_id	uuid NOT NULL REFERENCES lago.billing_entities
);

/* interval: 0 weekly, 1 monthly, 2 yearly, 3 quarterly, 4 semiannual */
CREATE TABLE lago.plans (
	id				uuid PRIMARY KEY,
	organization_id	uuid NOT NULL REFERENCES lago.organizations,
	name			varchar NOT NULL,
	created_at		timestamp(6) NOT NULL,
	updated_at		timestamp(6) NOT NULL,
	code			varchar NOT NULL,
	"interval"		int NOT NULL,
	amount_cents	bigint NOT NULL,
	amount_currency	varchar NOT NULL,
	trial_period	float8,
	pay_in_advance	boolean NOT NULL DEFAULT false,
	parent_id		uuid REFERENCES lago.plans,
	deleted_at		timestamp(6)
);

/*
 * status: 0 pending, 1 active, 2 terminated, 3 canceled, 4 incomplete
 * A change of plan terminates one and starts another, which has it as
 * previous_subscription_id and carries the same external_id.
 */
CREATE TABLE lago.subscriptions (
	id							uuid PRIMARY KEY,
	customer_id					uuid NOT NULL REFERENCES lago.customers,
	plan_id						uuid NOT NULL REFERENCES lago.plans,
	status						int NOT NULL,
	canceled_at					timestamp,
	terminated_at				timestamp,
	started_at					timestamp,
	created_at					timestamp(6) NOT NULL,
	updated_at					timestamp(6) NOT NULL,
	previous_subscription_id	uuid REFERENCES lago.subscriptions,
	name						varchar,
	external_id					varchar NOT NULL,
	billing_time				int NOT NULL DEFAULT 0,
	subscription_at				timestamp(6),
	ending_at					timestamp(6),
	trial_ended_at				timestamp(6),
	organization_id				uuid NOT NULL REFERENCES lago.organizations,
	cancellation_reason			lago.subscription_cancellation_reasons
);

/* coupon_type: 0 fixed amount, 1 percentage */
CREATE TABLE lago.coupons (
	id				uuid PRIMARY KEY,
	organization_id	uuid NOT NULL REFERENCES lago.organizations,
	name			varchar NOT NULL,
	code			varchar,
	status			int NOT NULL DEFAULT 0,
	amount_cents	bigint,
	amount_currency	varchar,
	coupon_type		int NOT NULL DEFAULT 0,
	percentage_rate	numeric(10,5),
	frequency		int NOT NULL DEFAULT 0,
	limited_plans	boolean NOT NULL DEFAULT false,
	limited_billable_metrics	boolean NOT NULL DEFAULT false,
	deleted_at		timestamp(6),
	created_at		timestamp(6) NOT NULL,
	updated_at		timestamp(6) NOT NULL
);

CREATE TABLE lago.coupon_targets (
	id			uuid PRIMARY KEY,
	coupon_id	uuid NOT NULL REFERENCES lago.coupons,
	plan_id		uuid REFERENCES lago.plans,
	created_at	timestamp(6) NOT NULL,
	updated_at	timestamp(6) NOT NULL,
	deleted_at	timestamp(6)
);

/* frequency: 0 once, 1 recurring (some periods), 2 forever */
CREATE TABLE lago.applied_coupons (
	id					uuid PRIMARY KEY,
	coupon_id			uuid NOT NULL REFERENCES lago.coupons,
	customer_id			uuid NOT NULL REFERENCES lago.customers,
	status				int NOT NULL DEFAULT 0,
	amount_cents		bigint,
	amount_currency		varchar,
	created_at			timestamp(6) NOT NULL,
	updated_at			timestamp(6) NOT NULL,
	terminated_at		timestamp,
	percentage_rate		numeric(10,5),
	frequency			int NOT NULL DEFAULT 0,
	frequency_duration	int,
	organization_id		uuid NOT NULL REFERENCES lago.organizations
);

/*
 * invoice_type: 0 subscription, 1 add_on, 2 credit (prepaid), 3 one_off,
 * 4 advance_charges, 5 progressive_billing
 * status: 0 draft, 1 finalized, 2 voided, 3 generating, 4 failed, 5 open,
 * 6 closed, 7 pending, 8 deleted
 */
CREATE TABLE lago.invoices (
	id										uuid PRIMARY KEY,
	created_at								timestamp(6) NOT NULL,
	updated_at								timestamp(6) NOT NULL,
	issuing_date							date,
	taxes_amount_cents						bigint NOT NULL DEFAULT 0,
	total_amount_cents						bigint NOT NULL DEFAULT 0,
	invoice_type							int NOT NULL DEFAULT 0,
	payment_status							int NOT NULL DEFAULT 0,
	number									varchar NOT NULL DEFAULT '',
	customer_id								uuid REFERENCES lago.customers,
	status									int NOT NULL DEFAULT 1,
	timezone								varchar NOT NULL DEFAULT 'UTC',
	organization_id							uuid NOT NULL REFERENCES lago.organizations,
	currency								varchar,
	fees_amount_cents						bigint NOT NULL DEFAULT 0,
	coupons_amount_cents					bigint NOT NULL DEFAULT 0,
	credit_notes_amount_cents				bigint NOT NULL DEFAULT 0,
	prepaid_credit_amount_cents				bigint NOT NULL DEFAULT 0,
	sub_total_excluding_taxes_amount_cents	bigint NOT NULL DEFAULT 0,
	sub_total_including_taxes_amount_cents	bigint NOT NULL DEFAULT 0,
	voided_at								timestamp(6),
	payment_dispute_lost_at					timestamp(6),
	payment_overdue							boolean DEFAULT false,
	total_paid_amount_cents					bigint NOT NULL DEFAULT 0,
	self_billed								boolean NOT NULL DEFAULT false
);

/* fee_type: 0 charge, 1 add_on, 2 subscription, 3 credit, 4 commitment */
CREATE TABLE lago.fees (
	id								uuid PRIMARY KEY,
	invoice_id						uuid REFERENCES lago.invoices,
	subscription_id					uuid REFERENCES lago.subscriptions,
	amount_cents					bigint NOT NULL,
	amount_currency					varchar NOT NULL,
	taxes_amount_cents				bigint NOT NULL,
	created_at						timestamp(6) NOT NULL,
	updated_at						timestamp(6) NOT NULL,
	properties						jsonb NOT NULL DEFAULT '{}',
	fee_type						int,
	payment_status					int NOT NULL DEFAULT 0,
	precise_coupons_amount_cents	numeric(30,5) NOT NULL DEFAULT 0,
	deleted_at						timestamp(6),
	organization_id					uuid NOT NULL REFERENCES lago.organizations
);

/* status: 0 draft, 1 finalized, 2 deleted */
CREATE TABLE lago.credit_notes (
	id						uuid PRIMARY KEY,
	customer_id				uuid NOT NULL REFERENCES lago.customers,
	invoice_id				uuid NOT NULL REFERENCES lago.invoices,
	number					varchar NOT NULL,
	credit_amount_cents		bigint NOT NULL DEFAULT 0,
	refund_amount_cents		bigint NOT NULL DEFAULT 0,
	reason					int NOT NULL,
	created_at				timestamp(6) NOT NULL,
	updated_at				timestamp(6) NOT NULL,
	total_amount_cents		bigint NOT NULL DEFAULT 0,
	total_amount_currency	varchar NOT NULL,
	voided_at				timestamp(6),
	taxes_amount_cents		bigint NOT NULL DEFAULT 0,
	issuing_date			date NOT NULL,
	status					int NOT NULL DEFAULT 1,
	organization_id			uuid NOT NULL REFERENCES lago.organizations
);
