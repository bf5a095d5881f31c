/** A producer whose every record is accounted for: what was sent, what was acknowledged and where. */

import assert from 'node:assert/strict'
import { produce } from '../../src/protocol/api/00-produce.ts'
import { errorName } from '../../src/protocol/errors.ts'
import { batchOf, readBatches } from '../clients/raw/batch.ts'
import { Closed, RawConnection } from '../clients/raw/connection.ts'
import { endOffset, fetchOnce, namedProduceVersion, newProducer } from '../clients/raw/requests.ts'

/** As many as the broker remembers per producer, so that each can be sent again. */
const maxInFlight = 5
const largestBatch = 20
const largestValueBytes = 2000
/** Longest an idempotent producer goes on sending what was not acknowledged before a kill. */
const resendLimit = 50

/** A run of records, sent as one batch, always the same bytes. */
interface Sent {
  readonly first: number
  readonly count: number
  readonly batch: Buffer
}

/**
 * Writes the numbers 0, 1, 2, … into one partition that nobody else writes to.
 *
 * An idempotent one sends what was not acknowledged again after a restart, with the same sequences:
 * then record n lies at offset n, always. A plain one goes on with new numbers, so the log holds what was
 * acknowledged where the acknowledgement said, in order, and perhaps more.
 */
export class Writer {
  readonly topic: string
  readonly partition: number
  readonly #acks: -1 | 1
  readonly #idempotent: boolean
  readonly #below: (limit: number) => number
  #producer: { readonly producerId: number; readonly producerEpoch: number } | undefined
  #next = 0
  /** Not acknowledged, in the order sent. */
  #unsure: Sent[] = []
  /** Number of each acknowledged record by its offset. */
  readonly #acknowledged = new Map<number, number>()
  /** What is below was read back already and found right. */
  #checkedTo = 0

  constructor(
    topic: string,
    partition: number,
    kind: { readonly acks: -1 | 1; readonly idempotent: boolean },
    below: (limit: number) => number,
  ) {
    this.topic = topic
    this.partition = partition
    this.#acks = kind.acks
    this.#idempotent = kind.idempotent
    this.#below = below
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size
  }

  /** Writes until the connection breaks or `until` has passed (`performance.now()`). */
  async write(bootstrap: string, until: number): Promise<void> {
    let connection: RawConnection | undefined
    try {
      connection = await RawConnection.open(bootstrap)
      if (this.#idempotent) await this.#resend(connection)
      const flying = new Set<Promise<void>>()
      while (performance.now() < until) {
        const sending = this.#send(connection, this.#make()).finally(() => flying.delete(sending))
        flying.add(sending)
        if (flying.size >= maxInFlight) await Promise.race(flying)
      }
      await Promise.all(flying)
    } catch (error) {
      // The kill that this test is about. Whatever else is wrong is not hidden.
      if (!isBroken(error)) throw error
    } finally {
      connection?.close()
    }
    if (!this.#idempotent) this.#unsure = []
  }

  /** Sends again what a kill left open. */
  async #resend(connection: RawConnection): Promise<void> {
    this.#producer ??= await newProducer(connection)
    for (let tries = 0; this.#unsure.length > 0; tries++) {
      assert.ok(
        tries < resendLimit,
        `${this.#name()}: ${this.#unsure.length} batches stay unanswered`,
      )
      for (const sent of this.#unsure.slice()) await this.#send(connection, sent)
    }
  }

  #make(): Sent {
    const count = 1 + this.#below(largestBatch)
    const first = this.#next
    const records = Array.from({ length: count }, (_, i) => ({
      key: `${first + i}`,
      value: `${first + i} ${'x'.repeat(this.#below(largestValueBytes))}`,
    }))
    const batch = batchOf(records, {
      ...this.#producer,
      ...(this.#producer && { baseSequence: first }),
    })
    const sent = { first, count, batch }
    this.#next += count
    this.#unsure.push(sent)
    return sent
  }

  async #send(connection: RawConnection, sent: Sent): Promise<void> {
    const answer = await connection.ask(produce, namedProduceVersion, {
      transactionalId: null,
      acks: this.#acks,
      timeoutMs: 10_000,
      topicData: [
        { name: this.topic, partitionData: [{ index: this.partition, records: sent.batch }] },
      ],
    })
    const result = answer.responses[0]?.partitionResponses[0]
    assert.ok(result, 'an answer for the partition')
    assert.equal(errorName(result.errorCode), 'NONE', `${this.#name()} at number ${sent.first}`)
    if (this.#idempotent)
      assert.equal(result.baseOffset, sent.first, `${this.#name()}: the offset of a sequence`)
    this.#unsure = this.#unsure.filter((other) => other !== sent)
    for (let i = 0; i < sent.count; i++)
      this.#acknowledged.set(result.baseOffset + i, sent.first + i)
  }

  /**
   * Reads the log and compares it with what is known.
   * @param from the first offset looked at; absent: only what was not checked before.
   */
  async check(connection: RawConnection, from = this.#checkedTo): Promise<void> {
    const end = await endOffset(connection, this.topic, this.partition)
    assert.ok(end !== undefined, `${this.#name()} is served`)
    let last = -1
    let at = from
    while (at < end) {
      const { records, errorCode } = await fetchOnce(connection, this.topic, this.partition, at)
      assert.equal(errorName(errorCode), 'NONE', `${this.#name()}: reading at ${at}`)
      const read = readBatches(records).filter((r) => r.offset >= at)
      assert.ok(read.length > 0, `${this.#name()}: nothing at ${at}, the end being ${end}`)
      for (const record of read) {
        assert.equal(record.offset, at, `${this.#name()}: offsets have no gaps`)
        const number = Number(record.key)
        assert.equal(
          Number.parseInt(record.value ?? '', 10),
          number,
          'key and value belong together',
        )
        assert.ok(number > last, `${this.#name()}: ${number} after ${last} at ${at}`)
        if (this.#idempotent) assert.equal(number, at, `${this.#name()}: number at its offset`)
        const acknowledged = this.#acknowledged.get(at)
        if (acknowledged !== undefined)
          assert.equal(number, acknowledged, `${this.#name()}: what was acknowledged at ${at}`)
        last = number
        at += 1
      }
    }
    const lost = [...this.#acknowledged.keys()].filter((offset) => offset >= end).length
    assert.equal(lost, 0, `${this.#name()}: acknowledged records missing after offset ${end}`)
    this.#checkedTo = end
  }

  /** Accepts that the end of the log is gone: everything from `end` on counts as never sent. */
  cutTo(end: number): void {
    assert.ok(this.#idempotent, 'only numbers that equal offsets can be cut')
    for (const offset of [...this.#acknowledged.keys()])
      if (offset >= end) this.#acknowledged.delete(offset)
    this.#unsure = []
    this.#next = end
    this.#checkedTo = Math.min(this.#checkedTo, end)
  }

  #name(): string {
    return `${this.topic}-${this.partition}`
  }
}

function isBroken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return error instanceof Closed || code === 'ECONNREFUSED' || code === 'ECONNRESET'
}
