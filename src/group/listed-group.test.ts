import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClassicPhase, emptyClassicGroup } from './classic/group.ts'
import { emptyConsumerGroup } from './consumer/group.ts'
import { type GroupFilter, isListed, listedGroup } from './listed-group.ts'

/** How each phase is listed. */
const states: Readonly<Record<ClassicPhase, string>> = {
  empty: 'Empty',
  'preparing-rebalance': 'PreparingRebalance',
  'completing-rebalance': 'CompletingRebalance',
  stable: 'Stable',
  dead: 'Dead',
}
for (const [phase, groupState] of Object.entries(states)) {
  test(`a classic group that is ${phase} is listed as ${groupState}`, () => {
    // The keys of a complete record of phases are the phases.
    const group = { ...emptyClassicGroup('g', 0), phase: phase as ClassicPhase }
    const listed = { groupId: 'g', protocolType: '', groupState, groupType: 'classic' }
    assert.deepEqual(listedGroup(group), listed)
  })
}

test('a group is listed with the type its members agreed on', () => {
  const connect = { ...emptyClassicGroup('g', 0), protocolType: 'connect' }
  assert.equal(listedGroup(connect).protocolType, 'connect')
  const { protocolType, groupState, groupType } = listedGroup(emptyConsumerGroup('g'))
  assert.deepEqual([protocolType, groupState, groupType], ['consumer', 'Empty', 'consumer'])
})

const filters: readonly (readonly [
  states: readonly string[],
  types: readonly string[],
  isFound: boolean,
])[] = [
  [[], [], true],
  [['empty'], [], true],
  [['stable', 'empty'], [], true],
  [['stable'], [], false],
  [['no state'], [], false],
  [[], ['classic'], true],
  [[], ['consumer', 'share'], false],
  [['empty'], ['consumer'], false],
  [['stable'], ['classic'], false],
]
for (const [states, types, isFound] of filters) {
  test(`an empty classic group is ${isFound ? '' : 'not '}among states [${states}] and types [${types}]`, () => {
    const filter: GroupFilter = { states: new Set(states), types: new Set(types) }
    assert.equal(isListed(listedGroup(emptyClassicGroup('g', 0)), filter), isFound)
  })
}
