import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classicRetentionStart, isSubscribedByClassic } from './expiry.ts'
import { type ClassicGroup, emptyClassicGroup } from './group.ts'
import { rowsOf } from './phases-for-test.ts'

const SINCE = 100
const COMMITTED = 7

function group(changes: Partial<ClassicGroup>): ClassicGroup {
  return { ...emptyClassicGroup('g', SINCE), protocolType: 'consumer', ...changes }
}

test('when retention begins depends on who could still need the offset', () => {
  const telling = { subscribedTopics: new Set(['read']) }
  for (const [phase, [telltale, silent, others]] of rowsOf({
    empty: [SINCE, SINCE, SINCE],
    'preparing-rebalance': [undefined, undefined, undefined],
    'completing-rebalance': [undefined, undefined, undefined],
    stable: [COMMITTED, undefined, undefined],
    dead: [undefined, undefined, undefined],
  } as const)) {
    assert.equal(classicRetentionStart(group({ phase, ...telling }), COMMITTED), telltale, phase)
    assert.equal(classicRetentionStart(group({ phase }), COMMITTED), silent, phase)
    const connect = group({ phase, protocolType: 'connect' })
    assert.equal(classicRetentionStart(connect, COMMITTED), others, phase)
    const simple = group({ phase, protocolType: null })
    assert.equal(classicRetentionStart(simple, COMMITTED), COMMITTED, phase)
  }
})

test('an empty group that does not know since when counts from the commit', () => {
  assert.equal(classicRetentionStart(group({ phaseSinceMs: undefined }), COMMITTED), COMMITTED)
})

test('consumers that do not tell their topics are taken to read all, others to read none', () => {
  const table = [
    [group({ subscribedTopics: new Set(['read']) }), true, false],
    [group({}), true, true],
    [group({ protocolType: 'connect' }), false, false],
    [group({ protocolType: null }), false, false],
  ] as const
  for (const [one, reads, other] of table) {
    assert.deepEqual(
      [isSubscribedByClassic(one, 'read'), isSubscribedByClassic(one, 'other')],
      [reads, other],
    )
  }
})
