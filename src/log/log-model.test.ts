import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../kernel/environment.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { batchOf, recordsIn, T0, TestLog } from './log-for-test.ts'

/*
 * A log against an array. Random appends, reads, rolls, cuts, deletions, restarts, kills and power
 * cuts on a simulated disk; after every step the log holds what the array does. A kill loses what was
 * not written, a power cut may lose what was not synced, and nothing else is ever lost.
 */

const SEEDS = 60
const STEPS = 60

/** The first character of a value names its producer. */
interface Entry {
  readonly offset: number
  readonly value: string
}

const PRODUCERS = { a: 1_001, b: 1_002 } as const

class Walk {
  readonly #random: Random
  readonly #fixture: TestLog
  /** What the log must hold, from its start to its end. */
  #entries: Entry[] = []
  #start = 0
  #end = 0
  /** Everything below has been written. */
  #writtenEnd = 0
  /** Every value that was ever written at an offset: a power cut may bring a cut one back. */
  readonly #history = new Map<number, Set<string>>()
  #serial = 0

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#random = random
    this.#fixture = new TestLog({
      seed,
      tailCacheBytes: [0, 4_096, 1_048_576][random.below(3)]!,
      limits: { openFiles: 1 + random.below(8), indexBytes: random.below(2_000) },
      config: {
        'segment.bytes': 1_500 + random.below(4_000),
        'index.interval.bytes': random.below(800),
        'flush.messages': random.below(4) === 0 ? 1 + random.below(20) : Number.MAX_VALUE,
        preallocate: random.below(3) === 0,
      },
    })
  }

  async run(): Promise<void> {
    await this.#fixture.open()
    for (let step = 0; step < STEPS; step++) {
      await this.#step()
      await this.#check()
    }
  }

  async #step(): Promise<void> {
    const { log } = this.#fixture
    const kind = this.#random.below(100)
    if (kind < 50) return this.#append()
    if (kind < 60) return this.#fixture.settle(log.flush()).then(() => this.#wrote())
    if (kind < 68)
      return this.#fixture.simulation.advance(this.#random.below(90_000)).then(() => this.#wrote())
    if (kind < 74) return this.#cut()
    if (kind < 76) return this.#cutFully()
    if (kind < 84) return this.#deleteRecords()
    if (kind < 90) return this.#restart()
    if (kind < 95) return this.#kill()
    return this.#powerCut()
  }

  async #append(): Promise<void> {
    for (let count = 1 + this.#random.below(5); count > 0; count--) {
      const producer = this.#random.below(2) === 0 ? 'a' : 'b'
      const values = Array.from({ length: 1 + this.#random.below(4) }, () => {
        return `${producer}${this.#serial++}${'.'.repeat(this.#random.below(300))}`
      })
      const timestamp = T0 + this.#random.below(1_000)
      const baseSequence = (this.#lastBatchOf(producer)?.lastSequence ?? -1) + 1
      const idempotent = { producerId: PRODUCERS[producer], producerEpoch: 0, baseSequence }
      const { baseOffset } = this.#fixture.append(batchOf(values, { ...idempotent, timestamp }))
      assert.equal(baseOffset, this.#end)
      for (const value of values) this.#add(value)
    }
    if (this.#random.below(3) === 0) return
    await this.#fixture.turn()
    this.#wrote()
  }

  #lastBatchOf(producer: keyof typeof PRODUCERS) {
    return this.#fixture.log.producers.entry(PRODUCERS[producer])?.batches.at(-1)
  }

  #add(value: string): void {
    const offset = this.#end++
    this.#entries.push({ offset, value })
    const known = this.#history.get(offset) ?? new Set()
    this.#history.set(offset, known.add(value))
  }

  #wrote(): void {
    this.#writtenEnd = this.#end
  }

  async #cut(): Promise<void> {
    const offset = this.#start + this.#random.below(this.#end - this.#start + 1)
    const first = await this.#batchStart(offset)
    await this.#fixture.settle(this.#fixture.log.truncateTo(first))
    this.#forget(first)
  }

  /** Where the batch that holds `offset` begins: leaders and followers cut at such places. */
  async #batchStart(offset: number): Promise<number> {
    await this.#fixture.turn()
    this.#wrote()
    if (offset === this.#end) return offset
    const read = await this.#fixture.read(offset)
    read.release()
    return read.firstBatchBaseOffset < this.#start ? this.#end : read.firstBatchBaseOffset
  }

  #forget(end: number): void {
    this.#end = end
    this.#writtenEnd = end
    this.#entries = this.#entries.filter((entry) => entry.offset < end)
  }

  #cutFully(): void {
    const offset = this.#random.below(100)
    this.#fixture.log.truncateFullyAndStartAt(offset)
    this.#start = offset
    this.#forget(offset)
    this.#entries = []
  }

  #deleteRecords(): void {
    const { log } = this.#fixture
    if (this.#random.below(2) === 0) {
      this.#start += this.#random.below(this.#writtenEnd - this.#start + 1)
      log.deleteRecordsBefore(this.#start)
      this.#entries = this.#entries.filter(({ offset }) => offset >= this.#start)
    }
    log.highWatermarkMoved(this.#writtenEnd)
    log.applyRetention()
  }

  async #restart(): Promise<void> {
    await this.#fixture.restart()
    this.#wrote()
  }

  async #kill(): Promise<void> {
    const { log } = this.#fixture
    const recoveryPoint = this.#random.below(log.recoveryPoint + 1)
    await log.close(false)
    const { logEndOffset } = await this.#fixture.open({
      recoveryPoint,
      logStartOffset: this.#start,
    })
    // A roll writes in the middle of a turn.
    assert(logEndOffset >= this.#writtenEnd && logEndOffset <= this.#end)
    this.#forget(logEndOffset)
  }

  async #powerCut(): Promise<void> {
    const { recoveryPoint } = this.#fixture.log
    this.#fixture.host.crash()
    const log = await this.#fixture.open({ recoveryPoint, logStartOffset: this.#start })
    assert(log.logEndOffset >= recoveryPoint, `synced up to ${recoveryPoint}`)
    const found = recordsIn(await this.#fixture.readAll())
    for (const { offset, value } of found) {
      if (offset < recoveryPoint) continue
      assert(this.#history.get(offset)?.has(value), `${value} was never at ${offset}`)
    }
    const isSynced = ({ offset }: Entry) => offset < recoveryPoint
    assert.deepEqual(
      found.filter((entry) => isSynced(entry) && entry.offset >= this.#start),
      this.#entries.filter(isSynced),
    )
    this.#end = log.logEndOffset
    this.#writtenEnd = this.#end
    this.#start = log.logStartOffset
    this.#entries = found.filter(({ offset }) => offset >= this.#start)
  }

  async #check(): Promise<void> {
    const { log } = this.#fixture
    assert.deepEqual([log.logStartOffset, log.logEndOffset], [this.#start, this.#end])
    assert(log.recoveryPoint <= this.#end)
    assert.deepEqual(this.#fixture.failures, [])
    for (const producer of ['a', 'b'] as const) {
      const last = this.#entries.findLast(({ value }) => value.startsWith(producer))
      if (last) assert.equal(this.#lastBatchOf(producer)?.lastOffset, last.offset)
    }
    if (this.#writtenEnd < this.#end) return // a read would end the turn, and the next step may be a kill
    const offset = this.#start + this.#random.below(this.#end - this.#start + 1)
    const maxBytes = [1, 500, 3_000, 1_000_000][this.#random.below(4)]!
    const found = recordsIn(await this.#fixture.readAll(offset, maxBytes))
    assert.deepEqual(
      found.filter((entry) => entry.offset >= offset),
      this.#entries.filter((entry) => entry.offset >= offset),
      `read from ${offset} by ${maxBytes}`,
    )
  }
}

test(`a log holds what an array holds (${SEEDS} seeds)`, async (context) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      await new Walk(seed).run()
    } catch (error) {
      context.diagnostic(`seed ${seed}`)
      throw error
    }
  }
})
