import { fetch } from '../../src/protocol/api/01-fetch.ts'
import { listOffsets } from '../../src/protocol/api/02-list-offsets.ts'
import { metadata } from '../../src/protocol/api/03-metadata.ts'
import { errorName } from '../../src/protocol/errors.ts'
import { Actor, type Connection } from './actor.ts'
import { type Placed, recordsIn } from './batches.ts'
import type { PartitionLedger } from './partition-ledger.ts'
import { topicNameOf } from './producer.ts'
import { originOf } from './stream.ts'
import { must } from './violation.ts'

const EARLIEST = -2
const LATEST = -1
const LONGEST_PAUSE_MS = 2_000
const READ_BYTES = 200_000

/**
 * Reads whole logs and holds them against the ledger: everything owed is there, nothing else is, and
 * what idempotent producers wrote is there once and in order.
 */
export class Auditor extends Actor {
  /** Audits of everything that were completed. */
  completed = 0

  protected async work(connection: Connection): Promise<void> {
    while (!this.world.isOver) {
      await this.#topics(connection)
      let isWhole = true
      for (const partition of this.world.ledger.partitions) {
        isWhole = (await this.#audit(connection, partition)) && isWhole
      }
      if (isWhole) this.completed += 1
      await this.sleep(this.random.below(LONGEST_PAUSE_MS))
    }
  }

  /** Every topic is there under its id, and none that is deleted. */
  async #topics(connection: Connection): Promise<void> {
    const { ledger } = this.world
    const alive = ledger.alive
    const deleted = [...ledger.topics.values()].filter(({ state }) => state === 'deleted')
    const answer = await connection.ask(metadata, 12, { topics: null })
    const found = new Map(answer.topics.map((topic) => [topic.topicId, topic]))
    for (const { name, id, partitions } of alive) {
      if (ledger.topics.get(id)?.state !== 'alive') continue
      const topic = found.get(id)
      must(topic?.name === name, () => `topic ${name} with id ${id} is gone`)
      must(
        topic.partitions.length === partitions.length,
        () => `topic ${name} has ${topic.partitions.length} partitions, not ${partitions.length}`,
      )
    }
    for (const { name, id } of deleted) {
      must(!found.has(id), () => `topic ${name} with id ${id} is back after it was deleted`)
    }
  }

  /** @returns whether the log could be read to its end. */
  async #audit(connection: Connection, partition: PartitionLedger): Promise<boolean> {
    const asked = partition.floor()
    const owed = partition.owed(0)
    const startOffset = await this.#offset(connection, partition, EARLIEST)
    const endOffset = await this.#offset(connection, partition, LATEST)
    if (startOffset === undefined || endOffset === undefined) return false
    const records = await this.#readAll(connection, partition, startOffset, endOffset)
    const { life, powerCuts } = this.world.machine
    const isStale = connection.life !== life || connection.powerCuts !== powerCuts
    if (records === undefined || isStale) return false
    partition.bounds(endOffset, startOffset, asked)
    const found = new Map(records.map(({ offset, value }) => [offset, value]))
    for (const [offset, value] of owed) {
      if (offset < startOffset) continue
      must(
        found.get(offset) === value,
        () => `${partition.name}: what was acknowledged at ${offset} is not there`,
      )
    }
    checkOrder(partition, records)
    return true
  }

  async #offset(
    connection: Connection,
    partition: PartitionLedger,
    timestamp: number,
  ): Promise<number | undefined> {
    const answer = await connection.ask(listOffsets, 7, {
      replicaId: -1,
      topics: [
        {
          name: topicNameOf(partition),
          partitions: [{ partitionIndex: partition.index, timestamp }],
        },
      ],
    })
    const found = answer.topics[0]?.partitions[0]
    return found?.errorCode === 0 ? found.offset : undefined
  }

  /** Everything in [start, end), or undefined when it cannot be read now. */
  async #readAll(
    connection: Connection,
    partition: PartitionLedger,
    startOffset: number,
    endOffset: number,
  ): Promise<readonly Placed[] | undefined> {
    const all: Placed[] = []
    let next = startOffset
    while (next < endOffset) {
      const answer = await connection.ask(fetch, 13, {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: READ_BYTES,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [
          {
            topicId: partition.topicId,
            partitions: [
              { partition: partition.index, fetchOffset: next, partitionMaxBytes: READ_BYTES },
            ],
          },
        ],
      })
      const found = answer.responses[0]?.partitions[0]
      const error = errorName(found?.errorCode ?? answer.errorCode)
      if (error !== 'NONE' || found === undefined) return undefined
      if (connection.powerCuts !== this.world.machine.powerCuts) return undefined
      const records = recordsIn(found.records ?? new Uint8Array())
      const wanted = records.filter(({ offset }) => offset >= next)
      partition.read(records)
      must(
        wanted[0]?.offset === next,
        () => `${partition.name}: nothing at ${next}, the log ends at ${endOffset}`,
      )
      for (const { offset } of wanted) {
        must(offset === next, () => `${partition.name}: ${offset} follows ${next - 1}`)
        next += 1
      }
      all.push(...wanted)
    }
    return all
  }
}

/** Values of one idempotent stream lie in the order they were sent, each once. */
function checkOrder(partition: PartitionLedger, records: readonly Placed[]): void {
  const last = new Map<string, number>()
  for (const { offset, value } of records) {
    const { stream, number } = originOf(value)
    if (!stream.startsWith('idempotent')) continue
    const before = last.get(stream) ?? -1
    must(
      number > before,
      () => `${partition.name}: ${stream} ${number} at ${offset} behind ${before}`,
    )
    last.set(stream, number)
  }
}
