import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { FilePool } from './file-pool.ts'
import { ReadBuffers } from './read-buffers.ts'

function pool(openFiles: number) {
  const disk = new MemoryDisk()
  const files = new FilePool(disk, { openFiles })
  const file = (name: string) => files.file(`/${name}`, 'create')
  return { disk, files, file }
}

test('no more files are open than the limit, and all can be used', () => {
  const { files, file } = pool(3)
  const all = Array.from({ length: 20 }, (_, index) => file(`${index}`))
  for (let round = 0; round < 3; round++) {
    for (const [index, one] of all.entries()) {
      one.get().writeSync([Uint8Array.of(index)], round)
      assert(files.openCount <= 3)
    }
  }
  for (const [index, one] of all.entries()) {
    const bytes = new Uint8Array(4)
    assert.equal(one.get().readSync(bytes, 0), 3)
    assert.deepEqual([...bytes.subarray(0, 3)], [index, index, index])
  }
})

test('a file that is used again and again stays open', () => {
  const { file } = pool(2)
  const hot = file('hot')
  const opened = hot.get()
  for (let index = 0; index < 10; index++) {
    assert.equal(hot.get(), opened)
    file(`${index}`).get()
  }
})

test('a file stays open while it is used asynchronously', async () => {
  const { files, file } = pool(1)
  const used = file('used')
  let finish = () => {}
  const done = used.with(async (open) => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return open.sizeBytes() // throws once it is closed
  })
  file('other').get()
  file('another').get()
  assert(files.openCount >= 2, 'the limit is exceeded while everything is in use')
  used.close()
  finish()
  assert.equal(await done, 0)
  assert.throws(() => used.get(), { error: 'KAFKA_STORAGE_ERROR' })
})

test('a renamed file goes on under its new name', () => {
  const { disk, file } = pool(1)
  const one = file('one')
  one.get().writeSync([Uint8Array.of(1)], 0)
  one.rename('/two')
  file('other').get()
  assert.equal(one.get().sizeBytes(), 1)
  assert.equal(disk.stat('/one'), undefined)
})

test('a file that was there once is not made again when it has vanished', () => {
  const { disk, file } = pool(1)
  const one = file('one')
  one.get()
  file('other').get()
  disk.remove('/one')
  assert.throws(() => one.get(), { code: 'ENOENT' })
})

test('read buffers are used again, up to a budget', () => {
  const buffers = new ReadBuffers(16 * 1024)
  const first = buffers.take(5_000)
  assert.equal(first.length, 8_192)
  buffers.give(first)
  assert.equal(buffers.take(8_192), first)
  for (let count = 0; count < 5; count++) buffers.give(new Uint8Array(8_192))
  assert.equal(buffers.keptBytes, 16 * 1024)
  const huge = buffers.take(9_000_000)
  assert.equal(huge.length, 9_000_000)
  buffers.give(huge)
  assert.equal(buffers.keptBytes, 16 * 1024)
})
