/*
 * twenty/schema.sql - the tables of a workspace of Twenty that hold companies,
 * people, opportunities and their timeline
 *
 * Written from the facts about columns, with only those that the adapter reads
 * or that set it a trap.  The variable "source" names the schema: Twenty makes
 * one for each workspace, called workspace_ and the workspace's uuid in base
 * 36.  Names are in camel case, times have a zone, options are enums, a
 * currency is two columns, and every table has "deletedAt".
 */
CREATE SCHEMA :"source";
BEGIN;
SET LOCAL search_path = :"source";

CREATE TYPE "opportunity_stage_enum" AS ENUM ('NEW', 'SCREENING', 'MEETING', 'PROPOSAL', 'CUSTOMER');
CREATE TYPE "messageCampaign_status_enum" AS ENUM ('DRAFT', 'SENDING', 'SENT');

CREATE TABLE "workspaceMember" (
	"id" uuid PRIMARY KEY,
	"nameFirstName" text,
	"nameLastName" text,
	"userEmail" text,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

CREATE TABLE "company" (
	"id" uuid PRIMARY KEY,
	"name" text,
	"domainNamePrimaryLinkUrl" text,
	"employees" double precision,
	"annualRecurringRevenueAmountMicros" numeric,
	"annualRecurringRevenueCurrencyCode" text,
	"idealCustomerProfile" boolean NOT NULL DEFAULT false,
	"accountOwnerId" uuid,
	"createdBySource" text,
	"position" double precision,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

CREATE TABLE "person" (
	"id" uuid PRIMARY KEY,
	"nameFirstName" text,
	"nameLastName" text,
	"emailsPrimaryEmail" text,
	"emailsAdditionalEmails" jsonb,
	"companyId" uuid,
	"position" double precision,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

CREATE TABLE "opportunity" (
	"id" uuid PRIMARY KEY,
	"name" text,
	"amountAmountMicros" numeric,
	"amountCurrencyCode" text,
	"closeDate" timestamptz,
	"stage" "opportunity_stage_enum" NOT NULL DEFAULT 'NEW',
	"companyId" uuid,
	"pointOfContactId" uuid,
	"ownerId" uuid,
	"createdBySource" text,
	"position" double precision,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

CREATE TABLE "timelineActivity" (
	"id" uuid PRIMARY KEY,
	"happensAt" timestamptz NOT NULL DEFAULT now(),
	"name" text,
	"properties" jsonb,
	"workspaceMemberId" uuid,
	"targetOpportunityId" uuid,
	"targetCompanyId" uuid,
	"linkedRecordId" uuid,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

CREATE TABLE "messageCampaign" (
	"id" uuid PRIMARY KEY,
	"status" "messageCampaign_status_enum" NOT NULL DEFAULT 'DRAFT',
	"sentAt" timestamptz,
	"sentCount" double precision,
	"deliveredCount" double precision,
	"failedCount" double precision,
	"skippedCount" double precision,
	"bouncedCount" double precision,
	"complainedCount" double precision,
	"createdAt" timestamptz NOT NULL DEFAULT now(),
	"updatedAt" timestamptz NOT NULL DEFAULT now(),
	"deletedAt" timestamptz
);

COMMIT;
