import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { type CountEvent, TestCoordinators } from './coordinator-fixtures-for-test.ts'

/** How often one world ends and begins again. */
const LIVES = 6
const NAMES = ['a', 'b', 'c']

/** What may happen to a broker, and what its topic's settings promise about it. */
const ends = [
  { name: 'kill', topic: {} },
  { name: 'crash', topic: { 'flush.messages': '1' } },
] as const

for (const { name, topic } of ends) {
  test(`after a ${name} at any moment every count is at least what was answered`, async (t) => {
    const first = Number(process.env.SEED ?? 1)
    t.diagnostic(`seeds from ${first}`)
    for (let seed = first; seed < first + 25; seed++) {
      const on = await TestCoordinators.start({ seed, topic })
      const random = seededRandom(seed)
      const asked = new Map<string, number>()
      const answered = new Map<string, number>()
      for (let life = 0; life < LIVES; life++) {
        on.host.disk.faults.add({ operation: 'sync', delayMs: random.below(9) })
        for (let step = random.below(40); step > 0; step--) {
          const event: CountEvent = { type: 'add', name: NAMES[random.below(3)]!, amount: 1 }
          const isAnswered = (answer: object) => {
            const total: unknown = Reflect.get(answer, 'total')
            answered.set(event.name, Number(total))
          }
          on.submit(event).then(isAnswered, () => {})
          asked.set(event.name, (asked.get(event.name) ?? 0) + 1)
          if (random.below(3) === 0) await on.simulation.advance(random.below(4))
        }
        on[name]()
        await on.simulation.advance(50)
        await on.start()
        const counts = new Map(Object.entries(Object(await on.counts())))
        for (const [key, count] of counts) {
          assert.ok(Number(count) <= asked.get(key)!, `seed ${seed}: ${key} was never asked for`)
        }
        for (const [key, count] of answered) {
          const found = Number(counts.get(key) ?? 0)
          assert.ok(found >= count, `seed ${seed} life ${life}: ${key} ${found}, answered ${count}`)
        }
      }
    }
  })
}
