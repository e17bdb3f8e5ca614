# KPI views in the hands of a plain user: a role that may read the source and
# create in the database does all of it, with nothing on the search_path; what it
# makes is its own, leaves the source alone, moves with the extension, survives
# dump and restore, and is gone with its schema.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

$node->safe_psql('postgres', q{
CREATE ROLE erp LOGIN; CREATE ROLE analyst LOGIN; CREATE ROLE reader LOGIN;
CREATE DATABASE shop; CREATE DATABASE restored;
GRANT CREATE ON DATABASE shop TO erp, analyst;
});
my @as_erp = (extra_params => [ '-U', 'erp' ]);
my @as_analyst = (extra_params => [ '-U', 'analyst' ]);
my @as_reader = (extra_params => [ '-U', 'reader' ]);

# The source belongs to somebody else.
$node->command_ok(
	[
		'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'erp', '-d',
		$node->connstr('shop'), '-f', 'test/schemas/sample_crm.sql'
	],
	'the source is made');
$node->safe_psql('shop', q{
SELECT sample_crm.generate(200, '2025-01-01', '2026-01-01', 3);
GRANT USAGE ON SCHEMA sample_crm TO analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA sample_crm TO analyst;
}, @as_erp);

# Of all catalogs, what a schema could leave something in; and the source, with
# the transactions that last touched it.
my $catalog_rows = join ' UNION ALL ',
  map { "SELECT '$_', count(*) FROM pg_catalog.$_" }
  qw(pg_attrdef pg_attribute pg_class pg_constraint pg_depend pg_description
  pg_index pg_namespace pg_proc pg_rewrite pg_type);
$catalog_rows .= q{ UNION ALL SELECT 'pg_shdepend', count(*) FROM pg_catalog.pg_shdepend
  WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())};
my $source_rows = q{
SELECT c.oid, c.xmin, c.relname FROM pg_catalog.pg_class c WHERE c.relnamespace = 'sample_crm'::regnamespace
UNION ALL SELECT p.oid, p.xmin, p.proname FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'sample_crm'::regnamespace
UNION ALL SELECT n.oid, n.xmin, n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname = 'sample_crm'
ORDER BY 1};

# The extension, with an adapter of the analyst's own.
$node->safe_psql('shop', q{
CREATE SCHEMA ext;
CREATE EXTENSION crm_metrics SCHEMA ext;
CREATE FUNCTION ext.crm_adapter_sample(source_schema text) RETURNS TABLE (entity text, query text)
LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT v.entity, format(v.query, source_schema) FROM (VALUES
        ('customer', 'SELECT id AS customer_id, acquired_at, name, acquisition_channel AS channel FROM %1$I.customers'),
        ('order', 'SELECT id AS order_id, ordered_at, amount, currency, customer_id FROM %1$I.orders'),
        ('spend', 'SELECT day, amount, currency, channel FROM %1$I.marketing_spend'),
        ('opportunity', 'SELECT id AS opportunity_id, created_at, status, closed_at, amount, currency, probability / 100.0 AS probability, expected_close, customer_id FROM %1$I.opportunities'),
        ('stage_change', 'SELECT opportunity_id, stage, entered_at, CASE WHEN stage IN (''won'', ''lost'') THEN stage END AS status FROM %1$I.opportunity_stages'),
        ('subscription_month', 'SELECT m.customer_id, m.month, m.mrr, s.currency FROM %1$I.subscription_months m JOIN %1$I.subscriptions s ON s.id = m.subscription_id'),
        ('ticket', 'SELECT id AS ticket_id, created_at, first_response_at, resolved_at, reopened, customer_id FROM %1$I.tickets'),
        ('survey_response', 'SELECT id AS response_id, survey, responded_at, score, sent_at, customer_id FROM %1$I.survey_responses'),
        ('campaign_event', 'SELECT campaign_id, occurred_at, event, customer_id AS recipient_id FROM %1$I.campaign_events'),
        ('touchpoint', 'SELECT occurred_at, event, customer_id, visitor_id, channel FROM %1$I.touchpoints')) AS v (entity, query);
END;
}, @as_analyst);

# All rows of a view: floating-point numbers rounded, moments of fits left out.
$node->safe_psql('shop', q{
CREATE SCHEMA checks;
CREATE FUNCTION checks.contents(schema name, relation name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    columns text;
    result text;
BEGIN
    SELECT string_agg(CASE WHEN a.atttypid = 'float8'::regtype THEN format('round(%I::numeric, 4)', a.attname) ELSE quote_ident(a.attname) END, ', ')
    INTO columns FROM pg_attribute a
    WHERE a.attrelid = format('%I.%I', schema, relation)::regclass AND a.attnum > 0 AND a.attname <> 'fitted_at';
    EXECUTE format('SELECT count(*) || '' '' || md5(string_agg(r::text, '';'' ORDER BY r::text COLLATE "C")) FROM (SELECT %s FROM %I.%I) AS r',
                   columns, schema, relation) INTO result;
    RETURN result;
END $$;
});

my $before_rows = $node->safe_psql('shop', $catalog_rows);
my $before_source = $node->safe_psql('shop', $source_rows);

my $options =
  '{"as_of": "2025-12-15 00:00+00", "time_zone": "Europe/Berlin", "funnel": ["visit", "cart"]}';
my $quick_start = qq{
SET search_path = '';
SELECT count(*) FROM ext.crm_install_adapter('sample', 'sample_crm', 'K "pi') WHERE status = 'created';
SELECT count(*) FROM ext.crm_create_kpi_views('K "pi', '$options') WHERE status = 'created';
};
my ($rc, $out, $err) = $node->psql('shop', $quick_start, @as_analyst);
is($rc, 0, 'a plain user creates entities and KPI views') or diag($err);
is($out, "10\n36", 'all that the source has');
($rc, $out, $err) = $node->psql('shop', $quick_start, @as_analyst);
is("$rc $out", "0 10\n36", 'and does it again') or diag($err);
is( $node->safe_psql('shop', $source_rows),
	$before_source, 'the source is as it was');
is( $node->safe_psql(
		'shop', q{
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = '"K ""pi"'::regnamespace}),
	'analyst',
	'all belongs to him');
is( $node->safe_psql(
		'shop', q{
SELECT relname FROM pg_class WHERE relnamespace = '"K ""pi"'::regnamespace AND relkind = 'v'
  AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)}),
	'',
	'views have the rights of who reads them');

# What a reader needs.
$node->safe_psql('shop', q{
GRANT USAGE ON SCHEMA "K ""pi", ext TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA "K ""pi" TO reader;
SET search_path = '';
CREATE SCHEMA "mat";
SELECT count(*) FROM ext.crm_install_adapter('sample', 'sample_crm', 'mat');
SELECT count(*) FROM ext.crm_create_kpi_views('mat', '{"as_of": "2025-12-15 00:00+00", "time_zone": "Europe/Berlin", "materialized": true}');
GRANT USAGE ON SCHEMA mat TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA mat TO reader;
}, @as_analyst);
($rc, $out, $err) = $node->psql('shop', 'SELECT count(*) > 0 FROM "K ""pi".kpi_revenue', @as_reader);
like($err, qr/permission denied for table orders/,
	'a view does not give its reader the source');
is( $node->safe_psql('shop', 'SELECT count(*) > 0 FROM mat.kpi_revenue', @as_reader),
	't',
	'a materialised one can be read without');
($rc, $out, $err) =
  $node->psql('shop', q{SELECT ext.crm_refresh_kpi_views('mat')}, @as_reader);
isnt($rc, 0, 'only their owner refreshes the views');
($rc, $out, $err) =
  $node->psql('shop', q{SELECT ext.crm_drop_kpi_views('mat')}, @as_reader);
like($err, qr/must be owner of/, 'and drops them');

my $contents = q{
SET search_path = '';
SELECT n.nspname, c.relname, checks.contents(n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('K "pi', 'mat') AND c.relkind IN ('r', 'v', 'm')
ORDER BY 1, 2};
my $want = $node->safe_psql('shop', $contents);
like($want, qr/kpi_customer_360/, 'the views have contents');

my $dump = $PostgreSQL::Test::Utils::tmp_check . '/kpi.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('shop'), '-f', $dump ],
	'pg_dump');
$node->command_ok(
	[
		'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d',
		$node->connstr('restored'), '-f', $dump
	],
	'the dump is restored');
is($node->safe_psql('restored', $contents),
	$want, 'views, entities and models are as before');
is( $node->safe_psql(
		'restored', q{SELECT count(*) FROM ext.crm_refresh_kpi_views('mat')}),
	'29',
	'and can be refreshed there');
is( $node->safe_psql(
		'restored', qq{SELECT count(*) FROM ext.crm_create_kpi_views('K "pi', '$options') WHERE status = 'created'}),
	'36',
	'and made anew');
is($node->safe_psql('restored', $contents),
	$want, 'which changes nothing');

# The extension moves; the views do not notice.
$node->safe_psql('shop',
	'CREATE SCHEMA other; ALTER EXTENSION crm_metrics SET SCHEMA other; GRANT USAGE ON SCHEMA other TO analyst');
is($node->safe_psql('shop', $contents), $want, 'views work when the extension has moved');
is( $node->safe_psql('shop', q{SELECT count(*) FROM other.crm_refresh_kpi_views('mat')}, @as_analyst),
	'29',
	'and are refreshed');
($rc, $out, $err) = $node->psql('shop', 'DROP EXTENSION crm_metrics', @as_analyst);
like($err, qr/other objects depend on it/, 'the extension does not go from under them');
$node->safe_psql('shop', 'ALTER EXTENSION crm_metrics SET SCHEMA ext; DROP SCHEMA other');

# Gone with the schema.
$node->safe_psql('shop', 'DROP SCHEMA "K ""pi", mat CASCADE; REVOKE USAGE ON SCHEMA ext FROM reader',
	@as_analyst);
is($node->safe_psql('shop', $catalog_rows),
	$before_rows, 'nothing is left but what was there');
is($node->safe_psql('shop', $source_rows),
	$before_source, 'and the source is as it was');

$node->stop;
done_testing();
