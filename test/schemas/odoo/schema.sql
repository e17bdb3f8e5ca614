/*
 * odoo/schema.sql - the tables of Odoo 18 (Community) that hold customers, the
 * pipeline and its history, orders, mailings and surveys
 *
 * Written from the facts about columns, with only those that the adapter reads
 * or that set it a trap.  The variable "source" names the schema; Odoo's own
 * is public.  Odoo's ORM makes every column but the key nullable unless the
 * field is required, stores date-times as timestamp without time zone in UTC,
 * and translated names as jsonb.
 */
CREATE SCHEMA :"source";
BEGIN;
SET LOCAL search_path = :"source";

CREATE TABLE res_currency (
	id serial PRIMARY KEY,
	name varchar NOT NULL,
	rounding numeric,
	active boolean
);

CREATE TABLE res_company (
	id serial PRIMARY KEY,
	name varchar NOT NULL,
	currency_id integer NOT NULL REFERENCES res_currency
);

CREATE TABLE res_country (
	id serial PRIMARY KEY,
	code varchar,
	name jsonb NOT NULL
);

CREATE TABLE res_partner (
	id serial PRIMARY KEY,
	name varchar,
	company_id integer REFERENCES res_company,
	parent_id integer REFERENCES res_partner,
	commercial_partner_id integer REFERENCES res_partner,
	is_company boolean,
	email varchar,
	email_normalized varchar,
	country_id integer REFERENCES res_country,
	user_id integer,
	active boolean,
	customer_rank integer,
	supplier_rank integer,
	tz varchar,
	create_date timestamp,
	write_date timestamp
);

CREATE TABLE res_users (
	id serial PRIMARY KEY,
	login varchar NOT NULL,
	partner_id integer NOT NULL REFERENCES res_partner,
	share boolean,
	active boolean
);

CREATE TABLE utm_campaign (
	id serial PRIMARY KEY,
	name varchar,
	title jsonb NOT NULL
);

CREATE TABLE utm_medium (
	id serial PRIMARY KEY,
	name varchar NOT NULL
);

CREATE TABLE utm_source (
	id serial PRIMARY KEY,
	name varchar NOT NULL
);

CREATE TABLE crm_team (
	id serial PRIMARY KEY,
	name jsonb NOT NULL,
	active boolean
);

CREATE TABLE crm_stage (
	id serial PRIMARY KEY,
	name jsonb NOT NULL,
	sequence integer,
	is_won boolean,
	team_id integer REFERENCES crm_team,
	fold boolean
);

CREATE TABLE crm_lost_reason (
	id serial PRIMARY KEY,
	name jsonb NOT NULL,
	active boolean
);

CREATE TABLE crm_lead (
	id serial PRIMARY KEY,
	name varchar NOT NULL,
	type varchar NOT NULL CHECK (type IN ('lead', 'opportunity')),
	active boolean,
	user_id integer REFERENCES res_users,
	team_id integer REFERENCES crm_team,
	company_id integer REFERENCES res_company,
	partner_id integer REFERENCES res_partner,
	stage_id integer REFERENCES crm_stage ON DELETE RESTRICT,
	priority varchar,
	expected_revenue numeric,
	prorated_revenue numeric,
	recurring_revenue numeric,
	probability double precision CHECK (probability >= 0 AND probability <= 100),
	automated_probability double precision,
	lost_reason_id integer REFERENCES crm_lost_reason,
	campaign_id integer REFERENCES utm_campaign,
	medium_id integer REFERENCES utm_medium,
	source_id integer REFERENCES utm_source,
	email_from varchar,
	date_open timestamp,
	date_closed timestamp,
	date_conversion timestamp,
	date_last_stage_update timestamp,
	date_deadline date,
	day_open double precision,
	day_close double precision,
	create_date timestamp,
	write_date timestamp
);

CREATE TABLE ir_model_fields (
	id serial PRIMARY KEY,
	model varchar NOT NULL,
	name varchar NOT NULL,
	ttype varchar NOT NULL
);

CREATE TABLE mail_message_subtype (
	id serial PRIMARY KEY,
	name jsonb NOT NULL,
	internal boolean
);

CREATE TABLE mail_message (
	id serial PRIMARY KEY,
	model varchar,
	res_id integer,
	message_type varchar NOT NULL,
	subtype_id integer REFERENCES mail_message_subtype,
	date timestamp,
	author_id integer REFERENCES res_partner,
	create_date timestamp
);

CREATE TABLE mail_tracking_value (
	id serial PRIMARY KEY,
	field_id integer REFERENCES ir_model_fields,
	old_value_integer integer,
	new_value_integer integer,
	old_value_char varchar,
	new_value_char varchar,
	old_value_float double precision,
	new_value_float double precision,
	mail_message_id integer NOT NULL REFERENCES mail_message,
	create_date timestamp
);

CREATE TABLE sale_order (
	id serial PRIMARY KEY,
	name varchar NOT NULL,
	state varchar CHECK (state IN ('draft', 'sent', 'sale', 'cancel')),
	locked boolean,
	partner_id integer NOT NULL REFERENCES res_partner,
	company_id integer NOT NULL REFERENCES res_company,
	currency_id integer REFERENCES res_currency,
	currency_rate numeric,
	date_order timestamp NOT NULL,
	create_date timestamp,
	amount_untaxed numeric,
	amount_tax numeric,
	amount_total numeric,
	invoice_status varchar,
	user_id integer REFERENCES res_users,
	team_id integer REFERENCES crm_team,
	campaign_id integer REFERENCES utm_campaign,
	medium_id integer REFERENCES utm_medium,
	source_id integer REFERENCES utm_source,
	opportunity_id integer REFERENCES crm_lead
);

CREATE TABLE account_move (
	id serial PRIMARY KEY,
	name varchar,
	move_type varchar NOT NULL,
	state varchar NOT NULL,
	payment_state varchar,
	invoice_date date,
	partner_id integer REFERENCES res_partner,
	commercial_partner_id integer REFERENCES res_partner,
	company_id integer NOT NULL REFERENCES res_company,
	currency_id integer NOT NULL REFERENCES res_currency,
	amount_untaxed numeric,
	amount_untaxed_signed numeric,
	amount_total_signed numeric
);

CREATE TABLE mailing_contact (
	id serial PRIMARY KEY,
	name varchar,
	email varchar
);

CREATE TABLE mailing_mailing (
	id serial PRIMARY KEY,
	subject jsonb NOT NULL,
	state varchar NOT NULL,
	mailing_type varchar NOT NULL,
	sent_date timestamp,
	campaign_id integer REFERENCES utm_campaign
);

CREATE TABLE mailing_trace (
	id serial PRIMARY KEY,
	trace_type varchar NOT NULL,
	trace_status varchar,
	failure_type varchar,
	sent_datetime timestamp,
	open_datetime timestamp,
	reply_datetime timestamp,
	links_click_datetime timestamp,
	mass_mailing_id integer REFERENCES mailing_mailing,
	campaign_id integer REFERENCES utm_campaign,
	model varchar NOT NULL,
	res_id integer NOT NULL CHECK (res_id <> 0),
	email varchar,
	create_date timestamp,
	write_date timestamp
);

CREATE TABLE rating_rating (
	id serial PRIMARY KEY,
	res_model varchar,
	res_id integer NOT NULL,
	rating double precision CHECK (rating >= 0 AND rating <= 5),
	rating_text varchar,
	consumed boolean,
	partner_id integer REFERENCES res_partner,
	rated_partner_id integer REFERENCES res_partner,
	feedback text,
	create_date timestamp,
	write_date timestamp
);

CREATE TABLE survey_survey (
	id serial PRIMARY KEY,
	title jsonb NOT NULL
);

CREATE TABLE survey_question (
	id serial PRIMARY KEY,
	survey_id integer REFERENCES survey_survey,
	title jsonb NOT NULL,
	question_type varchar,
	scale_min integer,
	scale_max integer
);

CREATE TABLE survey_user_input (
	id serial PRIMARY KEY,
	survey_id integer NOT NULL REFERENCES survey_survey,
	state varchar,
	test_entry boolean,
	partner_id integer REFERENCES res_partner,
	email varchar,
	start_datetime timestamp,
	end_datetime timestamp,
	create_date timestamp
);

CREATE TABLE survey_user_input_line (
	id serial PRIMARY KEY,
	user_input_id integer NOT NULL REFERENCES survey_user_input,
	question_id integer NOT NULL REFERENCES survey_question,
	answer_type varchar,
	skipped boolean,
	value_scale integer,
	create_date timestamp
);

COMMIT;
