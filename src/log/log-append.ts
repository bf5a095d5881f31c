import { assert } from '../kernel/assert.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from '../records/batch.ts'
import type { Prepared } from '../records/validate.ts'
import { damageAt, lastOffsetAt, leaderEpochAt, maxTimestampAt } from './batch-header.ts'
import type { LogCore } from './log-core.ts'
import { mustRoll } from './log-roll.ts'
import { segmentBytes } from './log-types.ts'
import { producerFactsAt } from './producer-facts.ts'
import type { AppendOrigin, BatchSpan, ProducerFacts } from './producer-state.ts'
import type { Segment } from './segment.ts'

export interface AppendOptions {
  /** Of the leader that orders the batch: never below the log's latest. */
  readonly leaderEpoch: number
  readonly nowMs: number
  readonly origin: Extract<AppendOrigin, 'client' | 'coordinator'>
  /** Of the coordinator that made an end-of-transaction marker, which does not say so itself. */
  readonly transactionVersion?: number
}

/** Where a batch has its place. */
export interface AppendResult {
  readonly baseOffset: number
  readonly lastOffset: number
  /** The broker's time for all its records, -1 when they keep the producer's. */
  readonly logAppendTimeMs: number
  /** The batch had been appended before: offsets and time are those of the first time. */
  readonly isDuplicate: boolean
}

/** Appends a batch as its leader: see `Log.append`. */
export function appendAsLeader(
  log: LogCore,
  prepared: Prepared,
  { leaderEpoch, nowMs, origin, transactionVersion }: AppendOptions,
): AppendResult {
  const { bytes, logAppendTimeMs } = prepared
  const limit = segmentBytes(log.options.config())
  if (bytes.length > limit) {
    throw new KafkaError(
      'RECORD_LIST_TOO_LARGE',
      `${log.name}: a batch of ${bytes.length} bytes exceeds segment.bytes ${limit}`,
    )
  }
  const facts = withVersion(producerFactsAt(bytes, 0), transactionVersion)
  const original = facts && log.producers.check(facts, origin)
  if (original) return duplicateOf(original)
  const baseOffset = log.logEndOffset
  batch.setBaseOffset(bytes, 0, baseOffset)
  batch.setLeaderEpoch(bytes, 0, leaderEpoch)
  place(log, bytes, facts, nowMs)
  return { baseOffset, lastOffset: log.logEndOffset - 1, logAppendTimeMs, isDuplicate: false }
}

function withVersion(
  facts: ProducerFacts | undefined,
  transactionVersion: number | undefined,
): ProducerFacts | undefined {
  if (facts?.marker === undefined || transactionVersion === undefined) return facts
  return { ...facts, marker: { ...facts.marker, transactionVersion } }
}

/** Appends batches as a follower: see `Log.appendReplica`. */
export function appendAsFollower(log: LogCore, bytes: Uint8Array, nowMs: number): void {
  batch.forEachBatch(bytes, (at, sizeBytes) => {
    const damage = damageAt(bytes, at)
    if (damage !== undefined) throw new KafkaError('CORRUPT_MESSAGE', `${log.name}: ${damage}`)
    const first = batch.baseOffset(bytes, at)
    if (first < log.logEndOffset || lastOffsetAt(bytes, at) < first) {
      const detail = `a batch at ${first} where ${log.logEndOffset} or more must follow`
      throw new KafkaError('INVALID_REQUEST', `${log.name}: ${detail}`)
    }
    place(log, bytes.subarray(at, at + sizeBytes), producerFactsAt(bytes, at), nowMs)
  })
}

/** Puts a batch that has its offsets at the end of the log. */
function place(
  log: LogCore,
  bytes: Uint8Array,
  facts: ProducerFacts | undefined,
  nowMs: number,
): void {
  const { segments, tail, writer } = log
  const config = log.options.config()
  const baseOffset = batch.baseOffset(bytes)
  const lastOffset = lastOffsetAt(bytes, 0)
  const maxTimestamp = maxTimestampAt(bytes, 0)
  const next = { sizeBytes: bytes.length, lastOffset, maxTimestamp }
  if (mustRoll(segments.active, next, config, nowMs)) log.roll(baseOffset)
  assignEpoch(log, leaderEpochAt(bytes, 0), baseOffset)

  const { active } = segments
  const interval = config['index.interval.bytes']
  const position = active.add(bytes.length, lastOffset, maxTimestamp, interval)
  const endOffset = lastOffset + 1
  writer.queue(active, tail.add(bytes, endOffset), position, endOffset)
  log.logEndOffset = endOffset
  updateProducers(log, facts, { baseOffset, lastOffset, maxTimestamp }, active, nowMs)
}

function updateProducers(
  log: LogCore,
  facts: ProducerFacts | undefined,
  span: BatchSpan,
  active: Segment,
  nowMs: number,
): void {
  const ended = facts && log.producers.update(facts, span, nowMs)
  log.producers.advanceTo(span.lastOffset + 1)
  if (!ended || ended.committed) return
  const { committed: _, ...aborted } = ended
  log.writer.guard('write a transaction index', () => active.transactions.append(aborted))
}

function assignEpoch(log: LogCore, epoch: number, startOffset: number): void {
  const latest = log.leaderEpochs.latest?.epoch ?? -1
  if (epoch < 0 || epoch === latest) return
  assert(epoch > latest, `${log.name}: leader epoch ${epoch} is below the latest, ${latest}`)
  log.leaderEpochs.assign(epoch, startOffset)
}

function duplicateOf({ baseOffset, lastOffset, maxTimestamp }: BatchSpan): AppendResult {
  return { baseOffset, lastOffset, logAppendTimeMs: maxTimestamp, isDuplicate: true }
}
