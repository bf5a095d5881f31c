import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Simulation } from '../kernel/simulated-environment.ts'
import { KeyedTimers } from './keyed-timers.ts'

/** Timers whose events are noted as `key event@ms`. */
function noting() {
  const simulation = new Simulation(1)
  const { clock, timers } = simulation.host('h').environment()
  const noted: string[] = []
  let armed = 0
  const counting = {
    ...timers,
    at: (dueMs: number, run: () => void) => {
      armed += 1
      return timers.at(dueMs, run)
    },
  }
  const keyed = new KeyedTimers<string>({ clock, timers: counting }, (key, event) => {
    noted.push(`${key} ${event}@${clock.monotonic()}`)
  })
  return { keyed, noted, simulation, armedCount: () => armed }
}

test('each key has one timer, the one set last', async () => {
  const { keyed, noted, simulation } = noting()
  keyed.set('a', 100, 'first')
  keyed.set('b', 150, 'other')
  keyed.set('a', 200, 'later')
  keyed.set('b', 50, 'sooner')
  assert.equal(keyed.size, 2)
  await simulation.advance(1_000)
  assert.deepEqual(noted, ['b sooner@50', 'a later@200'])
  assert.equal(keyed.size, 0)
})

test('a key is free when its event happens', async () => {
  const simulation = new Simulation(1)
  const environment = simulation.host('h').environment()
  const noted: number[] = []
  const keyed = new KeyedTimers<number>(environment, (key, count) => {
    assert.equal(keyed.has(key), false)
    noted.push(count)
    if (count < 3) keyed.set(key, environment.clock.monotonic() + 10, count + 1)
  })
  keyed.set('a', 10, 1)
  await simulation.advance(1_000)
  assert.deepEqual(noted, [1, 2, 3])
})

test('what is cancelled never happens', async () => {
  const { keyed, noted, simulation } = noting()
  for (const key of ['a', 'b', 'c']) keyed.set(key, 100, '')
  keyed.cancel('a')
  keyed.cancel('nobody')
  await simulation.advance(50)
  keyed.set('a', 300, 'again')
  keyed.cancelAll()
  keyed.set('b', 400, 'anew')
  await simulation.advance(1_000)
  assert.deepEqual(noted, ['b anew@400'])
})

test('a timer that is put off a thousand times is set in the environment twice', async () => {
  const { keyed, noted, simulation, armedCount } = noting()
  for (let beat = 0; beat < 1_000; beat++) keyed.set('a', 10_000 + beat, 'silent')
  await simulation.advance(20_000)
  assert.deepEqual(noted, ['a silent@10999'])
  assert.equal(armedCount(), 2)
})
