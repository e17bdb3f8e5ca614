# A fit to a million customers whose times are all different answers a cancel
# and a timeout: the statement ends with the error for that, and the session
# goes on.  So do the steps before and after it that are long, and predictions.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'max_parallel_workers_per_gather = 0');
$node->start;

# Frequencies of 0 to 20, times without a grain.
$node->safe_psql(
	'postgres', q{
CREATE EXTENSION crm_metrics;
CREATE TABLE customer AS
SELECT x::float8 AS x, CASE WHEN x = 0 THEN 0 ELSE t * (i * 0.6180339887498949 % 1 + 1e-9) / 2 END AS t_x, t
FROM generate_series(1, 1000000) i,
     LATERAL (SELECT (i % 21) * (i % 3 % 2), 30 + 50 * (i * 0.7548776662466927 % 1)) AS v(x, t);
CREATE TABLE collected AS SELECT crm_btyd_agg(x, t_x, t) AS data FROM customer;
});
cmp_ok(
	$node->safe_psql('postgres', 'SELECT crm_btyd_data_histories(data) FROM collected'),
	'>=', 990000, 'all times differ');

# Run a statement in a session of its own that is to be stopped, then another
# one there.
my $go_on = q{SELECT 'goes on ' || crm_model_status(crm_btyd_fit('bg/nbd', 3, 10, 20))};

sub stopped_by_timeout
{
	my ($milliseconds, $what, $statement) = @_;
	my ($rc, $out, $err) = $node->psql('postgres',
		"SET statement_timeout = $milliseconds; \n$statement;\nRESET statement_timeout;\n$go_on;\n",
		on_error_stop => 0);

	like($err, qr/canceling statement due to statement timeout/, "$what times out");
	is($out, 'goes on ridge', 'and the session goes on');
	return;
}

# The fit alone is one call of a function: nobody but the fit looks for
# interrupts.  It takes a quarter of a second and more.
stopped_by_timeout(10, "a fit of $_", "SELECT crm_model_status(crm_btyd_fit('$_', data)) FROM collected")
  foreach ('pareto/nbd', 'bg/nbd', 'mbg/nbd');
stopped_by_timeout(10, 'a fit from rows', "SELECT crm_btyd_fit('bg/nbd', x, t_x, t) FROM customer");
stopped_by_timeout(10, 'a fit with covariates', "SELECT crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[x - t, t_x], NULL) FROM customer");
stopped_by_timeout(10, 'a spend fit', 'SELECT crm_spend_fit(x, t_x) FROM customer');
stopped_by_timeout(10, 'merging', 'SELECT crm_rollup(data) FROM collected, generate_series(1, 3)');
stopped_by_timeout(10, 'a log-likelihood',
	q{SELECT crm_log_likelihood(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), data) FROM collected});

# Predictions: many rows, and one that takes long by itself, its horizon being
# twenty thousand times as long as alpha.
my $regular = q{crm_btyd_model('bg/cnbd-k', '{1,1,0.001,5,32}')};
stopped_by_timeout(10, 'discounted purchases of many customers',
	"SELECT sum(crm_discounted_purchases($regular, 3, 10 + i * 1e-4, 20, 0.1, 52)) FROM generate_series(1, 100000) i");
stopped_by_timeout(10, 'discounted purchases of one customer', "SELECT crm_discounted_purchases($regular, 0.12, 20000)");

# pg_cancel_backend while a fit is under way
my $script = $PostgreSQL::Test::Utils::tmp_check . '/fit.sql';
append_to_file($script,
	"SELECT crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t)) FROM customer, generate_series(1, 2);\n$go_on;\n"
);
my ($stdout, $stderr) = ('', '');
my $session;
{
	local $ENV{PGAPPNAME} = 'fitting';
	$session = IPC::Run::start(
		[ 'psql', '-X', '-A', '-t', '-q', '-d', $node->connstr('postgres'), '-f', $script ],
		'<', \undef, '>', \$stdout, '2>', \$stderr);
}
ok( $node->poll_query_until(
		'postgres', q{
SELECT count(*) = 1 FROM pg_stat_activity
WHERE application_name = 'fitting' AND state = 'active' AND query LIKE '%crm_btyd_fit%customer%'}),
	'a fit is under way');
is( $node->safe_psql('postgres',
		q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'fitting'}),
	't', 'it is cancelled');
$session->finish;
like($stderr, qr/canceling statement due to user request/, 'it ends with the error');
is($stdout, "goes on ridge\n", 'and the session goes on');

# A transaction that was stopped in a fit leaves nothing behind: the next fit in
# the session is the fit.
my ($rc, $out, $err) = $node->psql('postgres', q{
SET statement_timeout = 10;
BEGIN;
SAVEPOINT before;
SELECT crm_btyd_fit('pareto/nbd', data) FROM collected;
ROLLBACK TO before;
SET LOCAL statement_timeout = 0;
SELECT round(crm_log_likelihood(crm_btyd_fit('bg/nbd', data))::numeric, 3) FROM collected;
COMMIT;
}, on_error_stop => 0);
like($err, qr/statement timeout/, 'a fit in a subtransaction times out');
is( $out,
	$node->safe_psql('postgres',
		q{SELECT round(crm_log_likelihood(crm_btyd_fit('bg/nbd', data))::numeric, 3) FROM collected}),
	'the next one gives what it gives in another session');

$node->stop;
done_testing();
