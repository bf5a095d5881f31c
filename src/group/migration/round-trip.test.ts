import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../kernel/environment.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { groupRecord } from '../classic/record.ts'
import { groupRecords } from '../consumer/records.ts'
import type { Group } from '../group.ts'
import { offsetsIn, TestShard } from '../shard-for-test.ts'
import { ClassicClient, type Client, ConsumerClient, GROUP } from './clients-for-test.ts'

const SEEDS = 15
const topics = { books: 7, films: 4 }
const names = Object.keys(topics)
const partitionCount = 11

/** A group of clients that poll in any order, and what must hold whatever they do. */
class Scene {
  readonly shard = new TestShard()
  readonly clients: Client[] = []
  readonly #random: Random
  readonly #isCooperative: boolean
  readonly #where: string
  #born = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#isCooperative = seed % 2 === 0
    this.#where = `seed ${seed}`
    for (const [name, count] of Object.entries(topics)) this.shard.changeTopic(name, count)
  }

  get type(): Group['type'] | undefined {
    return this.shard.shard.group(GROUP)?.type
  }

  below(limit: number): number {
    return this.#random.below(limit)
  }

  addClassic(): void {
    this.#born += 1
    const options = { topics: names, isCooperative: this.#isCooperative }
    this.clients.push(new ClassicClient(this.shard, `k${this.#born}`, options))
  }

  addConsumer(): void {
    this.#born += 1
    this.clients.push(new ConsumerClient(this.shard, `consumer-${this.#born}`, { topics: names }))
  }

  /** Stops one of the clients of a kind. */
  removeOne(kind: typeof ClassicClient | typeof ConsumerClient): void {
    const ofKind = this.clients.filter((client) => client instanceof kind)
    const client = ofKind[this.below(ofKind.length)]!
    this.clients.splice(this.clients.indexOf(client), 1)
    client.stop()
    this.checkLog()
  }

  /** Lets some of them do something. */
  stir(polls: number): void {
    for (; polls > 0; polls--) {
      this.clients[this.below(this.clients.length)]?.poll()
      if (this.below(5) === 0) this.shard.advance(500)
      this.check()
    }
    this.checkLog()
  }

  /** Until everybody has a part and nobody is told anything new. */
  settle(): void {
    for (let round = 0; round < 100; round++) {
      const before = this.#owned().toSorted().join()
      for (let times = 0; times < 4; times++) for (const client of this.clients) client.poll()
      this.shard.advance(1_000)
      this.check()
      const owned = this.#owned()
      if (owned.length === partitionCount && owned.toSorted().join() === before) return
    }
    assert.fail(`${this.#where}: ${this.#owned().length} partitions have an owner at last`)
  }

  check(): void {
    const owned = this.#owned()
    assert.equal(new Set(owned).size, owned.length, `${this.#where}: two owners`)
    assert.deepEqual(offsetsIn(this.shard.shard, GROUP), { 'books-0': 17 }, this.#where)
  }

  /** A coordinator that reads the log finds the same group. Costs as much as the log is long. */
  checkLog(): void {
    const live = this.shard.shard.group(GROUP)
    const loaded = this.shard.reloaded().group(GROUP)
    assert.deepEqual(durable(loaded, live), durable(live, live), this.#where)
  }

  #owned(): string[] {
    return this.clients.flatMap(({ owned }) => [...owned])
  }
}

/** What records tell of a group. A classic one is on record once its leader has assigned. */
function durable(group: Group | undefined, live: Group | undefined): unknown {
  if (group?.type === 'classic') {
    const isOnRecord = live?.type === 'classic' && live.phase === 'stable'
    return isOnRecord ? groupRecord(group) : 'classic'
  }
  const records = group === undefined ? [] : groupRecords(group)
  return records.map((record) => JSON.stringify(record, textOf)).toSorted()
}

const textOf = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)

test('a group goes to the consumer protocol and back, member by member, and nothing is consumed twice', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = new Scene(seed)
    const count = 1 + scene.below(5)
    scene.shard.commit(GROUP, 'books', { 0: 17 })
    for (let i = 0; i < count; i++) scene.addClassic()
    scene.settle()
    assert.equal(scene.type, 'classic', `seed ${seed}`)
    for (let i = 0; i < count; i++) {
      scene.removeOne(ClassicClient)
      scene.stir(scene.below(8))
      scene.addConsumer()
      scene.stir(scene.below(8))
      scene.clients.at(-1)?.poll()
      assert.equal(scene.type, 'consumer', `seed ${seed}`)
      scene.stir(scene.below(30))
      if (scene.below(2) === 0) scene.settle()
    }
    scene.settle()
    for (let i = 0; i < count; i++) {
      scene.removeOne(ConsumerClient)
      const left = scene.shard.shard.group(GROUP)
      const isMixed = i < count - 1 || left?.members.size === 0
      assert.equal(left?.type, isMixed ? 'consumer' : 'classic', `seed ${seed}`)
      scene.stir(scene.below(8))
      scene.addClassic()
      scene.stir(scene.below(30))
      if (scene.below(2) === 0) scene.settle()
    }
    scene.settle()
    assert.equal(scene.type, 'classic', `seed ${seed}`)
  }
})

test('a group whose members change protocols at random never has a partition twice, and settles', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = new Scene(seed)
    scene.shard.commit(GROUP, 'books', { 0: 17 })
    for (let step = 0; step < 20; step++) {
      const classics = scene.clients.filter((client) => client instanceof ClassicClient)
      const consumers = scene.clients.length - classics.length
      const act = scene.below(6)
      if (act === 0 && classics.length > 1) scene.removeOne(ClassicClient)
      else if (act === 1 && consumers > 0) scene.removeOne(ConsumerClient)
      else if (act === 2 && scene.clients.length < 8) scene.addClassic()
      else if (act === 3 && scene.clients.length < 8) scene.addConsumer()
      scene.stir(scene.below(25))
    }
    scene.addConsumer()
    scene.settle()
  }
})
