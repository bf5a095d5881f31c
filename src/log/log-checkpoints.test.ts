import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../kernel/logger.ts'
import { Simulation } from '../kernel/simulated-environment.ts'
import { type CheckpointKind, LogCheckpoints } from './log-checkpoints.ts'
import { LogDirectory } from './log-directory.ts'

const FILE = '/data/recovery-point-offset-checkpoint'

function setUp() {
  const simulation = new Simulation(1)
  const { disk } = simulation.host('a')
  const environment = { ...simulation.host('a').environment(), disk }
  const directory = LogDirectory.take(disk, '/data', silentLogger)
  const state = { offset: 1 }
  const failures: string[] = []
  const none: CheckpointKind = { source: () => [], intervalMs: () => 5_000 }
  const checkpoints = new LogCheckpoints(
    environment,
    {
      'recovery-point-offset-checkpoint': {
        source: () => [{ topic: 't', partition: 0, offset: state.offset }],
        intervalMs: () => 60_000,
      },
      'log-start-offset-checkpoint': none,
      'replication-offset-checkpoint': none,
      'cleaner-offset-checkpoint': none,
    },
    () => [directory],
    (_, error) => failures.push(error.message),
  )
  const read = () => {
    return disk.stat(FILE) ? Buffer.from(disk.readFile(FILE)).toString() : undefined
  }
  return { simulation, disk, directory, state, failures, checkpoints, read }
}

test('a change is written within the interval, further ones with it', async () => {
  const { simulation, state, checkpoints, read } = setUp()
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(59_000)
  state.offset = 2
  checkpoints.changed('recovery-point-offset-checkpoint')
  assert.equal(read(), undefined)
  await simulation.advance(1_000)
  assert.equal(read(), '0\n1\nt 0 2\n')
})

test('what is in the file already is not written again', async () => {
  const { simulation, disk, checkpoints, state, read } = setUp()
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_000)
  disk.remove(FILE)
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_000)
  assert.equal(read(), undefined)
  state.offset = 3
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_000)
  assert.equal(read(), '0\n1\nt 0 3\n')
})

test('all files of a directory can be written at once', () => {
  const { disk, directory, checkpoints, read } = setUp()
  checkpoints.write(directory)
  assert.equal(read(), '0\n1\nt 0 1\n')
  assert.equal(Buffer.from(disk.readFile('/data/log-start-offset-checkpoint')).toString(), '0\n0\n')
})

test('a disk error is handed to the owner of the directory', async () => {
  const { simulation, disk, failures, checkpoints } = setUp()
  disk.faults.add({ operation: 'write', path: /recovery-point/, code: 'EIO' })
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_000)
  assert.match(failures.join(), /^EIO/)
})

test('a write off the loop gives way to a newer one, and to a stop', async () => {
  const { simulation, disk, directory, state, checkpoints, read } = setUp()
  disk.faults.add({ operation: 'sync', path: /recovery-point/, delayMs: 1_000 })
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_500)
  state.offset = 0
  checkpoints.write(directory)
  assert.equal(read(), '0\n1\nt 0 0\n')
  await simulation.advance(1_000)
  assert.equal(read(), '0\n1\nt 0 0\n')
  state.offset = 5
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_500)
  const stopped = checkpoints.stop()
  await simulation.advance(1_000)
  await stopped
  assert.equal(read(), '0\n1\nt 0 0\n')
})

test('a file is written again once a slow write has ended', async () => {
  const { simulation, disk, state, checkpoints, read } = setUp()
  const endFault = disk.faults.add({ operation: 'sync', path: /recovery-point/, delayMs: 90_000 })
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(61_000)
  endFault()
  state.offset = 2
  checkpoints.changed('recovery-point-offset-checkpoint')
  await simulation.advance(60_000)
  assert.equal(read(), undefined)
  await simulation.advance(60_000)
  assert.equal(read(), '0\n1\nt 0 2\n')
})

test('after a stop nothing is written', async () => {
  const { simulation, checkpoints, read } = setUp()
  checkpoints.changed('recovery-point-offset-checkpoint')
  await checkpoints.stop()
  await simulation.advance(120_000)
  assert.equal(read(), undefined)
})
