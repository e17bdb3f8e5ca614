/*
 * schema.sql - the tables of listmonk that its adapter reads, and those that
 * lead a query astray
 *
 * Written from the column facts of a live database of listmonk 5: names, types
 * and enums are the application's, columns without a part here are left out.
 * All times are timestamptz, enums are real ones, there are no tenants, a row
 * that is deleted is gone (views and clicks stay and lose their subscriber).
 *
 * A psql script; listmonk/generate.sql fills the tables.
 */
CREATE SCHEMA listmonk;

CREATE TYPE listmonk.list_type AS ENUM ('public', 'private', 'temporary');
CREATE TYPE listmonk.list_optin AS ENUM ('single', 'double');
CREATE TYPE listmonk.subscriber_status AS ENUM ('enabled', 'disabled', 'blocklisted');
CREATE TYPE listmonk.subscription_status AS ENUM ('unconfirmed', 'confirmed', 'unsubscribed');
CREATE TYPE listmonk.campaign_status AS ENUM
	('draft', 'running', 'scheduled', 'paused', 'cancelled', 'finished');
CREATE TYPE listmonk.campaign_type AS ENUM ('regular', 'optin');
CREATE TYPE listmonk.bounce_type AS ENUM ('soft', 'hard', 'complaint');

CREATE TABLE listmonk.subscribers (
	id			serial PRIMARY KEY,
	uuid		uuid NOT NULL UNIQUE,
	email		text NOT NULL UNIQUE,
	name		text NOT NULL,
	attribs		jsonb NOT NULL DEFAULT '{}',
	status		listmonk.subscriber_status NOT NULL DEFAULT 'enabled',
	created_at	timestamptz DEFAULT now(),
	updated_at	timestamptz DEFAULT now()
);

CREATE TABLE listmonk.lists (
	id			serial PRIMARY KEY,
	uuid		uuid NOT NULL UNIQUE,
	name		text NOT NULL,
	type		listmonk.list_type NOT NULL,
	optin		listmonk.list_optin NOT NULL DEFAULT 'single',
	created_at	timestamptz DEFAULT now(),
	updated_at	timestamptz DEFAULT now()
);

/* No log of changes: of an unsubscription the time is updated_at. */
CREATE TABLE listmonk.subscriber_lists (
	subscriber_id	int REFERENCES listmonk.subscribers ON DELETE CASCADE,
	list_id			int REFERENCES listmonk.lists ON DELETE CASCADE,
	meta			jsonb NOT NULL DEFAULT '{}',
	status			listmonk.subscription_status NOT NULL DEFAULT 'unconfirmed',
	created_at		timestamptz DEFAULT now(),
	updated_at		timestamptz DEFAULT now(),
	PRIMARY KEY (subscriber_id, list_id)
);

CREATE TABLE listmonk.campaigns (
	id			serial PRIMARY KEY,
	uuid		uuid NOT NULL UNIQUE,
	name		text NOT NULL,
	subject		text NOT NULL,
	status		listmonk.campaign_status NOT NULL DEFAULT 'draft',
	tags		varchar(100)[],
	type		listmonk.campaign_type DEFAULT 'regular',
	messenger	text NOT NULL,
	to_send		int NOT NULL DEFAULT 0,
	sent		int NOT NULL DEFAULT 0,
	send_at		timestamptz,
	started_at	timestamptz,
	created_at	timestamptz DEFAULT now(),
	updated_at	timestamptz DEFAULT now()
);

CREATE TABLE listmonk.campaign_lists (
	id			bigserial PRIMARY KEY,
	campaign_id	int NOT NULL REFERENCES listmonk.campaigns ON DELETE CASCADE,
	list_id		int REFERENCES listmonk.lists ON DELETE SET NULL,
	list_name	text NOT NULL DEFAULT ''
);

/* subscriber_id is NULL unless the setting privacy.individual_tracking is on. */
CREATE TABLE listmonk.campaign_views (
	id				bigserial PRIMARY KEY,
	campaign_id		int NOT NULL REFERENCES listmonk.campaigns ON DELETE CASCADE,
	subscriber_id	int REFERENCES listmonk.subscribers ON DELETE SET NULL,
	created_at		timestamptz DEFAULT now()
);

CREATE TABLE listmonk.links (
	id			serial PRIMARY KEY,
	uuid		uuid NOT NULL UNIQUE,
	url			text NOT NULL UNIQUE,
	created_at	timestamptz DEFAULT now()
);

CREATE TABLE listmonk.link_clicks (
	id				bigserial PRIMARY KEY,
	campaign_id		int REFERENCES listmonk.campaigns ON DELETE CASCADE,
	link_id			int NOT NULL REFERENCES listmonk.links ON DELETE CASCADE,
	subscriber_id	int REFERENCES listmonk.subscribers ON DELETE SET NULL,
	created_at		timestamptz DEFAULT now()
);

CREATE TABLE listmonk.bounces (
	id				serial PRIMARY KEY,
	subscriber_id	int NOT NULL REFERENCES listmonk.subscribers ON DELETE CASCADE,
	campaign_id		int REFERENCES listmonk.campaigns ON DELETE SET NULL,
	type			listmonk.bounce_type NOT NULL DEFAULT 'hard',
	source			text NOT NULL DEFAULT '',
	meta			jsonb NOT NULL DEFAULT '{}',
	created_at		timestamptz DEFAULT now()
);

CREATE TABLE listmonk.settings (
	key			text NOT NULL UNIQUE,
	value		jsonb NOT NULL DEFAULT '{}',
	updated_at	timestamptz DEFAULT now()
);
