/** Static members (KIP-345): they may go and come back without anybody noticing, one at a time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noControl } from '../harness.ts'
import { type Given, usual } from './given.ts'
import { type MemberOptions, monotonicMs } from './member.ts'
import { patienceMs, Scene } from './scene.ts'

const partitions = 6

export function staticTests({ traits, openers, stage }: Given): void {
  const none = traits.statics === false && `${traits.name} has no static members`
  const stays = !traits.returns && `${traits.name} leaves for good`

  test('a static member that comes back has what it had, and the others notice nothing', {
    skip: none || stays || noControl,
  }, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('static', partitions)
    const group = usual(topic)
    const named = (instanceId: string): MemberOptions => ({ ...group, instanceId })
    await using process = openers.start()
    await scene.join('a', openers.open, named('a'))
    await scene.join('b', openers.open, named('b'))
    await scene.join('c', process.open, named('c'))
    await scene.ledger.untilShared(['a', 'b', 'c'], partitions, patienceMs)
    const before = [...scene.ledger.holdings('c')].toSorted()
    const notices = () =>
      ['a', 'b'].map(
        (m) => scene.ledger.told(m, 'assigned').length + scene.ledger.told(m, 'revoked').length,
      )
    const noticed = notices()
    if (traits.returns === 'after-close') await scene.leave('c')
    await process.kill()
    scene.gone('c')
    await scene.join('c again', openers.open, named('c'))
    const back = () => scene.ledger.holdings('c again').size === before.length
    await scene.ledger.until('it to be back', patienceMs, back)
    assert.deepEqual([...scene.ledger.holdings('c again')].toSorted(), before)
    await stage().produce(topic, partitions, 5)
    const all = () => scene.ledger.total === partitions * 5
    await scene.ledger.until('all records', patienceMs, all)
    assert.deepEqual(notices(), noticed, scene.ledger.story())
  })

  // In the classic protocol the newer takes the id over, in the consumer protocol the older keeps it.
  const loser = traits.protocol === 'classic' ? 'older' : 'newer'
  const fights = !traits.yields && `${traits.name} joins again when it was shut out`
  test(`of two members with one static id the ${loser} is shut out`, {
    skip: none || fights,
  }, async () => {
    await using scene = new Scene(stage())
    const topic = await stage().topic('twins', 2)
    const options = usual(topic, { instanceId: 'one' })
    await scene.join('older', openers.open, options)
    const held = () => scene.ledger.holdings('older').size === 2
    await scene.ledger.until('the first to have all', patienceMs, held)
    // Its own failure may come before it is open.
    const joining = scene
      .join('newer', openers.open, options)
      .catch((error) =>
        scene.ledger.tell('newer')({ type: 'failed', error: `${error}`, atMs: monotonicMs() }),
      )
    const failed = () => scene.ledger.told(loser, 'failed').length > 0
    await scene.ledger.until(`the ${loser} to be refused`, patienceMs, failed)
    const [{ error = '' } = {}] = scene.ledger.told(loser, 'failed')
    assert.match(error, /fenced|unreleased|is still used|fatal/i)
    await joining
    await stage().produce(topic, 2, 5)
    const winner = loser === 'older' ? 'newer' : 'older'
    const taken = () => scene.ledger.records(winner).length === 10
    await scene.ledger.until('the other to take all', patienceMs, taken)
  })
}
