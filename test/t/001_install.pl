# The extension in the hands of a database owner who is no superuser: it
# installs into any schema, works with that schema off the search_path, moves to
# another, and leaves nothing behind when it is dropped.
#
# test/data/qualified_calls.sql holds calls of its functions, written with the
# schema crm, each of which answers true.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

$node->safe_psql('postgres',
	'CREATE ROLE owner LOGIN; CREATE ROLE visitor LOGIN; CREATE DATABASE shop OWNER owner;'
);

my @as_owner = (extra_params => [ '-U', 'owner' ]);

# The rows of every catalog that an extension could leave something in.
my $catalog_rows = join ' UNION ALL ',
  map { "SELECT '$_', count(*) FROM pg_catalog.$_" }
  qw(pg_aggregate pg_amop pg_amproc pg_attrdef pg_attribute pg_cast pg_class
  pg_collation pg_constraint pg_conversion pg_depend pg_description
  pg_event_trigger pg_extension pg_index pg_init_privs pg_namespace pg_opclass
  pg_operator pg_opfamily pg_proc pg_rewrite pg_sequence pg_shdepend
  pg_shdescription pg_transform pg_trigger pg_ts_config pg_ts_dict
  pg_ts_parser pg_ts_template pg_type);
my $calls = slurp_file('test/data/qualified_calls.sql');

# Run the calls with the extension in a schema and nothing on the search_path.
sub calls_answer_true
{
	my ($schema) = @_;
	(my $sql = $calls) =~ s/\bcrm\./$schema./g;

	my ($rc, $out, $err) =
	  $node->psql('shop', "SET search_path = '';\n$sql", @as_owner);
	is($rc, 0, "calls succeed in schema $schema")
	  or diag($err);
	like($out, qr/\A(t\n)*t\z/, "every call answers true in schema $schema");
	return;
}

my ($rc, $out, $err) = $node->psql(
	'shop',
	'CREATE EXTENSION crm_metrics',
	extra_params => [ '-U', 'visitor' ]);
isnt($rc, 0, 'a role that may not create in the database cannot install');
like($err, qr/permission denied to create extension/, 'and is told why');

$node->safe_psql('shop', 'CREATE SCHEMA crm; CREATE SCHEMA "other schema"',
	@as_owner);
my $before = $node->safe_psql('shop', $catalog_rows);

$node->safe_psql('shop', 'CREATE EXTENSION crm_metrics SCHEMA crm', @as_owner);
is( $node->safe_psql(
		'shop', "SELECT extowner::regrole FROM pg_extension WHERE extname = 'crm_metrics'"),
	'owner',
	'the database owner installs it');
is( $node->safe_psql(
		'shop', q{
SELECT count(*) FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'crm_metrics')
  AND pronamespace <> 'crm'::regnamespace}),
	'0',
	'all functions are in the schema asked for');
calls_answer_true('crm');

# The members of a trusted extension belong to the superuser, who alone can
# move them.
$node->safe_psql('shop',
	'ALTER EXTENSION crm_metrics SET SCHEMA "other schema"');
calls_answer_true('"other schema"');

$node->safe_psql('shop', 'DROP EXTENSION crm_metrics', @as_owner);
is($node->safe_psql('shop', $catalog_rows),
	$before, 'nothing is left in the catalogs');

# Once more: a session that has seen it dropped finds the new one.
$node->safe_psql('shop',
	'CREATE EXTENSION crm_metrics SCHEMA crm; DROP EXTENSION crm_metrics; CREATE EXTENSION crm_metrics SCHEMA crm;',
	@as_owner);
calls_answer_true('crm');

$node->stop;
done_testing();
