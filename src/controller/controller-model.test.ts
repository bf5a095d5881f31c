import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { silentLogger } from '../kernel/logger.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { MetadataStore } from '../metadata/metadata-store.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { decideAlterConfigs } from './alter-configs.ts'
import { clusterOf, rulesOf, seededRandom, wanted } from './controller-fixtures-for-test.ts'
import { decideCreatePartitions } from './create-partitions.ts'
import { type CreationRules, decideCreateTopics } from './create-topics.ts'
import { decideDeleteTopics } from './delete-topics.ts'
import { restartUncleanly } from './unclean-restart.ts'

/** What an administrator may ask, or what may happen. */
type Event =
  | {
      readonly type: 'create'
      readonly name: string
      readonly count: number
      readonly replicas: number
    }
  | { readonly type: 'delete'; readonly name: string }
  | { readonly type: 'grow'; readonly name: string; readonly count: number }
  | { readonly type: 'set'; readonly name: string; readonly value: string }
  | { readonly type: 'crash'; readonly nodeId: number }

const BROKERS = [1, 2, 3]
const name = fc.constantFrom('a', 'a.b', 'a_b', 'b-c', 'bad name')
const count = fc.integer({ min: 0, max: 6 })
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: fc.constant('create' as const),
    name,
    count,
    replicas: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ type: fc.constant('delete' as const), name }),
  fc.record({ type: fc.constant('grow' as const), name, count }),
  fc.record({
    type: fc.constant('set' as const),
    name,
    value: fc.constantFrom('1', '2', 'never'),
  }),
  fc.record({ type: fc.constant('crash' as const), nodeId: fc.constantFrom(...BROKERS) }),
)

/** The cluster as a person would keep it on paper: partitions and retention by topic. */
type Model = Map<string, { readonly partitions: number; readonly retention: string | undefined }>

/** @returns whether the event has to succeed. */
function happens(model: Model, event: Event): boolean {
  if (event.type === 'crash') return true
  const topic = model.get(event.name)
  switch (event.type) {
    case 'create': {
      const unified = event.name.replace('.', '_')
      if ([...model.keys()].some((other) => other.replace('.', '_') === unified)) return false
      if (event.name.includes(' ') || event.count < 1) return false
      if (event.replicas < 1 || event.replicas > BROKERS.length) return false
      model.set(event.name, { partitions: event.count, retention: undefined })
      return true
    }
    case 'delete':
      return model.delete(event.name)
    case 'grow':
      if (topic === undefined || event.count <= topic.partitions) return false
      model.set(event.name, { ...topic, partitions: event.count })
      return true
    case 'set':
      if (topic === undefined || event.value === 'never') return false
      model.set(event.name, { ...topic, retention: event.value })
      return true
  }
}

class Admin {
  readonly store: MetadataStore
  readonly #rules: CreationRules

  /** @param seed of its randomness: each its own, as brokers have, or they would draw the same ids. */
  constructor(store: MetadataStore, seed: number) {
    this.store = store
    this.#rules = rulesOf({ random: seededRandom(seed) })
  }

  /** @returns whether it succeeded. */
  async carryOut(event: Event): Promise<boolean> {
    if (event.type === 'crash') {
      await restartUncleanly(this.store, event.nodeId)
      return true
    }
    const [result] = await this.store.commit((image) => this.#decide(image, event))
    return result?.error === 'NONE'
  }

  #decide(image: ClusterImage, event: Exclude<Event, { type: 'crash' }>) {
    const validateOnly = false
    switch (event.type) {
      case 'create': {
        const { count: numPartitions, replicas: replicationFactor } = event
        const topics = [wanted(event.name, { numPartitions, replicationFactor })]
        return decideCreateTopics(image, { topics, validateOnly }, this.#rules)
      }
      case 'delete':
        return decideDeleteTopics(image, [{ name: event.name, topicId: ZERO_UUID }], true)
      case 'grow': {
        const topics = [{ name: event.name, count: event.count, assignments: null }]
        return decideCreatePartitions(image, { topics, validateOnly }, this.#rules)
      }
      case 'set': {
        const alteration = { name: 'retention.ms', operation: 'set', value: event.value } as const
        const change = { type: 'alter', alterations: [alteration] } as const
        const resources = [{ resource: { kind: 'topic', name: event.name }, change } as const]
        const rules = { nodeId: 1, configs: this.#rules.configs }
        return decideAlterConfigs(image, { resources, validateOnly }, rules)
      }
    }
  }
}

/** What must be true of every image, whatever has happened. */
function checkImage(image: ClusterImage): void {
  assert.equal(image.topics.size, image.topicsById.size)
  assert.equal(image.topics.size, image.topicsByKey.size)
  for (const topic of image.topics.values()) {
    assert.equal(image.topicsById.get(topic.id), topic)
    assert.ok(!image.deletedTopics.has(topic.id), 'a deleted topic is back')
    for (const [index, partition] of topic.partitions.entries()) {
      const { isr, leader, replicas } = partition
      assert.equal(partition.index, index)
      assert.equal(new Set(replicas).size, replicas.length)
      assert.equal(replicas.length, topic.partitions[0]?.replicas.length)
      assert.ok(isr.length > 0 && isr.every((id) => replicas.includes(id)))
      assert.ok(isr.includes(leader))
    }
  }
  for (const topic of image.topicConfigs.keys()) assert.ok(image.topics.has(topic))
}

/** What may not go back from one image to the next. */
function checkProgress(before: ClusterImage, after: ClusterImage): void {
  for (const topic of after.topics.values()) {
    const old = before.topicsById.get(topic.id)
    if (old === undefined) continue
    assert.equal(old.name, topic.name)
    assert.ok(old.partitions.length <= topic.partitions.length)
    for (const [index, partition] of old.partitions.entries()) {
      const now = topic.partitions[index]
      assert.ok(now !== undefined && now.leaderEpoch >= partition.leaderEpoch)
      assert.ok(now.leader === partition.leader || now.leaderEpoch > partition.leaderEpoch)
      assert.ok(now.partitionEpoch > partition.partitionEpoch || isDeepStrictEqual(now, partition))
    }
  }
}

test('any sequence of events leaves what a plain model of it says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 40 }), async (events) => {
      const { store } = await clusterOf(...BROKERS)
      const admin = new Admin(store, 1)
      const model: Model = new Map()
      const names = new Map<string, string>()
      store.onChange(({ image, previous }) => {
        checkImage(image)
        checkProgress(previous, image)
        for (const { id, name } of image.topics.values()) {
          assert.equal(names.get(id) ?? name, name, 'a topic id was used again')
          names.set(id, name)
        }
      })
      for (const event of events) {
        const expected = happens(model, event)
        assert.equal(await admin.carryOut(event), expected, JSON.stringify(event))
      }
      const { topics, topicConfigs } = store.image
      const held: Model = new Map()
      for (const [topic, { partitions }] of topics) {
        const retention = topicConfigs.get(topic)?.['retention.ms']
        held.set(topic, { partitions: partitions.length, retention })
      }
      assert.deepEqual(held, model)
      await store.close()
    }),
    { numRuns: 150 },
  )
})

test('of administrators that race, each is answered what then is true, and images stay sound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), anyEvent), { maxLength: 60 }), async (steps) => {
      const { coordination, environment } = await clusterOf(...BROKERS)
      const admins: Admin[] = []
      for (let i = 0; i < 3; i++) {
        const store = await MetadataStore.open(coordination, environment, silentLogger)
        store.onChange(({ image, previous }) => {
          checkImage(image)
          checkProgress(previous, image)
        })
        admins.push(new Admin(store, i))
      }
      const outcomes = await Promise.all(
        steps.map(async ([who, event]) => ({ event, won: await admins[who]!.carryOut(event) })),
      )
      const count = (type: Event['type'], topic: string) =>
        outcomes.filter(({ event, won }) => {
          return won && event.type === type && event.type !== 'crash' && event.name === topic
        }).length
      const { entries } = await coordination.read('/topics/')
      const left = new Set(entries.map(({ value }) => JSON.parse(value).name as string))
      for (const topic of ['a', 'a.b', 'a_b', 'b-c']) {
        const balance = count('create', topic) - count('delete', topic)
        assert.equal(balance, left.has(topic) ? 1 : 0, `${topic} was made or deleted twice`)
      }
      for (const { store } of admins) await store.close()
    }),
    { numRuns: 60 },
  )
})
