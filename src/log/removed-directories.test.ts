import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../kernel/logger.ts'
import { Simulation } from '../kernel/simulated-environment.ts'
import { RemovedDirectories } from './removed-directories.ts'

function setUp() {
  const simulation = new Simulation(1)
  const host = simulation.host('a')
  const logger = collectingLogger()
  const removed = new RemovedDirectories(host.environment(), logger)
  for (const path of ['/d/a', '/d/b', '/e/c']) {
    host.disk.makeDirectory(path)
    host.disk.replaceFile(`${path}/file`, new Uint8Array(1))
  }
  return { simulation, disk: host.disk, logger, removed }
}

test('each directory goes when its delay has passed', async () => {
  const { simulation, disk, removed } = setUp()
  removed.add('/d/a', 60)
  await simulation.advance(10)
  removed.add('/d/b', 20)
  await simulation.advance(19)
  assert.deepEqual([...disk.list('/d')], ['a', 'b'])
  await simulation.advance(2)
  assert.deepEqual([...disk.list('/d')], ['a'])
  await simulation.advance(60)
  assert.deepEqual([...disk.list('/d')], [])
  assert.equal(removed.count, 0)
})

test('one that cannot be removed is reported and does not hold up the next', async () => {
  const { simulation, disk, logger, removed } = setUp()
  disk.faults.add({ operation: 'remove', path: /\/a/, code: 'EIO' })
  removed.add('/d/a', 0)
  removed.add('/d/b', 0)
  await simulation.advance(10)
  assert.deepEqual([...disk.list('/d')], ['a'])
  assert(logger.entries.some(({ level, fields }) => level === 'error' && fields.path === '/d/a'))
})

test('those of a failed disk are forgotten', async () => {
  const { simulation, disk, removed } = setUp()
  removed.add('/d/a', 10)
  removed.add('/e/c', 10)
  removed.abandon('/d')
  await simulation.advance(20)
  assert.deepEqual([...disk.list('/d')], ['a', 'b'])
  assert.deepEqual([...disk.list('/e')], [])
})

test('after a stop nothing is removed', async () => {
  const { simulation, disk, removed } = setUp()
  removed.add('/d/a', 10)
  await removed.stop()
  removed.add('/d/b', 10)
  await simulation.advance(20)
  assert.deepEqual([...disk.list('/d')], ['a', 'b'])
})
