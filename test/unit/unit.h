/*-------------------------------------------------------------------------
 *
 * unit.h
 *	  A minimal harness for the unit tests of src/math.
 *
 * Each test/unit/<stem>_test.c is a program of its own, linked with all of
 * src/math and no PostgreSQL.  main() calls checks and returns unit_report(),
 * which prints "N passed, N failed" and gives the exit status.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_UNIT_H
#define CRM_UNIT_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static int	unit_passed = 0;
static int	unit_failed = 0;

static inline void
unit_check(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		unit_passed++;
	else
	{
		unit_failed++;
		printf("%s:%d: failed: %s\n", file, line, what);
	}
}

/*
 * Is got within rel of want, relative to want, or within abs_tol of it?
 * NaN never passes; equal infinities do.
 */
static inline void
unit_near(double got, double want, double rel, double abs_tol,
		  const char *what, const char *file, int line)
{
	bool		ok = (got == want) ||
		(fabs(got - want) <= rel * fabs(want)) ||
		(fabs(got - want) <= abs_tol);

	if (ok)
		unit_passed++;
	else
	{
		unit_failed++;
		printf("%s:%d: %s: got %.17g, want %.17g (relative error %.2e)\n",
			   file, line, what, got, want, fabs(got - want) / fabs(want));
	}
}

#define CHECK(cond) unit_check((cond), #cond, __FILE__, __LINE__)
#define CHECK_NEAR(got, want, rel, abs_tol) \
	unit_near((got), (want), (rel), (abs_tol), #got, __FILE__, __LINE__)

static inline int
unit_report(void)
{
	printf("%d passed, %d failed\n", unit_passed, unit_failed);
	return unit_failed == 0 ? 0 : 1;
}

#endif							/* CRM_UNIT_H */
