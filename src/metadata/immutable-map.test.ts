import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ImmutableMap } from './immutable-map.ts'

const key = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 5_000 }).map(String))
const step = fc.array(fc.tuple(key, fc.option(fc.nat(), { nil: undefined })), { maxLength: 30 })

test('it holds what a Map holds after the same changes, and older ones do not change', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let map = ImmutableMap.empty<number>()
      const model = new Map<string, number>()
      const older: [ImmutableMap<number>, Map<string, number>][] = []
      for (const changes of steps) {
        map = map.with(new Map(changes))
        for (const [name, value] of new Map(changes)) {
          if (value === undefined) model.delete(name)
          else model.set(name, value)
        }
        older.push([map, new Map(model)])
      }
      for (const [was, expected] of older) {
        assert.equal(was.size, expected.size)
        assert.deepEqual(new Map(was), expected)
        for (const [name, value] of expected) assert.equal(was.get(name), value)
      }
      assert.deepEqual([...map.keys()].sort(), [...model.keys()].sort())
    }),
  )
})

test('no change gives the same map', () => {
  const map = ImmutableMap.empty<number>().with(new Map([['a', 1]]))
  assert.equal(map.with(new Map()), map)
})

test('names that differ in little are spread over the branches', () => {
  const names = Array.from({ length: 4_096 }, (_, i) => `topic-${i}`)
  const map = ImmutableMap.empty<string>().with(new Map(names.map((name) => [name, name])))
  // Iteration goes bucket by bucket: neighbours in it share one. A bad hash would keep the order.
  const inOrder = [...map.keys()].filter((name, i, all) => {
    return Number(name.slice(6)) === Number(all[i - 1]?.slice(6)) + 1
  })
  assert.ok(inOrder.length < 200, `${inOrder.length} neighbours stayed together`)
})
