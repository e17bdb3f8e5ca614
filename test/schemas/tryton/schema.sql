/*
 * tryton/schema.sql - the tables of Tryton 6.0 that hold parties,
 * opportunities with their history, sales, subscriptions, complaints and
 * automated mailings
 *
 * Written from the facts about columns, with only those that the adapter reads
 * or that set it a trap.  The variable "source" names the schema.  Times are
 * what the server's clock showed, without time zone; business dates are dates;
 * the table of an opportunity's history has a row for each of its versions.
 */
CREATE SCHEMA :"source";
BEGIN;
SET LOCAL search_path = :"source";

CREATE TABLE currency_currency (
	id serial PRIMARY KEY,
	code varchar(3) NOT NULL,
	name varchar NOT NULL
);

CREATE TABLE party_party (
	id serial PRIMARY KEY,
	active boolean,
	code varchar NOT NULL,
	create_date timestamp(6),
	name varchar,
	replaced_by integer REFERENCES party_party,
	write_date timestamp(6)
);

CREATE TABLE party_contact_mechanism (
	id serial PRIMARY KEY,
	active boolean,
	party integer NOT NULL REFERENCES party_party,
	sequence integer,
	type varchar NOT NULL,
	value varchar
);

CREATE TABLE company_company (
	id serial PRIMARY KEY,
	currency integer NOT NULL REFERENCES currency_currency,
	party integer NOT NULL REFERENCES party_party,
	timezone varchar
);

CREATE TABLE company_employee (
	id serial PRIMARY KEY,
	company integer NOT NULL REFERENCES company_company,
	party integer NOT NULL REFERENCES party_party
);

CREATE TABLE sale_opportunity (
	id serial PRIMARY KEY,
	amount numeric,
	company integer NOT NULL REFERENCES company_company,
	conversion_probability double precision NOT NULL,
	create_date timestamp(6),
	description varchar,
	employee integer REFERENCES company_employee,
	end_date date,
	lost_reason text,
	number varchar NOT NULL,
	party integer REFERENCES party_party,
	start_date date NOT NULL,
	state varchar NOT NULL,
	write_date timestamp(6)
);

CREATE TABLE sale_opportunity__history (
	id integer,
	__id serial PRIMARY KEY,
	amount numeric,
	company integer,
	conversion_probability double precision,
	create_date timestamp(6),
	description varchar,
	employee integer,
	end_date date,
	lost_reason text,
	number varchar,
	party integer,
	start_date date,
	state varchar,
	write_date timestamp(6)
);

CREATE TABLE sale_sale (
	id serial PRIMARY KEY,
	company integer NOT NULL REFERENCES company_company,
	create_date timestamp(6),
	currency integer NOT NULL REFERENCES currency_currency,
	number varchar,
	origin varchar,
	party integer NOT NULL REFERENCES party_party,
	sale_date date,
	state varchar NOT NULL,
	tax_amount_cache numeric,
	total_amount_cache numeric,
	untaxed_amount_cache numeric
);

CREATE TABLE sale_line (
	id serial PRIMARY KEY,
	quantity double precision,
	sale integer NOT NULL REFERENCES sale_sale,
	type varchar NOT NULL,
	unit_price numeric
);

CREATE TABLE sale_subscription_recurrence_rule_set (
	id serial PRIMARY KEY,
	name varchar NOT NULL
);

CREATE TABLE sale_subscription_recurrence_rule (
	id serial PRIMARY KEY,
	exclusive boolean,
	freq varchar NOT NULL,
	"interval" integer NOT NULL,
	set_ integer NOT NULL REFERENCES sale_subscription_recurrence_rule_set
);

CREATE TABLE sale_subscription (
	id serial PRIMARY KEY,
	company integer NOT NULL REFERENCES company_company,
	currency integer NOT NULL REFERENCES currency_currency,
	end_date date,
	invoice_recurrence integer NOT NULL REFERENCES sale_subscription_recurrence_rule_set,
	number varchar,
	party integer NOT NULL REFERENCES party_party,
	start_date date NOT NULL,
	state varchar NOT NULL
);

CREATE TABLE sale_subscription_line (
	id serial PRIMARY KEY,
	consumption_recurrence integer REFERENCES sale_subscription_recurrence_rule_set,
	description text,
	end_date date,
	quantity double precision,
	service integer NOT NULL,
	start_date date NOT NULL,
	subscription integer NOT NULL REFERENCES sale_subscription,
	unit_price numeric
);

CREATE TABLE sale_complaint_type (
	id serial PRIMARY KEY,
	name varchar NOT NULL
);

CREATE TABLE sale_complaint (
	id serial PRIMARY KEY,
	company integer NOT NULL REFERENCES company_company,
	create_date timestamp(6),
	customer integer NOT NULL REFERENCES party_party,
	date date,
	employee integer REFERENCES company_employee,
	state varchar NOT NULL,
	type integer NOT NULL REFERENCES sale_complaint_type,
	write_date timestamp(6)
);

CREATE TABLE marketing_automation_activity (
	id serial PRIMARY KEY,
	action varchar,
	name varchar NOT NULL
);

CREATE TABLE marketing_automation_record (
	id serial PRIMARY KEY,
	record varchar NOT NULL,
	scenario integer NOT NULL
);

CREATE TABLE marketing_automation_record_activity (
	id serial PRIMARY KEY,
	activity integer NOT NULL REFERENCES marketing_automation_activity,
	at timestamp(0),
	email_clicked boolean,
	email_opened boolean,
	record integer NOT NULL REFERENCES marketing_automation_record,
	state varchar NOT NULL
);

COMMIT;
