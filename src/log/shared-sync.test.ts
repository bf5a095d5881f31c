import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedSync } from './shared-sync.ts'

function setUp() {
  const begun: PromiseWithResolvers<void>[] = []
  const syncs = new SharedSync(() => {
    const sync = Promise.withResolvers<void>()
    begun.push(sync)
    return sync.promise
  })
  return { begun, syncs }
}

test('who asks while a sync runs shares the next one, which begins after it', async () => {
  const { begun, syncs } = setUp()
  const first = syncs.run()
  const others = [syncs.run(), syncs.run()]
  assert.equal(begun.length, 1)
  begun[0]!.resolve()
  await first
  await Promise.resolve()
  assert.equal(begun.length, 2)
  const third = syncs.run()
  begun[1]!.resolve()
  await Promise.all(others)
  await Promise.resolve()
  assert.equal(begun.length, 3, 'the second did not cover what came after it began')
  begun[2]!.resolve()
  await third
})

test('a sync that fails is told to those who asked for it, the next one is run all the same', async () => {
  const { begun, syncs } = setUp()
  const first = syncs.run()
  const second = syncs.run()
  begun[0]!.reject(new Error('EIO'))
  await assert.rejects(first, /EIO/)
  await Promise.resolve()
  begun[1]!.resolve()
  await second
})
