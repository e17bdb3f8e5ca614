# Every query of the Grafana dashboards, with its macros and variables put in,
# runs over the sample CRM and over the CRM fixtures, as a role that may read
# the KPI views and no more, returns the columns that the panel needs, and rows
# where there are data; and the dashboards are consistent in themselves.
#
# Columns: Grafana's PostgreSQL data source makes a time series of a column
# "time" of type timestamp with time zone, in ascending order, of numeric
# columns, and of a text column "metric" that names the series.

use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Panels of Grafana itself, in which no plugin need be installed.
my %core_panel = map { $_ => 1 } qw(row stat timeseries table barchart histogram);

my %number = map { $_ => 1 } ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision');

# Which time is shown, and what the variables are.
my ($from, $to) = ('2024-01-01T00:00:00Z', '2026-02-01T00:00:00Z');

# Panels over kpi_customer_360 that need orders.
my @of_sales = (
	'Customers by lifetime value (${currency})',
	'Most valuable (${currency})',
	'Good customers at risk (${currency})',
	'Models');

# The sample CRM, with all entities, and the fixtures of the adapters; what each
# cannot feed has no rows.
my $options = '"materialized": true, "time_zone": "Europe/Berlin"';
my @databases = (
	{
		name => 'sample',
		load => [ 'sample_crm.sql', \"SELECT sample_crm.generate(500, '2025-01-01', '2026-01-01', 42)", 'sample_crm_entities.sql' ],
		options => qq({$options, "as_of": "2026-01-01 00:00+00", "funnel": ["visit", "product", "purchase"],
			"lead_response_target": "24 hours", "first_response_target": "4 hours", "resolution_target": "48 hours"}),
		without_rows => [],
	});
my %without_rows = (
	# asks for satisfaction only
	chatwoot => [ 'NPS', 'CES', @of_sales ],
	espocrm => [@of_sales],
	listmonk => [@of_sales],
	odoo => ['CES'],
	twenty => [@of_sales]);
foreach my $adapter (map { m{([^/]+)/generate\.sql$} } sort glob('test/schemas/*/generate.sql'))
{
	next unless -e "test/schemas/$adapter/schema.sql";
	push @databases,
	  {
		name => $adapter,
		load => [ "$adapter/schema.sql", "$adapter/generate.sql" ],
		options => qq({$options, "as_of": "2026-01-31 00:00+00"}),
		without_rows => $without_rows{$adapter} // []
	  };
}

sub read_dashboard
{
	my ($file) = @_;
	return JSON::PP->new->utf8->decode(scalar slurp_file($file));
}

# A query as Grafana sends it: variables in their formats, then macros.
sub substituted
{
	my ($sql, $variables) = @_;

	my %formatted = (
		'' => sub { $_[0] },
		'doublequote' => sub { my ($v) = @_; $v =~ s/"/""/g; qq("$v") },
		'sqlstring' => sub { my ($v) = @_; $v =~ s/'/''/g; "'$v'" });
	$sql =~ s/\$\{(\w+)(?::(\w+))?\}/
		die "unknown variable $1 in $sql" unless defined $variables->{$1};
		$formatted{$2 \/\/ ''}->($variables->{$1})/gex;

	my %macro = (
		timeFilter => sub { "$_[0] BETWEEN '$from' AND '$to'" },
		timeFrom => sub { "'$from'" },
		timeTo => sub { "'$to'" },
		time => sub { qq($_[0] AS "time") },
		timeGroup => sub { my ($column, $interval) = split /\s*,\s*/, $_[0]; "date_bin($interval, $column, '2000-01-01 00:00+00')" });
	$sql =~ s/\$__(\w+)\(([^()]*)\)/
		die "unknown macro $1 in $sql" unless $macro{$1};
		$macro{$1}->($2)/gex;
	die "something is left in $sql" if $sql =~ /\$/;
	return $sql;
}

my %dashboard = map { $_ => read_dashboard($_) } glob('dashboards/grafana/*.json');
cmp_ok(scalar(keys %dashboard), '>=', 5, 'there are dashboards');

#
# The dashboards themselves
#
my %uid;
foreach my $file (sort keys %dashboard)
{
	my $d = $dashboard{$file};
	my %variable = map { $_->{name} => $_ } @{ $d->{templating}{list} };
	my (%id, %cell, @wrong);

	cmp_ok($d->{schemaVersion}, '>=', 36, "$file has a schema version");
	ok($d->{title} && $d->{description} && $d->{uid} && !$uid{ $d->{uid} }++, "$file has a title, a description, a uid of its own");
	is($variable{datasource}{type}, 'datasource', "$file lets choose a data source");
	is($variable{datasource}{query}, 'postgres', "$file lets choose a PostgreSQL data source");
	is($variable{schema}{type}, 'query', "$file lets choose a schema");

	foreach my $p (@{ $d->{panels} })
	{
		my $title = $p->{title} // '?';
		my $g = $p->{gridPos};

		push @wrong, "$title: type $p->{type}" unless $core_panel{ $p->{type} };
		push @wrong, "$title: id" if $id{ $p->{id} }++;
		push @wrong, "$title: too wide" if $g->{x} + $g->{w} > 24;
		foreach my $y ($g->{y} .. $g->{y} + $g->{h} - 1)
		{
			push @wrong, "$title: overlaps" if grep { $cell{"$_ $y"}++ } $g->{x} .. $g->{x} + $g->{w} - 1;
		}
		next if $p->{type} eq 'row';
		push @wrong, "$title: no description" unless $p->{description};
		push @wrong, "$title: no unit" unless $p->{type} eq 'table' || $p->{fieldConfig}{defaults}{unit};
		push @wrong, "$title: no query" unless @{ $p->{targets} };
		foreach my $x ($p, @{ $p->{targets} })
		{
			push @wrong, "$title: data source" unless $x->{datasource}{uid} eq '${datasource}';
		}
		my $texts = join ' ', $title, map { $_->{rawSql} } @{ $p->{targets} };
		push @wrong, map { "$title: no variable $_" } grep { !$variable{$_} } $texts =~ /\$\{(\w+)/g;
	}
	is("@wrong", '', "$file is consistent");
}

#
# Their queries
#
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
# compiling hundreds of queries takes longer than running them
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE grafana LOGIN');
my @as_grafana = ('-U', 'grafana');

# Answers of psql to the statements, which end with a line "@@".
sub answers
{
	my ($database, $script) = @_;
	my ($rc, $out, $err) = $node->psql($database, $script, on_error_stop => 0, extra_params => [ '-q', @as_grafana ]);
	return split /^\@\@\n?/m, "$out\n", -1;
}

foreach my $db (@databases)
{
	my $name = $db->{name};
	my %without_rows = map { $_ => 1 } @{ $db->{without_rows} };
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION crm_metrics');
	foreach my $part (@{ $db->{load} })
	{
		ref $part ? $node->safe_psql($name, $$part)
		  : $node->command_ok([
				'psql', '-X', '-q', '-o', '/dev/null',
				'-v', 'ON_ERROR_STOP=1', '-v', "source=$name", '-v', 'truth=truth',
				'-f', "test/schemas/$part", $node->connstr($name) ],
			"load $part");
	}
	$node->safe_psql($name, "SELECT crm_install_adapter('$name', '$name', 'kpi')") unless $name eq 'sample';
	$node->safe_psql($name, "SELECT crm_create_kpi_views('kpi', '$db->{options}')");
	# what dashboards/README.md grants
	$node->safe_psql($name, 'ANALYZE; GRANT USAGE ON SCHEMA kpi TO grafana; GRANT SELECT ON ALL TABLES IN SCHEMA kpi TO grafana');

	my %view = map { $_ => 1 } split /\n/, $node->safe_psql($name,
		"SELECT relname FROM pg_class WHERE relnamespace = 'kpi'::regnamespace");
	my $queries = 0;

	foreach my $file (sort keys %dashboard)
	{
		my $d = $dashboard{$file};
		my %variables = (schema => 'kpi', unfinished => 'true', datasource => 'x');
		my (@wrong, @panels);

		# what the drop-down lists offer first; nothing where its view is missing
		foreach my $v (grep { $_->{type} eq 'query' } @{ $d->{templating}{list} })
		{
			my $sql = substituted($v->{query}, \%variables);
			next if grep { !$view{$_} } $sql =~ /"kpi"\.(\w+)/g;
			my ($first) = split /\n/, $node->safe_psql($name, $sql, extra_params => \@as_grafana);
			if ($v->{name} eq 'schema')
			{
				is($first, 'kpi', "$name: $file finds the schema");
			}
			$variables{ $v->{name} } = $first // 'EUR';
		}
		$variables{ $_->{name} } //= 'EUR' foreach @{ $d->{templating}{list} };

		foreach my $p (grep { $_->{type} ne 'row' } @{ $d->{panels} })
		{
			foreach my $t (@{ $p->{targets} })
			{
				my $sql = substituted($t->{rawSql}, \%variables);
				my @missing = grep { !$view{$_} } $sql =~ /"kpi"\.(\w+)/g;
				if (@missing)
				{
					push @wrong, "$p->{title}: no view @missing" if $name eq 'sample';
					next;
				}
				push @panels, [ $p, $t, $sql ];
			}
		}
		my @answers = answers($name, join '',
			"SET TimeZone = 'UTC';\n",
			map { my $sql = $_->[2]; my $time = $_->[1]{format} eq 'time_series' ? '"time"' : 'NULL::int';
				"$sql \\gdesc\n\\echo @@\n"
				  . "SELECT count(*), bool_and(t >= b IS NOT FALSE), count(t) FROM (SELECT $time AS t, lag($time) OVER () AS b FROM ($sql) AS q) AS q;\n"
				  . "\\echo :LAST_ERROR_MESSAGE\n\\echo @@\n" } @panels);

		foreach my $panel (@panels)
		{
			my ($p, $t, $sql) = @$panel;
			my @columns = map { [ split /\|/ ] } split /\n/, shift(@answers) // '';
			my @lines = grep { length } split /\n/, shift(@answers) // '';
			my %column = map { $_->[0] => 1 } @columns;
			my ($rows, $ascending, $times) = split /\|/, $lines[0] // '';

			$queries++;
			if (!@columns || !defined $times)
			{
				push @wrong, "$p->{title}: fails: @lines\n$sql";
				next;
			}
			if ($t->{format} eq 'time_series')
			{
				push @wrong, "$p->{title}: first column is no time: @{$columns[0]}"
				  unless $columns[0][0] eq 'time' && $columns[0][1] eq 'timestamp with time zone';
				push @wrong, "$p->{title}: not in order of time" unless $rows == 0 || $ascending eq 't';
				push @wrong, "$p->{title}: rows without time" unless $times == $rows;
				push @wrong, map { "$p->{title}: column $_->[0] is $_->[1]" }
				  grep { !($number{ $_->[1] =~ s/\(.*//r } || ($_->[0] eq 'metric' && $_->[1] eq 'text')) } @columns[ 1 .. $#columns ];
			}
			else
			{
				push @wrong, map { "$p->{title}: column $_->[0] is $_->[1], which Grafana cannot show" }
				  grep { $_->[1] =~ /^(interval|crm_)/ } @columns;
			}
			# bands, axes and units are set by the names of columns
			foreach my $o (@{ $p->{fieldConfig}{overrides} })
			{
				my @names = ($o->{matcher}{id} eq 'byName' ? $o->{matcher}{options} : (),
					map { $_->{id} eq 'custom.fillBelowTo' ? $_->{value} : () } @{ $o->{properties} });
				push @wrong, map { "$p->{title}: no column $_" } grep { !$column{$_} } @names;
			}
			push @wrong, map { "$p->{title}: no column $_" } grep { defined && !$column{$_} } $p->{options}{xField};
			if ($without_rows{ $p->{title} })
			{
				push @wrong, "$p->{title}: has rows" if $rows > 0;
			}
			else
			{
				push @wrong, "$p->{title}: no rows" unless $rows > 0;
			}
		}
		is(join("\n", @wrong), '', "$name: queries of $file");
	}
	cmp_ok($queries, '>=', $name eq 'sample' ? 60 : 8, "$name: queries have run");
}

$node->stop;
done_testing();
