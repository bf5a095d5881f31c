/**
 * What a consumer knows of one assigned partition: where it reads, whether that is known to be right,
 * and how far the log reaches. A value; every event makes a new one.
 *
 *   phase        leaves it by
 *   committed    the committed offset is found -> reading; there is none -> resetting, or failed
 *   resetting    ListOffsets answers -> reading
 *   validating   the leader confirms the last epoch -> reading; the log was cut -> reading before
 *                the cut, or failed (KIP-320)
 *   reading      another leader -> validating; the offset is outside the log -> resetting, failed
 *   failed       seek -> reading; reset -> resetting
 *
 * `seek` and `reset` are possible in every phase; answers that were asked for in an earlier phase find
 * another position and change nothing.
 */

import type { ResetStrategy } from './reset-strategy.ts'

/** What is not known is -1, as on the wire. */
export const UNKNOWN = -1

/** Who leads a partition, as far as it is known. */
export interface Leader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** The next record to read. */
export interface Position {
  readonly offset: number
  /** Leader epoch of the record before `offset`; -1: unknown, then nothing can be validated. */
  readonly offsetEpoch: number
  /** The leader that the position is valid at. */
  readonly leader: Leader
}

export type FailureReason =
  /** No offset was committed, and `auto.offset.reset` is none. */
  | { readonly type: 'no-offset' }
  /** The offset lies outside the log, and `auto.offset.reset` is none. */
  | { readonly type: 'out-of-range'; readonly offset: number }
  /** Records before the position are gone: the log was cut at `endOffset` (-1: not known where). */
  | { readonly type: 'truncated'; readonly offset: number; readonly endOffset: number }

/** Strategies that lead somewhere. */
export type ResetTo = Exclude<ResetStrategy, { type: 'none' }>

export type Phase =
  | { readonly type: 'committed' }
  | { readonly type: 'resetting'; readonly to: ResetTo }
  | { readonly type: 'validating'; readonly position: Position }
  | { readonly type: 'reading'; readonly position: Position }
  | { readonly type: 'failed'; readonly reason: FailureReason }

/** What the last answers told of a log; -1 where nothing did. */
export interface LogEnds {
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
}

export interface PartitionState {
  readonly phase: Phase
  readonly isPaused: boolean
  readonly ends: LogEnds
}

const NO_LEADER: Leader = { leaderId: UNKNOWN, leaderEpoch: UNKNOWN }
const UNKNOWN_ENDS: LogEnds = {
  logStartOffset: UNKNOWN,
  highWatermark: UNKNOWN,
  lastStableOffset: UNKNOWN,
}

/** A partition that has just been assigned: its committed offset is looked for. */
export const ASSIGNED: PartitionState = {
  phase: { type: 'committed' },
  isPaused: false,
  ends: UNKNOWN_ENDS,
}

/** The position, in the phases that have one. */
export function positionOf({ phase }: PartitionState): Position | undefined {
  return phase.type === 'reading' || phase.type === 'validating' ? phase.position : undefined
}

/** Whether records of it may be asked for and given out. */
export function isReadable(state: PartitionState): boolean {
  return state.phase.type === 'reading' && !state.isPaused
}

/**
 * Goes to an offset.
 * @param offsetEpoch leader epoch of the record before it, as a commit tells; -1 when unknown. With
 *   it the position is validated before anything is read.
 */
export function sought(
  state: PartitionState,
  offset: number,
  offsetEpoch: number = UNKNOWN,
): PartitionState {
  const position = { offset, offsetEpoch, leader: NO_LEADER }
  return { ...state, phase: { type: 'reading', position } }
}

/** Gives up the position and goes where `to` says. */
export function resetting(state: PartitionState, to: ResetTo): PartitionState {
  return { ...state, phase: { type: 'resetting', to } }
}

/** Goes where `strategy` says, or fails for `reason` if it says none. */
export function resetOrFailed(
  state: PartitionState,
  strategy: ResetStrategy,
  reason: FailureReason,
): PartitionState {
  if (strategy.type !== 'none') return resetting(state, strategy)
  return { ...state, phase: { type: 'failed', reason } }
}

/** The answer for a partition that awaits its committed offset; others keep what they have. */
export function committedFound(
  state: PartitionState,
  found: { readonly offset: number; readonly leaderEpoch: number } | undefined,
  strategy: ResetStrategy,
): PartitionState {
  if (state.phase.type !== 'committed') return state
  if (found === undefined) return resetOrFailed(state, strategy, { type: 'no-offset' })
  return sought(state, found.offset, found.leaderEpoch)
}

/** The answer of ListOffsets; void when another reset or a seek came between. */
export function resetFound(
  state: PartitionState,
  to: ResetTo,
  found: { readonly offset: number; readonly leaderEpoch: number },
): PartitionState {
  if (state.phase.type !== 'resetting' || state.phase.to !== to) return state
  return sought(state, found.offset, found.leaderEpoch)
}

/** Records up to `offset` were given out; void when the position is not where they began. */
export function consumed(
  state: PartitionState,
  from: number,
  offset: number,
  offsetEpoch: number,
): PartitionState {
  if (state.phase.type !== 'reading' || state.phase.position.offset !== from) return state
  const { leader } = state.phase.position
  return { ...state, phase: { type: 'reading', position: { offset, offsetEpoch, leader } } }
}

/**
 * What the metadata say of the leader now. A position whose epoch is known is validated at every new
 * leader before it is read there; without an epoch, or at a broker too old, it is taken as it is.
 */
export function leaderSeen(
  state: PartitionState,
  leader: Leader,
  canValidate: boolean,
): PartitionState {
  const position = positionOf(state)
  if (position === undefined) return state
  const { leaderId, leaderEpoch } = position.leader
  if (leaderId === leader.leaderId && leaderEpoch === leader.leaderEpoch) return state
  const moved = { ...position, leader }
  const isKnown = position.offsetEpoch >= 0 && leader.leaderEpoch >= 0
  const type = isKnown && canValidate ? 'validating' : 'reading'
  return { ...state, phase: { type, position: moved } }
}

/**
 * What the leader says about the last epoch that was read (OffsetForLeaderEpoch).
 * @param asked the position it was asked for: if it is another one by now, the answer is void.
 * @param endOffset first offset behind the epoch `leaderEpoch`, which is the asked one or the largest
 *   below it; both -1 when the log has no such epoch any more.
 */
export function validated(
  state: PartitionState,
  asked: Position,
  { endOffset, leaderEpoch }: { readonly endOffset: number; readonly leaderEpoch: number },
  strategy: ResetStrategy,
): PartitionState {
  if (state.phase.type !== 'validating' || state.phase.position !== asked) return state
  const truncated = { type: 'truncated', offset: asked.offset, endOffset } as const
  if (endOffset < 0 || leaderEpoch < 0) return resetOrFailed(state, strategy, truncated)
  if (endOffset >= asked.offset) return { ...state, phase: { type: 'reading', position: asked } }
  // Records that were read are gone. With a strategy the reader goes on where the logs part.
  if (strategy.type === 'none') return { ...state, phase: { type: 'failed', reason: truncated } }
  const position = { offset: endOffset, offsetEpoch: leaderEpoch, leader: asked.leader }
  return { ...state, phase: { type: 'reading', position } }
}

/** An answer told how far the log reaches; -1 leaves what is known. */
export function endsSeen(state: PartitionState, seen: LogEnds): PartitionState {
  const { ends } = state
  const newer = (told: number, known: number) => (told >= 0 ? told : known)
  const logStartOffset = newer(seen.logStartOffset, ends.logStartOffset)
  const highWatermark = newer(seen.highWatermark, ends.highWatermark)
  const lastStableOffset = newer(seen.lastStableOffset, ends.lastStableOffset)
  return { ...state, ends: { logStartOffset, highWatermark, lastStableOffset } }
}

/**
 * Records left to read: up to the last stable offset for who reads only what is committed, else up to
 * the high watermark. undefined while that or the position is not known.
 */
export function lagOf(state: PartitionState, isCommittedOnly: boolean): number | undefined {
  const position = positionOf(state)
  const end = isCommittedOnly ? state.ends.lastStableOffset : state.ends.highWatermark
  if (position === undefined || end < 0) return undefined
  return Math.max(0, end - position.offset)
}
