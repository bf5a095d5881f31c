import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { realClock, realTimers } from './real-clock.ts'
import { TimerHeap } from './timer-heap.ts'
import { TurnQueue } from './turn-queue.ts'

test('timers are taken by due time, equal ones in the order they were added, cancelled ones never', () => {
  const timers = fc.array(fc.record({ dueMs: fc.nat(50), cancelled: fc.boolean() }))
  const check = fc.property(timers, (all) => {
    const heap = new TimerHeap()
    const taken: number[] = []
    const handles = all.map(({ dueMs }, index) => heap.add(dueMs, () => taken.push(index)))
    for (const [index, { cancelled }] of all.entries()) if (cancelled) handles[index]!.cancel()
    const waiting = [...all.entries()].filter(([, timer]) => !timer.cancelled)
    assert.equal(heap.size, waiting.length)
    for (let nowMs = 0; nowMs <= 50; nowMs++) {
      for (let run = heap.takeDue(nowMs); run; run = heap.takeDue(nowMs)) run()
      assert.ok(heap.nextDueMs() > nowMs)
    }
    const expected = waiting.sort(([a, x], [b, y]) => x.dueMs - y.dueMs || a - b)
    assert.deepEqual(
      taken,
      expected.map(([index]) => index),
    )
    assert.equal(heap.size, 0)
  })
  fc.assert(check)
})

test('cancelled timers do not pile up behind one that waits long', () => {
  const heap = new TimerHeap()
  heap.add(1, () => {})
  for (let index = 0; index < 100_000; index++) heap.add(2 + index, () => {}).cancel()
  assert.equal(heap.size, 1)
  assert.equal(heap.nextDueMs(), 1)
  assert.ok(heap.slotCount <= 2_050)
})

test('a timer that already ran may be cancelled', () => {
  const heap = new TimerHeap()
  const timer = heap.add(1, () => {})
  heap.takeDue(1)
  timer.cancel()
  assert.equal(heap.size, 0)
})

test('real timers run in order and not before their time', async () => {
  const timers = realTimers(realClock)
  const startMs = realClock.monotonic()
  const ran: [number, number][] = []
  await new Promise<void>((resolve) => {
    // The system's timers do not keep a process alive here, so the test does.
    const keepAlive = setInterval(() => {}, 1_000)
    const at = (delayMs: number) =>
      timers.at(startMs + delayMs, () => {
        ran.push([delayMs, realClock.monotonic() - startMs])
        if (delayMs === 30) {
          clearInterval(keepAlive)
          resolve()
        }
      })
    at(30)
    at(10)
    at(20)
    at(-5)
    timers.at(startMs + 15, () => assert.fail('cancelled')).cancel()
  })
  assert.deepEqual(
    ran.map(([delayMs]) => delayMs),
    [-5, 10, 20, 30],
  )
  for (const [delayMs, tookMs] of ran) assert.ok(tookMs >= delayMs)
})

test('an exception in a timer is uncaught, and does not stop the timers behind it', () => {
  const script = `
    import { realClock, realTimers } from ${JSON.stringify(import.meta.resolve('./real-clock.ts'))}
    process.on('uncaughtException', (error) => console.log(error.message))
    const timers = realTimers(realClock)
    timers.at(0, () => { throw new Error('first') })
    timers.at(0, () => { console.log('second'); clearInterval(keepAlive) })
    const keepAlive = setInterval(() => {}, 1000)`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  assert.equal(run.stdout.toString(), 'first\nsecond\n')
})

test('calls after a turn run in order, those they add in the same drain, in a bounded number', () => {
  let scheduled = 0
  const queue = new TurnQueue(() => scheduled++)
  const ran: string[] = []
  queue.add(() => {
    ran.push('a')
    queue.add(() => ran.push('c'))
  })
  queue.add(() => ran.push('b'))
  assert.equal(scheduled, 1)
  queue.drain()
  assert.deepEqual(ran, ['a', 'b', 'c'])
  assert.equal(scheduled, 1)

  let rounds = 0
  const again = () => {
    rounds++
    queue.add(again)
  }
  queue.add(again)
  queue.drain()
  assert.ok(rounds > 1 && rounds < 100)
  assert.equal(scheduled, 3)
})

test('a call that throws leaves the ones behind it for the next turn', () => {
  let scheduled = 0
  const queue = new TurnQueue(() => scheduled++)
  const ran: string[] = []
  queue.add(() => {
    throw new Error('first')
  })
  queue.add(() => ran.push('second'))
  assert.throws(() => queue.drain(), /first/)
  assert.equal(scheduled, 2)
  queue.drain()
  assert.deepEqual(ran, ['second'])
})
