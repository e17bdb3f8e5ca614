/*-------------------------------------------------------------------------
 *
 * mix_bits.h
 *	  The finalizer of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable
 *	  pseudorandom number generators"): every bit of the input reaches every bit
 *	  of the result.
 *
 * For hash tables of values that differ in few bits, such as whole days, and
 * for samples and starts that depend on values or a seed alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MIX_BITS_H
#define CRM_MIX_BITS_H

#include <stdint.h>

static inline uint64_t
crm_mix_bits(uint64_t bits)
{
	bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
	return bits ^ (bits >> 31);
}

/*
 * The high bits of a hash as a number from 0 to 1, without 1.
 */
static inline double
crm_mix_unit(uint64_t hash)
{
	return (double) (hash >> 11) / 9007199254740992.0;	/* 2^53 */
}

#endif							/* CRM_MIX_BITS_H */
