import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inParallel } from './in-parallel.ts'

test('no more than the limit is under way, and everything is done', async () => {
  let running = 0
  let most = 0
  const done: number[] = []
  await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    done.push(item)
  })
  assert.equal(most, 2)
  assert.deepEqual(done, [1, 2, 3, 4, 5])
})

test('a failure begins nothing more and waits for what is under way', async () => {
  const done: number[] = []
  const work = async (item: number) => {
    if (item === 2) throw new Error('two')
    await new Promise((resolve) => setImmediate(resolve))
    done.push(item)
  }
  await assert.rejects(inParallel([1, 2, 3, 4], 2, work), /two/)
  assert.deepEqual(done, [1])
})

test('nothing to do is done at once', async () => {
  await inParallel([], 4, () => assert.fail())
})
