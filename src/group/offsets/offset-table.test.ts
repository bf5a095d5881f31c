import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProducerOfRecord } from '../../coordinator/machine.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { OffsetRecord } from '../records.ts'
import { OffsetTable } from './offset-table.ts'

const SEEDS = 40
const STEPS = 400

/** The same in plain maps, slowly: offsets by name, pending ones by producer and name. */
class Model {
  readonly committed = new Map<string, { readonly offset: number; readonly at: number }>()
  readonly pending = new Map<
    number,
    Map<string, { readonly offset: number; readonly at: number }>
  >()

  apply({ key, value }: OffsetRecord, at: number, producer: ProducerOfRecord | undefined): void {
    const name = nameOf(key)
    if (value === null) {
      this.committed.delete(name)
      for (const offsets of this.pending.values()) offsets.delete(name)
    } else if (producer === undefined) {
      this.committed.set(name, { offset: value.offset, at })
    } else {
      const offsets = this.pending.get(producer.producerId) ?? new Map()
      this.pending.set(producer.producerId, offsets.set(name, { offset: value.offset, at }))
    }
  }

  endTransaction(producerId: number, isCommitted: boolean): void {
    for (const [name, offset] of this.pending.get(producerId) ?? []) {
      const before = this.committed.get(name)
      if (isCommitted && (before === undefined || before.at < offset.at)) {
        this.committed.set(name, offset)
      }
    }
    this.pending.delete(producerId)
  }

  get open(): ReadonlySet<string> {
    return new Set([...this.pending.values()].flatMap((offsets) => [...offsets.keys()]))
  }
}

function nameOf({ group, topic, partition }: OffsetRecord['key']): string {
  return `${group}/${topic}/${partition}`
}

function recordOf(key: OffsetRecord['key'], offset: number | null): OffsetRecord {
  const absent = { leaderEpoch: -1, metadata: '', expireTimestamp: -1, topicId: ZERO_UUID }
  const value = offset === null ? null : { offset, commitTimestamp: 1, ...absent }
  return { type: 'offset', key, value }
}

/** What a table holds, as the model has it. */
function contentOf(table: OffsetTable) {
  const committed: [string, number][] = []
  const open: string[] = []
  for (const group of table.groupIds()) {
    for (const [topic, offsets] of table.topicsOf(group)) {
      for (const { partition, offset } of offsets) {
        committed.push([nameOf({ group, topic, partition }), offset])
      }
    }
    for (const [topic, all] of table.openTopicsOf(group)) {
      for (const { partition } of all) open.push(nameOf({ group, topic, partition }))
    }
  }
  return { committed: new Map(committed.sort()), open: new Set(open.sort()) }
}

test(`offsets, tombstones and transactions in any order equal plain maps (seeds 1 to ${SEEDS})`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed)
    const [table, model] = [new OffsetTable(), new Model()]
    for (let at = 0; at < STEPS; at++) {
      const producerId = random.below(3)
      if (random.below(10) === 0) {
        const isCommitted = random.below(2) === 0
        table.endTransaction(producerId, isCommitted)
        model.endTransaction(producerId, isCommitted)
      } else {
        const key = {
          group: `g${random.below(2)}`,
          topic: `t${random.below(2)}`,
          partition: random.below(6) * random.below(50),
        }
        const record = recordOf(key, random.below(4) === 0 ? null : random.below(1000))
        const isTransactional = record.value !== null && random.below(2) === 0
        const producer = isTransactional ? { producerId, producerEpoch: 0 } : undefined
        table.apply(record, at, producer)
        model.apply(record, at, producer)
        const expected = model.committed.get(nameOf(key))?.offset
        assert.equal(table.get(key.group, key.topic, key.partition)?.offset, expected)
      }
      const content = contentOf(table)
      const committed = [...model.committed].map(([name, { offset }]) => [name, offset] as const)
      const expected = {
        committed: new Map(committed.sort()),
        open: new Set([...model.open].sort()),
      }
      assert.deepEqual(content, expected, `seed ${seed}, step ${at}`)
      assert.equal(table.size, model.committed.size, `seed ${seed}, step ${at}`)
    }
  }
})

const producer = { producerId: 7, producerEpoch: 0 }
const key = { group: 'g', topic: 't', partition: 0 }

test('offsets of a transaction count when it is committed, not before, and never when it is not', () => {
  for (const [isCommitted, after] of [
    [true, 20],
    [false, 10],
  ] as const) {
    const table = new OffsetTable()
    table.apply(recordOf(key, 10), 0, undefined)
    table.apply(recordOf(key, 20), 1, producer)
    assert.equal(table.get('g', 't', 0)?.offset, 10)
    assert.equal(table.isOpen('g', 't', 0), true)
    table.endTransaction(producer.producerId, isCommitted)
    assert.equal(table.get('g', 't', 0)?.offset, after)
    assert.equal(table.isOpen('g', 't', 0), false)
  }
})

test('an offset committed behind those of a transaction outlives its end', () => {
  const table = new OffsetTable()
  table.apply(recordOf(key, 20), 0, producer)
  table.apply(recordOf(key, 30), 1, undefined)
  table.endTransaction(producer.producerId, true)
  assert.equal(table.get('g', 't', 0)?.offset, 30)
})

test('the end of a transaction without offsets changes nothing', () => {
  const table = new OffsetTable()
  table.apply(recordOf(key, 20), 0, producer)
  table.endTransaction(8, true)
  assert.equal(table.isOpen('g', 't', 0), true)
})

test('partitions of a topic are told in order, however they came', () => {
  const table = new OffsetTable()
  for (const partition of [5, 1, 2_147_483_647, 0, 3]) {
    table.apply(recordOf({ ...key, partition }, partition), 0, undefined)
  }
  const [offsets] = table.topicsOf('g').values()
  assert.deepEqual(
    offsets?.map(({ partition }) => partition),
    [0, 1, 3, 5, 2_147_483_647],
  )
})
