import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerProtocolSubscription } from '../../protocol/internal/consumer-protocol.ts'
import { encodeVersioned } from '../../protocol/stored.ts'
import type { ClassicGroup, ClassicMember } from './group.ts'
import { emptyClassicGroup } from './group.ts'
import { withMembers } from './members.ts'
import { offersTheSame, ownProtocols, selectProtocol, subscribedTopicsOf } from './protocols.ts'

function member(memberId: string, offer: Readonly<Record<string, Uint8Array>>): ClassicMember {
  return {
    memberId,
    instanceId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: 0,
    sessionTimeoutMs: 0,
    protocols: Object.entries(offer).map(([name, metadata]) => ({ name, metadata })),
    assignment: new Uint8Array(),
    joining: undefined,
    syncing: undefined,
    isNew: false,
  }
}

function groupOf(offers: readonly Readonly<Record<string, Uint8Array>>[]): ClassicGroup {
  const founded: ClassicGroup = {
    ...emptyClassicGroup('g', 0),
    phase: 'preparing-rebalance',
    protocolType: 'consumer',
  }
  return withMembers(
    founded,
    offers.map((offer, index) => member(`member ${index}`, offer)),
  )
}

const voting = (...ballots: readonly (readonly string[])[]) =>
  groupOf(ballots.map((names) => Object.fromEntries(names.map((name) => [name, Buffer.of()]))))

test('the protocol most members prefer wins, among those that all of them offer', () => {
  const table: readonly (readonly [ballots: readonly (readonly string[])[], winner: string])[] = [
    [[['range', 'sticky']], 'range'],
    [
      [
        ['range', 'sticky'],
        ['sticky', 'range'],
        ['sticky', 'range'],
      ],
      'sticky',
    ],
    // Everybody prefers range, but the last one does not know it.
    [[['range', 'sticky'], ['range', 'sticky'], ['sticky']], 'sticky'],
    [
      [
        ['a', 'b', 'c'],
        ['b', 'c'],
        ['c', 'b'],
      ],
      'b',
    ],
  ]
  for (const [ballots, winner] of table) assert.equal(selectProtocol(voting(...ballots)), winner)
})

test('equal votes are decided as a Java hash table orders the names, whoever joined first', () => {
  // As a `java.util.HashMap` prints them.
  const names = ['default', 'eager', 'stream', 'sticky', 'range', 'roundrobin', 'sessioned']
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      assert.equal(selectProtocol(voting([one, other], [other, one])), one)
      assert.equal(selectProtocol(voting([other, one], [one, other])), one)
    }
  }
})

test('an offer is the same only with the same metadata in the same order', () => {
  const offer = (...names: readonly string[]) =>
    names.map((name) => ({ name, metadata: Buffer.from(name) }))
  assert.ok(offersTheSame(offer('a', 'b'), offer('a', 'b')))
  assert.ok(!offersTheSame(offer('a', 'b'), offer('b', 'a')))
  assert.ok(!offersTheSame(offer('a', 'b'), offer('a')))
  assert.ok(!offersTheSame(offer('a'), [{ name: 'a', metadata: Buffer.from('b') }]))
})

test('of a protocol that is offered twice the first counts', () => {
  const twice = [
    { name: 'range', metadata: Buffer.from('1') },
    { name: 'range', metadata: Buffer.from('2') },
  ]
  assert.deepEqual(ownProtocols(twice), [
    { name: 'range', metadata: new Uint8Array(Buffer.from('1')) },
  ])
})

const subscription = (version: number, ...topics: readonly string[]) =>
  encodeVersioned(consumerProtocolSubscription, version, { topics })

test('the topics of consumers are those of all subscriptions, of every version', () => {
  const group = groupOf([
    { range: subscription(0, 'a', 'b') },
    { range: subscription(3, 'b', 'c') },
    // A version that nobody knows yet begins with the topics too.
    { range: Buffer.concat([Buffer.of(0, 9), subscription(1, 'd').subarray(2)]) },
  ])
  const topics = subscribedTopicsOf({ ...group, protocolName: 'range' })
  assert.deepEqual([...(topics ?? [])].sort(), ['a', 'b', 'c', 'd'])
})

test('the topics are unknown when members do not tell', () => {
  const consumers = groupOf([{ range: subscription(0, 'a') }])
  const table: readonly (readonly [string, ClassicGroup, readonly string[] | undefined])[] = [
    ['no consumers', { ...consumers, protocolType: 'connect', protocolName: 'range' }, undefined],
    ['nobody ever joined', emptyClassicGroup('g', 0), undefined],
    ['no protocol is chosen', consumers, undefined],
    [
      'metadata in another format',
      { ...groupOf([{ range: Buffer.of(0) }]), protocolName: 'range' },
      undefined,
    ],
    ['all have left', { ...emptyClassicGroup('g', 0), protocolType: 'consumer' }, []],
  ]
  for (const [what, group, expected] of table) {
    const topics = subscribedTopicsOf(group)
    assert.deepEqual(topics && [...topics], expected, what)
  }
})
