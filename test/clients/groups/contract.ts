/** The rules that hold for every consumer in a group, whatever its library. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { record } from '../cases.ts'
import { noControl } from '../harness.ts'
import { uniqueTopic } from '../support.ts'
import { churnTests } from './churn.ts'
import { type Given, type Openers, usual } from './given.ts'
import { type MemberTraits, nameOf } from './member.ts'
import { numbered, patienceMs, Scene, Stage } from './scene.ts'
import { staticTests } from './statics.ts'

/** Declares the tests of one client's consumer. They share one broker. */
export function groupContract(traits: MemberTraits, openers: Openers): void {
  describe(`groups of ${traits.name}`, () => {
    let stage: Stage
    before(async () => {
      stage = await Stage.open()
    })
    afterEach((context) => {
      if ('passed' in context && !context.passed) console.error(stage.broker.output())
    })
    after(async () => {
      await openers.close?.()
      await stage?.close()
    })
    const given: Given = { traits, openers, stage: () => stage }
    resumeTests(given)
    positionTests(given)
    patternTests(given)
    staticTests(given)
    churnTests(given, noControl)
  })
}

/** What is taken, and where a member goes on. */
function resumeTests({ openers: { open }, stage }: Given): void {
  test('records come with their keys, values and headers', async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('whole', 3)
    const sent = Array.from({ length: 30 }, (_, i) => ({
      ...record(`key-${i}`, `value-${i}`),
      partition: i % 3,
      headers: [
        ['number', Buffer.from(`${i}`)],
        ['name', Buffer.from('ü')],
      ] as const,
    }))
    await stage().helper.produce(topic, sent)
    await scene.join('m', open, usual(topic))
    await scene.ledger.until('all records', patienceMs, () => scene.ledger.total === sent.length)
    const text = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null
    const wanted = sent.map((r) => ({
      partition: r.partition,
      key: text(r.key),
      value: text(r.value),
      headers: r.headers.map(([name, value]) => [name, text(value)]),
    }))
    const taken = scene.ledger.records('m').map((r) => ({
      partition: r.partition,
      key: r.key,
      value: r.value,
      headers: r.headers.toSorted((a, b) => (a[0] < b[0] ? 1 : -1)),
    }))
    const byKey = (a: { key: string | null }, b: { key: string | null }): number =>
      `${a.key}` < `${b.key}` ? -1 : 1
    assert.deepEqual(taken.toSorted(byKey), wanted.toSorted(byKey))
    scene.ledger.assertNoFailure()
  })

  test('a member that comes back goes on where the one before it committed by itself', async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('resume', 2)
    const options = usual(topic)
    await stage().produce(topic, 2, 20)
    await scene.join('first', open, options)
    await scene.ledger.until('40 records', patienceMs, () => scene.ledger.total === 40)
    await scene.leave('first')
    await untilCommitted(scene, options.groupId, topic, [20, 20])
    await stage().produce(topic, 2, 10)
    await scene.join('second', open, options)
    await scene.ledger.until('60 records', patienceMs, () => scene.ledger.total === 60)
    const offsets = scene.ledger.records('second').map((r) => r.offset)
    assert.equal(Math.min(...offsets), 20, scene.ledger.story())
    assert.equal(offsets.length, 20)
  })

  test('what was not committed comes again, what was does not', async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('by-hand', 1)
    const options = usual(topic, { commits: 'by-hand' })
    await stage().produce(topic, 1, 15)
    await scene.join('careless', open, options)
    await scene.ledger.until('all', patienceMs, () => scene.ledger.total === 15)
    await scene.leave('careless')
    assert.equal((await stage().committed(options.groupId, topic)).size, 0)
    const careful = await scene.join('careful', open, options)
    const has = (name: string, count: number) => () => scene.ledger.records(name).length === count
    await scene.ledger.until('all again', patienceMs, has('careful', 15))
    await careful.commit()
    assert.deepEqual([...(await stage().committed(options.groupId, topic)).values()], [15])
    await scene.leave('careful')
    await stage().produce(topic, 1, 5)
    await scene.join('last', open, options)
    await scene.ledger.until('the rest', patienceMs, has('last', 5))
    assert.equal(scene.ledger.records('last')[0]?.offset, 15)
  })

  test('two groups take everything, each for itself', async () => {
    await using one = new Scene(stage())
    await using other = new Scene(stage())
    const topic = await stage().topic('two-groups', 2)
    await stage().produce(topic, 2, 10)
    const mine = usual(topic)
    await one.join('one', open, mine)
    await one.ledger.until('all in one', patienceMs, () => one.ledger.total === 20)
    const theirs = usual(topic)
    await other.join('other', open, theirs)
    await other.ledger.until('all in the other', patienceMs, () => other.ledger.total === 20)
    await one.leave('one')
    await stage().produce(topic, 2, 1)
    await other.ledger.until('what came since', patienceMs, () => other.ledger.total === 22)
    await other.leave('other')
    await untilCommitted(one, mine.groupId, topic, [10, 10])
    await untilCommitted(other, theirs.groupId, topic, [11, 11])
  })
}

/** What a library commits by itself may be on its way when its member has been closed. */
async function untilCommitted(
  scene: Scene,
  groupId: string,
  topic: string,
  wanted: readonly number[],
): Promise<void> {
  await scene.ledger.until(`commits of ${wanted}`, patienceMs, async () => {
    const committed = await scene.stage.committed(groupId, topic)
    return isDeepStrictEqual([...committed.values()], wanted)
  })
}

/** Where a member begins, pauses and jumps to. */
function positionTests({ traits, openers: { open }, stage }: Given): void {
  test('without a commit it begins at the end when told so', async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('latest', 1)
    await stage().produce(topic, 1, 10)
    await scene.join('m', open, usual(topic, { reset: 'latest' }))
    // When it has found the end nobody tells: what is sent until it has can be missed.
    await scene.ledger.until('something new', patienceMs, async () => {
      await stage().produce(topic, 1, 1)
      return scene.ledger.total > 0
    })
    assert.ok(scene.ledger.records('m').every((r) => r.offset >= 10))
  })

  const cannotRefuse = !traits.refusesReset && `${traits.name} always begins somewhere`
  test('without a commit it fails when told to begin nowhere', { skip: cannotRefuse }, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('nowhere', 1)
    await stage().produce(topic, 1, 10)
    const failed = () => scene.ledger.told('m', 'failed').length > 0
    await scene.join('m', open, usual(topic, { reset: 'none' }))
    await scene.ledger.until('a failure', patienceMs, failed)
    assert.equal(scene.ledger.total, 0)
  })

  const cannotPause = !traits.pauses && `${traits.name} cannot pause a partition`
  test('a paused partition rests while the others go on', { skip: cannotPause }, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('pause', 2)
    const member = await scene.join('m', open, usual(topic))
    await stage().produce(topic, 2, 5)
    await scene.ledger.until('the first records', patienceMs, () => scene.ledger.total === 10)
    await member.pause(topic, 0)
    const before = scene.ledger.takenCount(nameOf(topic, 0))
    // One batch may have been on its way; of what comes after it nothing may arrive.
    for (let round = 1; round <= 5; round++) {
      await stage().produce(topic, 2, 5)
      const went = () => scene.ledger.takenCount(nameOf(topic, 1)) === 5 + round * 5
      await scene.ledger.until('the other partition', patienceMs, went)
    }
    assert.equal(scene.ledger.takenCount(nameOf(topic, 0)), before, scene.ledger.story())
    await member.resume(topic, 0)
    await scene.ledger.until('the rest', patienceMs, () => scene.ledger.total === 60)
  })

  const cannotSeek = !traits.seeks && `${traits.name} cannot seek`
  test('after a seek it goes on from there', { skip: cannotSeek }, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('seek', 1)
    await stage().produce(topic, 1, 20)
    const member = await scene.join('m', open, usual(topic))
    const count = () => scene.ledger.records('m').length
    await scene.ledger.until('all', patienceMs, () => count() === 20)
    await member.seek(topic, 0, 5)
    await scene.ledger.until('fifteen again', patienceMs, () => count() === 35)
    assert.deepEqual(
      scene.ledger.records('m').map((r) => r.offset),
      [...Array(20).keys(), ...Array.from({ length: 15 }, (_, i) => i + 5)],
    )
  })
}

function patternTests({ traits, openers: { open }, stage }: Given): void {
  const none = traits.patterns === false && `${traits.name} has no patterns`
  test('a pattern finds the topics that fit, and no others', { skip: none }, async () => {
    await using scene = new Scene(stage())
    const stem = uniqueTopic('pattern')
    for (const name of [`${stem}-a`, `${stem}-b`, `other-${stem}-a`]) {
      await stage().named(name, 1)
      await stage().produce(name, 1, 5)
    }
    await scene.join('m', open, usual(`^${stem}-.*`))
    await scene.ledger.until('both topics', patienceMs, () => scene.ledger.total === 10)
    if (traits.patterns === 'followed') {
      await stage().named(`${stem}-c`, 2)
      await stage().helper.produce(`${stem}-c`, numbered(2, 5))
      await scene.ledger.until('the new topic', patienceMs, () => scene.ledger.total === 20)
    }
    const topics = new Set(scene.ledger.records('m').map((r) => r.topic))
    assert.ok([...topics].every((t) => t.startsWith(stem)))
  })
}
