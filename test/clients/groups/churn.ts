/** Groups under load while members come, go, die and freeze, and while the broker does. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { type Given, usual } from './given.ts'
import type { Ledger } from './ledger.ts'
import type { MemberOptions } from './member.ts'
import { patienceMs, Scene, type Stage, Stream } from './scene.ts'

const defaultManyMembers = 20
/** A member that was killed is missed after this long. */
const shortSessionMs = 1500

export function churnTests(given: Given, noControl: string | false): void {
  scaleTests(given)
  killTests(given, noControl)
  handOverTests(given, noControl)
}

/** Takes all that was sent, lets the members go, and looks whether the group has no lag. */
async function finish(
  scene: Scene,
  stage: Stage,
  options: MemberOptions,
): Promise<Map<string, number>> {
  const [topic = ''] = options.topics
  const ends = await stage.ends(topic)
  const sum = [...ends.values()].reduce((a, b) => a + b, 0)
  await scene.ledger.until(`all ${sum} records`, patienceMs, () => scene.ledger.total === sum)
  await scene[Symbol.asyncDispose]()
  await scene.ledger.until('a group without lag', patienceMs, async () =>
    isDeepStrictEqual(await stage.committed(options.groupId, topic), ends),
  )
  return ends
}

function scaleTests({ traits, openers, stage }: Given): void {
  const many = openers.manyMembers ?? defaultManyMembers
  const partitions = many + 4
  const promise = traits.exact ? 'once, in order' : 'at least once'
  test(`a group grows to ${many} and shrinks again under load, every record taken ${promise}`, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('scale', partitions)
    const options = usual(topic, { commits: traits.exact ? 'always' : 'automatic' })
    const stream = new Stream(stage(), topic, partitions)
    const { ledger } = scene
    const names = Array.from({ length: many }, (_, i) => `m${i}`)
    for (const size of [1, 4, many]) {
      const missing = names.slice(0, size).filter((n) => ledger.holdings(n).size === 0)
      await Promise.all(missing.map((name) => scene.join(name, openers.open, options)))
      await shared(ledger, names.slice(0, size), partitions)
    }
    for (const size of [3, 1]) {
      await Promise.all(names.slice(size).map((name) => scene.leave(name)))
      await shared(ledger, names.slice(0, size), partitions)
    }
    await stream.stop()
    const ends = await finish(scene, stage(), options)
    ledger.assertAllTaken(ends)
    if (traits.exact) ledger.assertEachOnceInOrder(ends)
    if (traits.tellsOwners) ledger.assertOneOwner()
    ledger.assertNoFailure()
  })
}

/** Everything is shared equally, and records of every partition keep coming. */
async function shared(
  ledger: Ledger,
  members: readonly string[],
  partitions: number,
): Promise<void> {
  await ledger.untilShared(members, partitions, patienceMs)
  const before = ledger.total
  await ledger.until('more records', patienceMs, () => ledger.total > before + partitions)
}

function killTests({ traits, openers, stage }: Given, noControl: string | false): void {
  test('when members are killed others go on where they committed', async () => {
    await using scene = new Scene(stage())
    const partitions = 6
    const topic = await stage().topic('kill-members', partitions)
    // What a library commits by itself it may commit before its killed process could tell of it.
    const options = usual(topic, { sessionTimeoutMs: shortSessionMs, commits: 'always' })
    if (traits.protocol === 'consumer') await shortSession(stage(), options.groupId)
    const stream = new Stream(stage(), topic, partitions)
    const { ledger } = scene
    await using process = openers.start()
    await scene.join('a', openers.open, options)
    await scene.join('b', process.open, options)
    await scene.join('c', process.open, options)
    await shared(ledger, ['a', 'b', 'c'], partitions)
    await process.kill()
    scene.gone('b')
    scene.gone('c')
    await shared(ledger, ['a'], partitions)
    await stream.stop()
    ledger.assertAllTaken(await finish(scene, stage(), options))
    if (traits.tellsOwners) ledger.assertOneOwner()
  })

  test('when the broker is killed members go on, and no commit is lost', {
    skip: noControl,
  }, async () => {
    await using scene = new Scene(stage())
    const partitions = 4
    const topic = await stage().topic('kill-broker', partitions)
    const options = usual(topic)
    const { ledger } = scene
    const names = ['a', 'b']
    for (const name of names) await scene.join(name, openers.open, options)
    await ledger.untilShared(names, partitions, patienceMs)
    for (let round = 1; round <= 2; round++) {
      await stage().produce(topic, partitions, 20)
      await ledger.until('all so far', patienceMs, () => ledger.total === partitions * 20 * round)
      const committed = async () => {
        const found = [...(await stage().committed(options.groupId, topic)).values()]
        return found.length === partitions && found.every((o) => o === round * 20)
      }
      await ledger.until('all committed', patienceMs, committed)
      await stage().broker.kill()
      await stage().broker.restart()
      const kept = await stage().committed(options.groupId, topic)
      for (const [place, offset] of kept) assert.ok(offset >= round * 20, `${place}@${offset}`)
      assert.equal(kept.size, partitions)
    }
    await stage().produce(topic, partitions, 5)
    ledger.assertAllTaken(await finish(scene, stage(), options))
  })
}

/** In the consumer protocol the session is the group's, not the member's. */
async function shortSession(stage: Stage, groupId: string): Promise<void> {
  await stage.setGroupConfig(groupId, 'consumer.session.timeout.ms', `${shortSessionMs}`)
}

/** A hand-over that takes its time must not stop what is not handed over. */
function handOverTests({ traits, openers, stage }: Given, noControl: string | false): void {
  const eager =
    !(traits.cooperative && traits.tellsOwners) &&
    `${traits.name} gives up everything, or does not say`
  test('partitions that stay are taken on while others change hands', {
    skip: eager || noControl,
  }, async () => {
    await using scene = new Scene(stage())
    const partitions = 6
    const topic = await stage().topic('hand-over', partitions)
    const options = usual(topic, { cooperative: true })
    const stream = new Stream(stage(), topic, partitions)
    const { ledger } = scene
    await using process = openers.start()
    await scene.join('a', openers.open, options)
    await scene.join('frozen', process.open, options)
    await shared(ledger, ['a', 'frozen'], partitions)
    const kept = [...ledger.holdings('a')]
    // Who does not answer holds the rebalance up; whoever waits for it must go on.
    process.freeze()
    await scene.join('c', openers.open, options)
    const before = new Map(kept.map((place) => [place, ledger.takenCount(place)]))
    const grew = () => kept.every((p) => ledger.takenCount(p) > (before.get(p) ?? 0) + 20)
    await ledger.until('the kept partitions to go on', patienceMs, grew)
    assert.equal(ledger.holdings('c').size + ledger.holdings('a').size, kept.length)
    process.thaw()
    await shared(ledger, ['a', 'frozen', 'c'], partitions)
    await stream.stop()
    const stayed = [...ledger.holdings('a')]
    const revoked = ledger.told('a', 'revoked').flatMap((e) => e.places.map((p) => p.join('-')))
    assert.deepEqual(
      stayed.filter((place) => revoked.includes(place)),
      [],
      ledger.story(),
    )
    ledger.assertAllTaken(await finish(scene, stage(), options))
    ledger.assertOneOwner()
  })
}
