/** Arithmetic of producer sequence numbers (KIP-98): int32 counters per producer and partition that
 *  run from 0 to 2^31-1 and go on with 0. */

const MAX_SEQUENCE = 0x7fff_ffff
const SEQUENCE_COUNT = 0x8000_0000

/** What a batch without sequence numbers carries, and what comes before the first sequence. */
export const NO_SEQUENCE = -1

/** The sequence `count` records after `sequence`. */
export function sequenceAfter(sequence: number, count: number): number {
  return sequence > MAX_SEQUENCE - count ? sequence + count - SEQUENCE_COUNT : sequence + count
}

/** The sequence `count` records before `sequence`. */
export function sequenceBefore(sequence: number, count: number): number {
  return sequence < count ? sequence - count + SEQUENCE_COUNT : sequence - count
}

/** Whether `next` is the sequence that must follow `last`. */
export function isNextSequence(last: number, next: number): boolean {
  return next === last + 1 || (last === MAX_SEQUENCE && next === 0)
}
