/** Groups whose members change over to the consumer protocol one after the other, and back, under load
 *  (KIP-848). */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Admin } from '@platformatic/kafka'
import { usual } from './given.ts'
import type { MemberTraits, OpenMember } from './member.ts'
import { patienceMs, Scene, Stage, Stream } from './scene.ts'

/** Members of both protocols that take turns. */
export interface Migrants {
  readonly name: string
  /** What both can do. */
  readonly traits: Pick<MemberTraits, 'tellsOwners'>
  readonly classic: OpenMember
  readonly consumer: OpenMember
  readonly cooperative?: boolean
  readonly close?: () => Promise<void>
}

const partitions = 6
const names = ['a', 'b', 'c']

/** Declares the test of some migrants. */
export function migrationTest(migrants: Migrants): void {
  describe(`groups that change protocols: ${migrants.name}`, () => {
    let stage: Stage
    let admin: Admin
    before(async () => {
      stage = await Stage.open()
      admin = new Admin({ clientId: 'types', bootstrapBrokers: [stage.broker.bootstrap] })
    })
    after(async () => {
      await migrants.close?.()
      await admin?.close()
      await stage?.close()
    })

    test('a group goes over and back, member by member, and every record is taken', async () => {
      await goOverAndBack(migrants, stage, admin)
    })
  })
}

async function goOverAndBack(migrants: Migrants, stage: Stage, admin: Admin): Promise<void> {
  await using scene = new Scene(stage)
  const { ledger } = scene
  const topic = await stage.topic('migration', partitions)
  const options = usual(topic, { cooperative: migrants.cooperative ?? false })
  const stream = new Stream(stage, topic, partitions)
  const members = new Set<string>()
  const change = async (leaving: string, joining: string, how: OpenMember): Promise<void> => {
    if (leaving !== '') await scene.leave(leaving)
    members.delete(leaving)
    await scene.join(joining, how, options)
    members.add(joining)
    await ledger.untilShared([...members], partitions, patienceMs)
    const begin = ledger.total
    await ledger.until('more records', patienceMs, () => ledger.total > begin + partitions)
  }
  const assertType = async (type: 'classic' | 'consumer'): Promise<void> => {
    const listed = await admin.listGroups({ types: [type] })
    assert.ok(listed.has(options.groupId), `a ${type} group\n${ledger.story()}`)
  }

  const { classic, consumer } = migrants
  for (const name of names) await change('', `classic ${name}`, classic)
  await assertType('classic')
  for (const name of names) {
    await change(`classic ${name}`, `consumer ${name}`, consumer)
    await assertType('consumer')
  }
  for (const name of names) await change(`consumer ${name}`, `back ${name}`, classic)
  await assertType('classic')

  await stream.stop()
  const ends = await stage.ends(topic)
  const sum = [...ends.values()].reduce((a, b) => a + b, 0)
  await ledger.until(`all ${sum} records`, patienceMs, () => ledger.total === sum)
  await scene[Symbol.asyncDispose]()
  assert.deepEqual(await stage.committed(options.groupId, topic), ends, ledger.story())
  ledger.assertAllTaken(ends)
  if (migrants.traits.tellsOwners) ledger.assertOneOwner()
  ledger.assertNoFailure()
}
