import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Assignment } from './assignment.ts'
import { positionOf, sought } from './position.ts'

const ONE = { topic: 'orders', partition: 1 }
const TWO = { topic: 'orders', partition: 2 }

test('partitions that stay assigned keep their position and their pause', () => {
  const assignment = new Assignment()
  assignment.replace([ONE])
  assignment.seek(ONE, 7)
  assignment.pause(ONE)
  assignment.replace([TWO, ONE])
  assert.equal(positionOf(assignment.require(ONE).state)?.offset, 7)
  assert.equal(assignment.require(ONE).state.isPaused, true)
  assert.equal(assignment.require(TWO).state.phase.type, 'committed')
})

test('what was on its way for a partition that was taken away and given back is void', () => {
  const assignment = new Assignment()
  assignment.replace([ONE])
  const before = assignment.require(ONE)
  assignment.replace([])
  assignment.replace([ONE])
  assignment.update(before, (state) => sought(state, 99))
  assert.equal(assignment.has(before), false)
  assert.equal(positionOf(assignment.require(ONE).state), undefined)
})

test('a change is told once, and none when nothing changed', () => {
  let changes = 0
  const assignment = new Assignment(() => changes++)
  assignment.replace([ONE])
  assignment.seek(ONE, 7)
  assignment.update(assignment.require(ONE), (state) => state)
  assert.equal(changes, 2)
})

for (const offset of [-1, 1.5, Number.NaN, 2 ** 53]) {
  test(`nobody can seek to ${offset}`, () => {
    const assignment = new Assignment()
    assignment.replace([ONE])
    assert.throws(() => assignment.seek(ONE, offset), /orders-1: cannot seek/)
  })
}

test('a partition that is not assigned can neither be sought nor paused', () => {
  const assignment = new Assignment()
  assert.throws(() => assignment.seek(ONE, 0), /orders-1 is not assigned/)
  assert.throws(() => assignment.pause(ONE), /orders-1 is not assigned/)
})
