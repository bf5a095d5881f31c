import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { LogDirectory } from './log-directory.ts'

function take(disk = new MemoryDisk()) {
  const logger = collectingLogger()
  return { disk, logger, directory: LogDirectory.take(disk, '/data', logger) }
}

test('partition directories are found, other things left alone', () => {
  const { disk, logger, directory } = take()
  const names = [
    'a.b-c-0',
    'x-1.0f-delete',
    'x-1.0f-stray',
    'x-1.0f-future',
    '__cluster_metadata-0',
  ]
  for (const name of [...names, 'lost+found']) disk.makeDirectory(`/data/${name}`)
  disk.replaceFile('/data/file-0', new Uint8Array(0))
  const found = directory.partitions().map(({ kind, path }) => `${kind} ${path}`)
  assert.deepEqual(found.sort(), [
    'current /data/a.b-c-0',
    'delete /data/x-1.0f-delete',
    'future /data/x-1.0f-future',
    'stray /data/x-1.0f-stray',
  ])
  assert.deepEqual(
    logger.entries.map(({ fields }) => fields.unknown),
    [['lost+found']],
  )
})

test('a checkpoint is read back by partition name', () => {
  const { directory } = take()
  directory.writeCheckpoint('recovery-point-offset-checkpoint', [
    { topic: 'a.b-c', partition: 0, offset: 17 },
    { topic: 'x', partition: 12, offset: 4 },
  ])
  const read = directory.readCheckpoint('recovery-point-offset-checkpoint')
  assert.deepEqual(
    [...read],
    [
      ['a.b-c-0', 17],
      ['x-12', 4],
    ],
  )
  assert.equal(directory.readCheckpoint('log-start-offset-checkpoint').size, 0)
})

test('a damaged checkpoint counts as empty, with a warning', () => {
  const { disk, logger, directory } = take()
  disk.replaceFile('/data/replication-offset-checkpoint', Buffer.from('0\n9\nx 0'))
  assert.equal(directory.readCheckpoint('replication-offset-checkpoint').size, 0)
  assert.deepEqual(
    logger.entries.map(({ level }) => level),
    ['warn'],
  )
})

test('the mark of a clean shutdown is good for one start', () => {
  const { directory } = take()
  assert.equal(directory.takeCleanShutdown(), undefined)
  directory.markCleanShutdown(7)
  assert.deepEqual(directory.takeCleanShutdown(), { brokerEpoch: 7 })
  assert.equal(directory.takeCleanShutdown(), undefined)
})

test('a released directory can be taken again', () => {
  const { disk, directory } = take()
  directory.release()
  assert.doesNotThrow(() => take(disk))
})
