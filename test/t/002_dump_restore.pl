# Stored summaries and models survive dump and restore, and COPY in binary: the
# text form of every value is the same afterwards.
#
# test/data/stored_values.sql makes the values: tables of the schema stored with
# the columns label (unique) and value.  Every base type of the extension must
# have some there.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

$node->safe_psql('postgres', "CREATE DATABASE $_")
  foreach qw(source restored);
$node->safe_psql('source',
	'CREATE SCHEMA stored; CREATE EXTENSION crm_metrics;');
$node->command_ok(
	[
		'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d',
		$node->connstr('source'), '-f', 'test/data/stored_values.sql'
	],
	'the values are made');

my $types_without_values = q{
SELECT t.typname
FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
JOIN pg_type t ON d.classid = 'pg_type'::regclass AND d.objid = t.oid
WHERE d.deptype = 'e' AND e.extname = 'crm_metrics'
  AND t.typtype = 'b' AND t.typelem = 0
  AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                  WHERE c.relnamespace = 'stored'::regnamespace AND c.relkind = 'r'
                    AND a.attname = 'value' AND a.atttypid = t.oid)
ORDER BY 1};
is($node->safe_psql('source', $types_without_values),
	'', 'every base type has values in test/data/stored_values.sql');

my @tables = split /\n/, $node->safe_psql('source',
	"SELECT relname FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind = 'r' ORDER BY 1"
);

sub text_form
{
	my ($database, $table) = @_;
	return $node->safe_psql($database,
		"SELECT label, value::text FROM stored.\"$table\" ORDER BY label COLLATE \"C\""
	);
}

my $dump = $PostgreSQL::Test::Utils::tmp_check . '/source.sql';
$node->command_ok(
	[ 'pg_dump', '-d', $node->connstr('source'), '-f', $dump ],
	'pg_dump');
my $dumped = slurp_file($dump);
like($dumped, qr/CREATE EXTENSION .*crm_metrics/, 'the extension is dumped');
unlike(
	$dumped,
	qr/CREATE (FUNCTION|AGGREGATE|TYPE|CAST|OPERATOR)/,
	'as a whole, not its members');
$node->command_ok(
	[
		'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d',
		$node->connstr('restored'), '-f', $dump
	],
	'the dump is restored');
is( $node->safe_psql(
		'restored', 'SELECT crm_metrics_version() = extversion FROM pg_extension WHERE extname = \'crm_metrics\''),
	't',
	'the extension answers in the restored database');

foreach my $table (@tables)
{
	my $want = text_form('source', $table);
	isnt($want, '', "stored.$table has values");
	is(text_form('restored', $table), $want, "stored.$table is restored");

	my $file = $PostgreSQL::Test::Utils::tmp_check . "/$table.copy";
	$node->safe_psql('source',
		"COPY stored.\"$table\" TO '$file' (FORMAT binary)");
	$node->safe_psql('restored',
		"TRUNCATE stored.\"$table\"; COPY stored.\"$table\" FROM '$file' (FORMAT binary)"
	);
	is(text_form('restored', $table), $want, "stored.$table is copied in binary");
}

$node->stop;
done_testing();
