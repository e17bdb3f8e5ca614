/*-------------------------------------------------------------------------
 *
 * reference.h
 *	  Reading the reference tables of test/unit/data.
 *
 * The tables are comma separated with one line of names; make_reference.py
 * says where their values come from.  Tests run in the top directory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_REFERENCE_H
#define CRM_REFERENCE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_MAX_COLUMNS 32

/*
 * Open a table and skip its line of names; NULL, with a message, if it is not
 * there.
 */
static inline FILE *
reference_open(const char *path)
{
	FILE	   *file = fopen(path, "r");
	char		line[1024];

	if (!file)
		printf("cannot open %s\n", path);
	else if (!fgets(line, sizeof(line), file))
		printf("%s is empty\n", path);
	return file;
}

/*
 * Read the next line's numbers into number, and its first column as text into
 * name (of 32 bytes) if that is not NULL.  Returns how many numbers, 0 at
 * the end.
 */
static inline int
reference_read(FILE *file, char *name, double *number)
{
	char		line[1024];
	char	   *field;
	int			n = 0;

	if (!fgets(line, sizeof(line), file))
		return 0;
	for (field = strtok(line, ",\n"); field && n < REFERENCE_MAX_COLUMNS;
		 field = strtok(NULL, ",\n"))
	{
		if (name)
		{
			snprintf(name, 32, "%s", field);
			name = NULL;
		}
		else
			number[n++] = strtod(field, NULL);
	}
	return n;
}

#endif							/* CRM_REFERENCE_H */
