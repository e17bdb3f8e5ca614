/*
 * espocrm/schema.sql - the tables of EspoCRM 10 on PostgreSQL that hold
 * accounts, leads, opportunities, cases, campaigns and the stream
 *
 * Written from the facts about columns, with only those that the adapter reads
 * or that set it a trap.  The variable "source" names the schema.  Identifiers
 * are strings of 17 characters, times are UTC without time zone, and every
 * table has "deleted".
 */
CREATE SCHEMA :"source";
BEGIN;
SET LOCAL search_path = :"source";

CREATE TABLE "user" (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	user_name varchar(50),
	type varchar(24) DEFAULT 'regular',
	first_name varchar(100),
	last_name varchar(100)
);

CREATE TABLE campaign (
	id varchar(17) PRIMARY KEY,
	name varchar(255),
	deleted boolean DEFAULT false,
	status varchar(255) DEFAULT 'Planning',
	type varchar(64) DEFAULT 'Email',
	start_date date,
	end_date date,
	budget double precision,
	budget_currency varchar(3),
	created_at timestamp(0)
);

CREATE TABLE account (
	id varchar(17) PRIMARY KEY,
	name varchar(249),
	deleted boolean DEFAULT false,
	type varchar(255),
	industry varchar(255),
	billing_address_country varchar(100),
	campaign_id varchar(17),
	created_at timestamp(0),
	modified_at timestamp(0),
	assigned_user_id varchar(17)
);

CREATE TABLE contact (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	first_name varchar(100),
	last_name varchar(100),
	account_id varchar(17),
	campaign_id varchar(17),
	created_at timestamp(0)
);

CREATE TABLE email_address (
	id varchar(17) PRIMARY KEY,
	name varchar(255),
	lower varchar(255),
	deleted boolean DEFAULT false
);

CREATE TABLE entity_email_address (
	id bigserial PRIMARY KEY,
	entity_id varchar(17),
	email_address_id varchar(17),
	entity_type varchar(100),
	"primary" boolean DEFAULT false,
	deleted boolean DEFAULT false
);

CREATE TABLE lead (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	first_name varchar(100),
	last_name varchar(100),
	status varchar(255) DEFAULT 'New',
	source varchar(255),
	opportunity_amount double precision,
	opportunity_amount_currency varchar(3),
	converted_at timestamp(0),
	created_at timestamp(0),
	campaign_id varchar(17),
	created_account_id varchar(17),
	created_contact_id varchar(17),
	created_opportunity_id varchar(17),
	assigned_user_id varchar(17)
);

CREATE TABLE opportunity (
	id varchar(17) PRIMARY KEY,
	name varchar(255),
	deleted boolean DEFAULT false,
	amount double precision,
	amount_currency varchar(3),
	stage varchar(255) DEFAULT 'Prospecting',
	last_stage varchar(255),
	probability integer,
	lead_source varchar(255),
	close_date date,
	account_id varchar(17),
	contact_id varchar(17),
	campaign_id varchar(17),
	assigned_user_id varchar(17),
	created_at timestamp(0),
	modified_at timestamp(0)
);

CREATE TABLE "case" (
	id varchar(17) PRIMARY KEY,
	name varchar(255),
	deleted boolean DEFAULT false,
	number serial,
	status varchar(255) DEFAULT 'New',
	priority varchar(255) DEFAULT 'Normal',
	type varchar(255),
	account_id varchar(17),
	contact_id varchar(17),
	inbound_email_id varchar(17),
	assigned_user_id varchar(17),
	created_at timestamp(0),
	modified_at timestamp(0)
);

CREATE TABLE call (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	status varchar(255) DEFAULT 'Planned',
	direction varchar(255) DEFAULT 'Outbound',
	date_start timestamp(0),
	parent_id varchar(17),
	parent_type varchar(100)
);

CREATE TABLE note (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	number bigserial,
	type varchar(24),
	post text,
	data text,
	is_internal boolean DEFAULT false,
	parent_id varchar(17),
	parent_type varchar(100),
	created_at timestamp(0),
	created_by_id varchar(17)
);

CREATE TABLE campaign_log_record (
	id varchar(17) PRIMARY KEY,
	deleted boolean DEFAULT false,
	action varchar(50),
	action_date timestamp(0) NOT NULL,
	string_data varchar(100),
	is_test boolean DEFAULT false,
	campaign_id varchar(17),
	parent_id varchar(17),
	parent_type varchar(100),
	object_id varchar(17),
	object_type varchar(100)
);

COMMIT;
