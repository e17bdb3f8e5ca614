/*-------------------------------------------------------------------------
 *
 * host.h
 *	  What the computations in src/math need of the program around them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MATH_HOST_H
#define CRM_MATH_HOST_H

#include <stddef.h>

/*
 * alloc never returns NULL (it throws or exits); release may be a no-op.
 * check_interrupts may not return (longjmp): nothing but memory from alloc is
 * held across it.  It is called at least every few milliseconds.  None of the
 * three may be NULL.
 */
typedef struct MathHost
{
	void	   *(*alloc) (size_t size);
	void		(*release) (void *ptr);
	void		(*check_interrupts) (void);
} MathHost;

/*
 * The same where no MathHost is passed along; host.c.  It does nothing until the
 * program puts its own function there.
 */
extern void (*crm_math_check_interrupts) (void);

#endif							/* CRM_MATH_HOST_H */
