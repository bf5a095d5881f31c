import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../kernel/environment.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { assignment, GROUP, subscription } from './clients-for-test.ts'
import { Scene } from './scene-for-test.ts'

const SEEDS = 40
const STEPS = 60
const names = ['a', 'b', 'c', 'd']
const consumers = ['p', 'q']
const protocols = ['range', 'odd', 'none']

/** Whatever members may put where words for each other belong. */
function anyWords(random: Random): Uint8Array {
  switch (random.below(3)) {
    case 0:
      return random.bytes(random.below(20))
    case 1: {
      const topics = ['books', 'films', 'absent'].filter(() => random.below(2) === 0)
      return subscription(topics, [`books:${random.below(9) - 2}`], random.below(4))
    }
    default:
      return assignment([`books:${random.below(9) - 2}`, `films:${random.below(4)}`, 'absent:0'])
  }
}

/** Members that keep to no rules, in a group that goes from one protocol to the other and back. */
class Crowd {
  readonly scene = new Scene({}, { books: 4, films: 2 })
  readonly #random: Random
  readonly #generations = new Map<string, number>()

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  step(): void {
    const { scene } = this
    const consumer = this.#oneOf(consumers)
    const memberEpoch = scene.consumer?.members.get(consumer)?.memberEpoch ?? 1
    const acts = [
      () => this.#join(),
      () => this.#syncAll(),
      () => this.#generations.forEach((generation, id) => void scene.heartbeat(id, generation)),
      () => void scene.beat(consumer),
      () => void scene.beat(consumer, { memberEpoch, topicPartitions: [] }),
      () => void scene.beat(consumer, { memberEpoch: -1 }),
      () => void scene.leave([this.#oneOf(names), null]),
      () => scene.shard.advance(this.#random.below(40_000)),
      () => scene.shard.changeTopic('books', 4 + this.#random.below(4)),
    ]
    this.#oneOf(acts)()
  }

  #join(): void {
    const memberId = this.#random.below(2) === 0 ? '' : this.#oneOf(names)
    const offered = protocols.filter(() => this.#random.below(2) === 0)
    const said = this.scene.join({
      memberId,
      version: 3,
      protocols: offered.map((name) => ({ name, metadata: anyWords(this.#random) })),
    })
    if (said.memberId) this.#generations.set(said.memberId, said.generationId ?? 0)
  }

  #syncAll(): void {
    for (const [id, generation] of this.#generations) {
      this.scene.sync(id, generation, {
        protocolType: null,
        protocolName: null,
        assignments: [...this.#generations.keys()].map((memberId) => ({
          memberId,
          assignment: anyWords(this.#random),
        })),
      })
    }
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]!
  }
}

test('no words of members break a group: they are refused, and its log can be read', () => {
  const kinds = new Set<string | undefined>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const crowd = new Crowd(seed)
    for (let step = 0; step < STEPS; step++) {
      crowd.step()
      kinds.add(crowd.scene.shard.shard.group(GROUP)?.type)
    }
    // A classic group may have members that no record tells of yet.
    const { consumer } = crowd.scene
    const loaded = crowd.scene.shard.reloaded().group(GROUP)
    if (consumer === undefined) continue
    const ids = (members: Iterable<string>): readonly string[] => [...members].toSorted()
    assert.deepEqual(ids(loaded!.members.keys()), ids(consumer.members.keys()), `seed ${seed}`)
  }
  assert.ok(kinds.has('classic') && kinds.has('consumer'))
})
