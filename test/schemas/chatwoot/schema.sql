/*
 * schema.sql - the tables of Chatwoot that its adapter reads, and those that
 * lead a query astray
 *
 * Written from the column facts of Chatwoot 4.5 (schema version
 * 2025_08_16_044639): names, types and defaults are the application's, but
 * columns without a part here are left out.  Chatwoot runs on Rails: all times
 * are UTC in timestamp without time zone, enums are integers, a row that is
 * deleted is gone, foreign keys are the application's business.
 *
 * A psql script; chatwoot/generate.sql fills the tables.
 */
CREATE SCHEMA chatwoot;

CREATE TABLE chatwoot.accounts (
	id			serial PRIMARY KEY,
	name		varchar NOT NULL,
	created_at	timestamp NOT NULL,
	updated_at	timestamp NOT NULL,
	status		int DEFAULT 0
);

CREATE TABLE chatwoot.users (
	id			serial PRIMARY KEY,
	name		varchar NOT NULL,
	email		varchar,
	created_at	timestamp NOT NULL,
	updated_at	timestamp NOT NULL
);

CREATE TABLE chatwoot.teams (
	id			bigserial PRIMARY KEY,
	name		varchar NOT NULL,
	account_id	bigint NOT NULL,
	created_at	timestamp(6) NOT NULL,
	updated_at	timestamp(6) NOT NULL
);

CREATE TABLE chatwoot.inboxes (
	id						serial PRIMARY KEY,
	channel_id				int NOT NULL,
	account_id				int NOT NULL,
	name					varchar NOT NULL,
	created_at				timestamp NOT NULL,
	updated_at				timestamp NOT NULL,
	channel_type			varchar,
	working_hours_enabled	boolean DEFAULT false,
	timezone				varchar DEFAULT 'UTC',
	csat_survey_enabled		boolean DEFAULT false
);

/* contact_type: 0 visitor, 1 lead, 2 customer */
CREATE TABLE chatwoot.contacts (
	id						serial PRIMARY KEY,
	name					varchar DEFAULT '',
	email					varchar,
	phone_number			varchar,
	account_id				int NOT NULL,
	created_at				timestamp NOT NULL,
	updated_at				timestamp NOT NULL,
	additional_attributes	jsonb DEFAULT '{}',
	identifier				varchar,
	custom_attributes		jsonb DEFAULT '{}',
	last_activity_at		timestamp,
	contact_type			int DEFAULT 0,
	middle_name				varchar DEFAULT '',
	last_name				varchar DEFAULT '',
	location				varchar DEFAULT '',
	country_code			varchar DEFAULT '',
	blocked					boolean NOT NULL DEFAULT false
);

/*
 * status: 0 open, 1 resolved, 2 pending, 3 snoozed
 * priority: 0 low, 1 medium, 2 high, 3 urgent
 * There is no column for when it was resolved.
 */
CREATE TABLE chatwoot.conversations (
	id						serial PRIMARY KEY,
	account_id				int NOT NULL,
	inbox_id				int NOT NULL,
	status					int NOT NULL DEFAULT 0,
	assignee_id				int,
	created_at				timestamp NOT NULL,
	updated_at				timestamp NOT NULL,
	contact_id				bigint,
	display_id				int NOT NULL,
	uuid					uuid NOT NULL DEFAULT gen_random_uuid(),
	last_activity_at		timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
	team_id					bigint,
	campaign_id				bigint,
	snoozed_until			timestamp,
	first_reply_created_at	timestamp,
	priority				int,
	sla_policy_id			bigint,
	waiting_since			timestamp(6),
	cached_label_list		text
);

/*
 * message_type: 0 incoming, 1 outgoing, 2 activity, 3 template
 * content_type: 0 text, 9 input_csat; private is an internal note
 * sender_type: User, Contact, AgentBot, Captain::Assistant
 */
CREATE TABLE chatwoot.messages (
	id						serial PRIMARY KEY,
	content					text,
	account_id				int NOT NULL,
	inbox_id				int NOT NULL,
	conversation_id			int NOT NULL,
	message_type			int NOT NULL,
	created_at				timestamp NOT NULL,
	updated_at				timestamp NOT NULL,
	private					boolean NOT NULL DEFAULT false,
	status					int DEFAULT 0,
	content_type			int NOT NULL DEFAULT 0,
	content_attributes		json DEFAULT '{}',
	sender_type				varchar,
	sender_id				bigint,
	additional_attributes	jsonb DEFAULT '{}'
);
CREATE INDEX index_messages_on_conversation_account_type_created
	ON chatwoot.messages (conversation_id, account_id, message_type, created_at);

/*
 * Values are seconds.  conversation_resolved comes once a resolve, also after
 * reopening; conversation_bot_resolved comes beside it.
 */
CREATE TABLE chatwoot.reporting_events (
	id						bigserial PRIMARY KEY,
	name					varchar,
	value					float8,
	account_id				int,
	inbox_id				int,
	user_id					int,
	conversation_id			int,
	created_at				timestamp(6) NOT NULL,
	updated_at				timestamp(6) NOT NULL,
	value_in_business_hours	float8,
	event_start_time		timestamp,
	event_end_time			timestamp
);
CREATE INDEX index_reporting_events_on_conversation_id
	ON chatwoot.reporting_events (conversation_id);

CREATE TABLE chatwoot.csat_survey_responses (
	id					bigserial PRIMARY KEY,
	account_id			bigint NOT NULL,
	conversation_id		bigint NOT NULL,
	message_id			bigint NOT NULL UNIQUE,
	rating				int NOT NULL,
	feedback_message	text,
	contact_id			bigint NOT NULL,
	assigned_agent_id	bigint,
	created_at			timestamp(6) NOT NULL,
	updated_at			timestamp(6) NOT NULL
);

/* Thresholds are seconds. */
CREATE TABLE chatwoot.sla_policies (
	id								bigserial PRIMARY KEY,
	name							varchar NOT NULL,
	first_response_time_threshold	float8,
	next_response_time_threshold	float8,
	only_during_business_hours		boolean DEFAULT false,
	account_id						bigint NOT NULL,
	created_at						timestamp(6) NOT NULL,
	updated_at						timestamp(6) NOT NULL,
	resolution_time_threshold		float8
);

/* sla_status: 0 active, 1 hit, 2 missed, 3 active_with_misses */
CREATE TABLE chatwoot.applied_slas (
	id				bigserial PRIMARY KEY,
	account_id		bigint NOT NULL,
	sla_policy_id	bigint NOT NULL,
	conversation_id	bigint NOT NULL,
	created_at		timestamp(6) NOT NULL,
	updated_at		timestamp(6) NOT NULL,
	sla_status		int DEFAULT 0,
	UNIQUE (account_id, sla_policy_id, conversation_id)
);
CREATE INDEX index_applied_slas_on_conversation_id
	ON chatwoot.applied_slas (conversation_id);

/* A row for each miss. event_type: 0 frt, 1 nrt, 2 rt */
CREATE TABLE chatwoot.sla_events (
	id				bigserial PRIMARY KEY,
	applied_sla_id	bigint NOT NULL,
	conversation_id	bigint NOT NULL,
	account_id		bigint NOT NULL,
	sla_policy_id	bigint NOT NULL,
	inbox_id		bigint NOT NULL,
	event_type		int,
	created_at		timestamp(6) NOT NULL,
	updated_at		timestamp(6) NOT NULL
);
CREATE INDEX index_sla_events_on_conversation_id
	ON chatwoot.sla_events (conversation_id);
