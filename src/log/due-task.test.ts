import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Simulation } from '../kernel/simulated-environment.ts'
import { DueTask } from './due-task.ts'

function setUp() {
  const simulation = new Simulation(1)
  const ranAtMs: number[] = []
  const environment = simulation.host('a').environment()
  const task = new DueTask(environment, () => ranAtMs.push(simulation.elapsedMs))
  return { simulation, task, ranAtMs }
}

test('it runs once for many calls, at the earliest time asked for', async () => {
  const { simulation, task, ranAtMs } = setUp()
  task.within(100)
  task.within(300)
  task.within(50)
  await simulation.advance(1000)
  assert.deepEqual(ranAtMs, [50])
})

test('it runs again when it is called for again, from within too', async () => {
  const { simulation, task, ranAtMs } = setUp()
  task.within(100)
  await simulation.advance(150)
  task.within(100)
  await simulation.advance(1000)
  assert.deepEqual(ranAtMs, [100, 250])
})

test('never is never, and so is anything after a stop', async () => {
  const { simulation, task, ranAtMs } = setUp()
  task.within(Number.MAX_SAFE_INTEGER)
  task.within(Number.POSITIVE_INFINITY)
  task.within(10)
  task.cancel()
  task.within(20)
  task.stop()
  task.within(30)
  await simulation.advance(1000)
  assert.deepEqual(ranAtMs, [])
})
