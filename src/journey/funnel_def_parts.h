/*-------------------------------------------------------------------------
 *
 * funnel_def_parts.h
 *	  A funnel's definition in the making: by the function, or from its text or
 *	  binary form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FUNNEL_DEF_PARTS_H
#define CRM_FUNNEL_DEF_PARTS_H

#include "postgres.h"

#include "src/journey/funnel.h"

#define FUNNEL_DEF_TYPE "crm_funnel_def"
#define FUNNEL_DEF_VERSION 1

/* A definition in the making */
typedef struct DefParts
{
	FunnelDef	def;			/* the fixed part */
	Interval	step_within[FUNNEL_MAX_STEPS];
	char	   *names[2 * FUNNEL_MAX_STEPS];	/* steps, then exclusions */
} DefParts;

/* The names of an enum's values, from 1 */
typedef struct OptionNames
{
	const char *what;
	const char *valid;
	const char *names[4];
} OptionNames;

extern const OptionNames crm_funnel_mode_names;
extern const OptionNames crm_funnel_same_time_names;
extern const OptionNames crm_funnel_on_repeat_names;
extern const OptionNames crm_funnel_entry_names;

extern void crm_funnel_parts_init(DefParts *parts);
extern int	crm_funnel_option_by_name(const OptionNames *option, const char *name);
extern Interval crm_funnel_window_from_text(const char *string);
extern FunnelDef *crm_funnel_parts_make(const DefParts *parts);

#endif							/* CRM_FUNNEL_DEF_PARTS_H */
