import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../kernel/environment.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import * as batch from '../../records/batch.ts'
import { compressionNames } from '../../records/compression/compression.ts'
import { type Found, headersIn, type Keyed, KeyedLog, markerBatch } from './keyed-log-for-test.ts'

/*
 * Random logs against an array: keys, tombstones, records without a key, producers with sequences,
 * transactions that end or stay open, all codecs; compacted again and again while more is appended,
 * records are deleted, time passes and the log is opened anew.
 */

const SEEDS = 40
const STEPS = 12
const HOUR_MS = 3_600_000
const PRODUCERS = [101, 102, 103]

/** What was appended, as an array holds it. */
interface Entry extends Found {
  readonly producerId: number | undefined
  fate: 'visible' | 'open' | 'aborted'
}

class Walk {
  readonly #random: Random
  readonly #fixture: KeyedLog
  #entries: Entry[] = []
  readonly #sequences = new Map<number, number>()
  readonly #open = new Map<number, Entry[]>()
  #serial = 0

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#random = random
    this.#fixture = new KeyedLog({
      seed,
      tailCacheBytes: [0, 65_536][random.below(2)]!,
      limits: { openFiles: 2 + random.below(6), indexBytes: random.below(2_000) },
      config: {
        'segment.bytes': 600 + random.below(3_000),
        'index.interval.bytes': random.below(400),
        'delete.retention.ms': random.below(2) * HOUR_MS,
        'file.delete.delay.ms': random.below(2) * 60_000,
      },
    })
  }

  async run(): Promise<void> {
    await this.#fixture.open()
    for (let step = 0; step < STEPS; step++) {
      for (let count = 3 + this.#random.below(12); count > 0; count--) await this.#append()
      if (this.#random.below(4) === 0) await this.#fixture.simulation.advance(2 * HOUR_MS)
      if (this.#random.below(5) === 0) await this.#reopen()
      if (this.#random.below(6) === 0) this.#deleteRecords()
      await this.#clean()
      await this.#check()
    }
  }

  async #append(): Promise<void> {
    const kind = this.#random.below(10)
    const compression = compressionNames[this.#random.below(5)]!
    if (kind < 4) return this.#add(this.#records(), { compression }, undefined)
    const producerId = PRODUCERS[this.#random.below(3)]!
    if (kind < 9) return this.#add(this.#records(), { compression }, producerId)
    const open = this.#open.get(producerId)
    if (!open) return
    const isCommit = this.#random.below(2) === 0
    for (const entry of open) entry.fate = isCommit ? 'visible' : 'aborted'
    this.#open.delete(producerId)
    this.#fixture.append(markerBatch(isCommit ? 'commit' : 'abort', producerId))
    await this.#settle()
  }

  #records(): Keyed[] {
    return Array.from({ length: 1 + this.#random.below(5) }, () => ({
      key: this.#random.below(30) === 0 ? null : `k${this.#random.below(12)}`,
      value:
        this.#random.below(4) === 0
          ? null
          : `${this.#serial++}${'.'.repeat(this.#random.below(90))}`,
      timestamp: this.#fixture.nowMs - this.#random.below(50),
    }))
  }

  /** The producer 103 sends in transactions only. */
  async #add(
    records: readonly Keyed[],
    options: { compression: (typeof compressionNames)[number] },
    producerId: number | undefined,
  ): Promise<void> {
    const isTransactional = producerId === PRODUCERS[2] || this.#open.has(producerId ?? 0)
    const sequence = this.#sequences.get(producerId ?? 0) ?? 0
    const producer =
      producerId === undefined
        ? {}
        : { producerId, producerEpoch: 0, baseSequence: sequence, isTransactional }
    if (producerId !== undefined) this.#sequences.set(producerId, sequence + records.length)
    const base = await this.#fixture.add(records, { ...options, ...producer })
    const fate = isTransactional ? 'open' : 'visible'
    const entries = records.map((record, index): Entry => {
      return { offset: base + index, ...record, producerId, fate }
    })
    this.#entries.push(...entries)
    if (!isTransactional) return
    this.#open.set(producerId!, [...(this.#open.get(producerId!) ?? []), ...entries])
  }

  async #settle(): Promise<void> {
    await this.#fixture.turn()
    const { log } = this.#fixture
    log.highWatermarkMoved(log.logEndOffset)
  }

  async #reopen(): Promise<void> {
    const { log } = this.#fixture
    const { cleanedTo, logStartOffset, logEndOffset: recoveryPoint } = log
    await this.#fixture.settle(log.close(true))
    const cleanShutdown = this.#random.below(2) === 0
    await this.#fixture.open({ cleanShutdown, recoveryPoint, logStartOffset, cleanedTo })
    await this.#settle()
  }

  #deleteRecords(): void {
    const { log } = this.#fixture
    const span = (log.logEndOffset - log.logStartOffset) / 3
    log.deleteRecordsBefore(log.logStartOffset + this.#random.below(Math.floor(span) + 1))
    log.applyRetention()
  }

  async #clean(): Promise<void> {
    if (!this.#fixture.log.planCleaning()?.isDue) return
    const stable = this.#fixture.log.firstUnstableOffset ?? this.#fixture.log.logEndOffset
    const before = await this.#fixture.readAll()
    const bytes = 24 * (20 + this.#random.below(30))
    const bufferBytes = 4_096 << this.#random.below(3)
    const { cleanedTo } = await this.#fixture.clean({
      map: { bytes, loadFactor: 0.9 },
      bufferBytes,
    })
    assert.ok(cleanedTo <= stable, 'nothing beyond the last stable offset is compacted')
    const after = await this.#fixture.readAll()
    const rest = headersIn(before).find(({ baseOffset }) => baseOffset >= cleanedTo)
    if (!rest || !this.#isSegmentStart(cleanedTo)) return
    const same = before.subarray(rest.at)
    assert.ok(Buffer.from(after.subarray(after.length - same.length)).equals(same))
  }

  #isSegmentStart(offset: number): boolean {
    return this.#fixture.log.segments.some(({ baseOffset }) => baseOffset === offset)
  }

  async #check(): Promise<void> {
    const { log } = this.#fixture
    const all = await this.#fixture.readAll()
    const left = (await this.#fixture.records()).filter((one) => one.offset >= log.logStartOffset)
    const mine = new Map(this.#entries.map((entry) => [entry.offset, entry]))
    let previous = -1
    for (const { offset, key, value, timestamp } of left) {
      const entry = mine.get(offset)
      assert.deepEqual({ key, value, timestamp }, picked(entry), `offset ${offset}`)
      assert.ok(offset > previous, `offset ${offset} follows ${previous}`)
      previous = offset
    }
    this.#checkLast(new Set(left.map(({ offset }) => offset)))
    await this.#checkReaders(left, all)
  }

  /** The last visible record of each key is there, unless it is a tombstone, which may have gone. */
  #checkLast(offsets: ReadonlySet<number>): void {
    const { log } = this.#fixture
    const last = new Map<string, Entry>()
    for (const entry of this.#entries) {
      const isThere = entry.fate !== 'aborted' && entry.offset >= log.logStartOffset
      if (isThere && entry.key !== null) {
        const isVisible = entry.fate === 'visible'
        if (!isVisible) assert.ok(offsets.has(entry.offset), `open ${entry.offset} is gone`)
        else last.set(entry.key, entry)
      }
    }
    for (const { offset, value, key } of last.values()) {
      if (value !== null) assert.ok(offsets.has(offset), `${key} at ${offset} is gone`)
      else this.#checkDeleted(key!, offset, offsets)
    }
  }

  /** A tombstone goes only when what it hides has gone. */
  #checkDeleted(key: string, offset: number, offsets: ReadonlySet<number>): void {
    if (offsets.has(offset)) return
    const { logStartOffset } = this.#fixture.log
    const hidden = this.#entries.filter((entry) => entry.key === key && entry.offset < offset)
    for (const entry of hidden) {
      const isBack = entry.fate === 'visible' && entry.offset >= logStartOffset
      assert.ok(!isBack || !offsets.has(entry.offset), `${key} is back at ${entry.offset}`)
    }
  }

  /** Every offset can be read, and a `read_committed` reader sees no aborted record. */
  async #checkReaders(left: readonly Found[], all: Uint8Array): Promise<void> {
    const { log } = this.#fixture
    const headers = headersIn(all)
    for (let offset = log.logStartOffset; offset < log.logEndOffset; offset++) {
      const read = await this.#fixture.read(offset, 1)
      const holder = headers.find((one) => one.baseOffset + one.lastOffsetDelta >= offset)
      assert.equal(read.firstBatchBaseOffset, holder?.baseOffset ?? offset, `offset ${offset}`)
      read.release()
    }
    const aborted = log.abortedTransactions(log.logStartOffset, log.logEndOffset)
    const ends = abortMarkers(all)
    for (const { offset } of left) {
      const entry = this.#entries.find((one) => one.offset === offset)!
      if (entry.fate === 'open') continue
      const isListed = aborted.some(({ producerId, firstOffset }) => {
        const end = ends.find((one) => one.producerId === producerId && one.offset > firstOffset)
        const isWithin = offset >= firstOffset && end !== undefined && offset < end.offset
        return entry.producerId === producerId && isWithin
      })
      assert.equal(isListed, entry.fate === 'aborted', `offset ${offset} is ${entry.fate}`)
    }
  }
}

function picked(entry: Entry | undefined) {
  assert.ok(entry, 'it was never appended')
  return { key: entry.key, value: entry.value, timestamp: entry.timestamp }
}

function abortMarkers(bytes: Uint8Array) {
  const found: { producerId: number; offset: number }[] = []
  for (const { at, producerId, baseOffset } of headersIn(bytes)) {
    if (!batch.isControlBatch(bytes, at) || batch.recordCount(bytes, at) === 0) continue
    found.push({ producerId, offset: baseOffset })
  }
  return found
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`any compacted log holds what it must (seed ${seed})`, () => new Walk(seed).run())
}
