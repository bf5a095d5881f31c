/** A reader against a model: random sends, seeks, pauses, takes and restarts of the broker. Every
 *  record that is given out is the one that the model says comes next. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestBroker } from '../../src/broker/broker-fixtures-for-test.ts'
import { nameOf, type TopicPartition } from '../../src/client/consumer/topic-partition.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { Reader } from './consumer-reader.ts'

const SEED = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? 4)
const STEPS = 60
const PARTITIONS: readonly TopicPartition[] = [0, 1, 2].map((partition) => ({
  topic: 't',
  partition,
}))
const LIMITS = { 'fetch.max.bytes': '2000', 'max.partition.fetch.bytes': '500' }

/** One partition as it should be. */
interface Model {
  readonly values: string[]
  position: number
  isPaused: boolean
}

for (let seed = SEED; seed < SEED + SEEDS; seed++) {
  test(`seed ${seed}: a reader is given every record from its position on, once and in order`, async () => {
    const { below } = seededRandom(seed)
    const test = await TestBroker.start({ seed })
    await test.createTopic('t', { partitions: PARTITIONS.length })
    const reader = new Reader(test, { 'auto.offset.reset': 'earliest', ...LIMITS })
    reader.assignment.replace(PARTITIONS)
    const models = new Map<string, Model>()
    for (const one of PARTITIONS) {
      models.set(nameOf(one), { values: [], position: 0, isPaused: false })
    }
    for (let step = 0; step < STEPS; step++) {
      const partition = PARTITIONS[below(PARTITIONS.length)]!
      const model = models.get(nameOf(partition))!
      switch (below(8)) {
        case 0:
        case 1:
        case 2: {
          const values = Array.from(
            { length: 1 + below(9) },
            (_, n) => `${step}.${n}${'x'.repeat(below(90))}`,
          )
          await test.produce('t', values, { partition: partition.partition })
          model.values.push(...values)
          break
        }
        case 3: {
          // A partition that was never found has no position yet, and a seek gives it one.
          model.position = below(model.values.length + 1)
          reader.assignment.seek(partition, model.position)
          break
        }
        case 4: {
          model.isPaused = !model.isPaused
          if (model.isPaused) reader.assignment.pause(partition)
          else reader.assignment.resume(partition)
          break
        }
        case 5: {
          if (below(4) > 0) break
          await test.stop()
          await test.advance(below(3_000))
          await test.start()
          break
        }
        default:
          await takeAndCompare(reader, models, 1 + below(12), 300)
      }
      await test.advance(below(50))
    }
    for (const one of PARTITIONS) reader.assignment.resume(one)
    for (const model of models.values()) model.isPaused = false
    while ([...models.values()].some(({ position, values }) => position < values.length)) {
      await takeAndCompare(reader, models, 500, 60_000)
    }
    assert.equal(await takeAndCompare(reader, models, 500, 1_000), 0)
    await reader.close()
  })
}

async function takeAndCompare(
  reader: Reader,
  models: ReadonlyMap<string, Model>,
  most: number,
  waitMs: number,
): Promise<number> {
  const taken = await reader.takeFrom(most, waitMs)
  if (taken === undefined) return 0
  const model = models.get(taken.assigned.name)!
  assert.equal(model.isPaused, false, `${taken.assigned.name} is paused`)
  assert.equal(taken.fromOffset, model.position)
  const values = taken.records.map(({ value }) => Buffer.from(value ?? []).toString())
  assert.ok(values.length <= most)
  assert.deepEqual(values, model.values.slice(model.position, taken.nextOffset))
  model.position = taken.nextOffset
  return values.length
}
