#!/usr/bin/perl
#
# docs_test.pl [--update] DATABASE PAGE...
#	  Run the examples of documentation pages and compare their output.
#
# An example is a ```sql block with a ```text block right after it, which
# shows what psql prints.  A page's examples run in order, in one session; the
# database should be a fresh one.  From the heading "## Example" on, sql blocks
# without an output run too, to prepare those after them.  Prints a difference
# for each that is wrong and fails; --update writes the output into the page
# instead.
#
use strict;
use warnings;

my $update = @ARGV && $ARGV[0] eq '--update' ? shift @ARGV : 0;
my ($database, @pages) = @ARGV;
die "usage: docs_test.pl [--update] DATABASE PAGE...\n" unless @pages;

my $marker = '@@example@@';
my $bad = 0;

foreach my $page (@pages)
{
	open(my $in, '<', $page) or die "$page: $!\n";
	my $text = do { local $/; <$in> };
	close($in);

	# Split into what is no example's output, and outputs.
	my (@sql, @setup, @expected, @pieces);
	my $in_example = 0;
	my $rest = $text;
	while ($rest =~ /\A(.*?^```sql\n(.*?)^```\n\s*^```text\n)(.*?)(^```\n.*)\z/ms)
	{
		my ($before, $statement, $output, $after) = ($1, $2, $3, $4);

		# blocks that are not followed by an output only prepare others
		my @blocks = $before =~ /^```sql\n(.*?)^```$/msg;
		my ($example) = $before =~ /^## Example(.*)/ms;
		my @prepare = $in_example ? @blocks
		  : defined $example ? $example =~ /^```sql\n(.*?)^```$/msg : ();
		$in_example ||= defined $example;
		$statement = pop @blocks;
		pop @prepare;
		$setup[@sql] = join('', @prepare);
		push @pieces, $before;
		push @sql, $statement;
		push @expected, $output;
		$rest = $after;
	}
	next unless @sql;

	my $script = join('', map { "\\o /dev/null\n$setup[$_]\\o\n\\echo $marker\n$sql[$_]" } 0 .. $#sql);
	my $file = "/tmp/docs_test.$$.sql";
	open(my $out, '>', $file) or die "$file: $!\n";
	print $out "\\pset pager off\nSET timezone = 'UTC';\n$script";
	close($out);
	my $got = `psql -X -d $database < $file 2>&1`;
	unlink $file;
	my (undef, @got) = split /^\Q$marker\E\n/m, $got, -1;
	foreach my $i (0 .. $#sql)
	{
		my $have = defined $got[$i] ? $got[$i] : '';

		$have =~ s/[ \t]+$//mg;
		$have =~ s/\n+\z/\n/;
		(my $want = $expected[$i]) =~ s/[ \t]+$//mg;
		$want =~ s/\n+\z/\n/;
		$got[$i] = $have;
		next if $have eq $want || $update;
		$bad++;
		print "$page: example ", $i + 1, " differs\n";
		print map { "  | $_\n" } split /\n/, $sql[$i];
		print "  expected:\n", map { "  - $_\n" } split /\n/, $want;
		print "  got:\n", map { "  + $_\n" } split /\n/, $have;
	}
	if ($update)
	{
		open(my $new, '>', $page) or die "$page: $!\n";
		print $new $pieces[$_], $got[$_] foreach 0 .. $#sql;
		print $new $rest;
		close($new);
	}
}
exit($bad ? 1 : 0);
