/** Groups through the admin calls of kafkajs and @platformatic/kafka: who is there, how far they are,
 *  and what goes. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Admin } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import { openPlatformaticConsumer, openPlatformaticMember } from '../drivers/platformatic-member.ts'
import { usual } from './given.ts'
import type { MemberOptions } from './member.ts'
import { patienceMs, Scene, Stage } from './scene.ts'

const partitions = 2

describe('admin calls about groups', () => {
  let stage: Stage
  let admin: Admin
  before(async () => {
    stage = await Stage.open()
    admin = new Admin({ clientId: 'group-admin', bootstrapBrokers: [stage.broker.bootstrap] })
  })
  after(async () => {
    await admin?.close()
    await stage?.close()
  })

  /** A group with one member that has everything and committed it. */
  async function groupOf(scene: Scene, purpose: string): Promise<MemberOptions> {
    const topic = await stage.topic(purpose, partitions)
    await stage.produce(topic, partitions, 10)
    const options = usual(topic)
    await scene.join(purpose, openPlatformaticMember, options)
    await scene.ledger.until('all commits', patienceMs, async () => {
      const committed = await stage.committed(options.groupId, topic)
      return committed.size === partitions && [...committed.values()].every((o) => o === 10)
    })
    return options
  }

  test('a group is listed with its protocol and state, and found by them', async () => {
    await using scene = new Scene(stage)
    const { groupId } = await groupOf(scene, 'listed')
    const consumer = usual((await groupOf(scene, 'listed-too')).topics[0] ?? '')
    await scene.join('c', openPlatformaticConsumer, consumer)
    const stable = async () =>
      (await admin.listGroups({ types: ['consumer'] })).get(consumer.groupId)?.state === 'Stable'
    await scene.ledger.until('the group of the consumer protocol', patienceMs, stable)
    const { groups } = await stage.admin.listGroups()
    for (const id of [groupId, consumer.groupId])
      assert.equal(groups.find((g) => g.groupId === id)?.protocolType, 'consumer')
    const classic = await admin.listGroups({ types: ['classic'], states: ['STABLE'] })
    assert.equal(classic.get(groupId)?.groupType, 'classic')
    assert.equal(classic.has(consumer.groupId), false)
    assert.equal((await admin.listGroups({ states: ['EMPTY'] })).has(groupId), false)
  })

  test('a described group names its members and what each has', async () => {
    await using scene = new Scene(stage)
    const { groupId, topics } = await groupOf(scene, 'described')
    const { groups } = await stage.admin.describeGroups([groupId])
    const [group] = groups
    assert.equal(group?.state, 'Stable')
    assert.equal(group?.members.length, 1)
    const [member] = group?.members ?? []
    assert.equal(member?.clientId, 'platformatic-member')
    assert.match(`${member?.clientHost}`, /^\/127\.0\.0\.1$/)
    const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol
    assert.deepEqual(
      MemberAssignment.decode(member?.memberAssignment ?? Buffer.alloc(0))?.assignment,
      {
        [topics[0] ?? '']: [0, 1],
      },
    )
    const metadata = MemberMetadata.decode(member?.memberMetadata ?? Buffer.alloc(0))
    assert.deepEqual(metadata?.topics, topics)
    const other = (await admin.describeGroups({ groups: [groupId] })).get(groupId)
    assert.equal(other?.state, 'Stable')
    assert.equal(other?.members.size, 1)
  })

  test('an unknown group is dead', async () => {
    const { groups } = await stage.admin.describeGroups(['nobody'])
    assert.equal(groups[0]?.state, 'Dead')
  })

  test('offsets can be set when nobody is in the group, and not while somebody is', async () => {
    await using scene = new Scene(stage)
    const { groupId, topics } = await groupOf(scene, 'set')
    const [topic = ''] = topics
    const back = {
      groupId,
      topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 3n }] }],
    }
    await assert.rejects(admin.alterConsumerGroupOffsets(back))
    await scene.leave('set')
    await admin.alterConsumerGroupOffsets(back)
    assert.deepEqual(
      [...(await stage.committed(groupId, topic)).values()].toSorted(),
      [10, 3].toSorted(),
    )
    await scene.join('again', openPlatformaticMember, usual(topic, { groupId }))
    const seven = () => scene.ledger.records('again').length === 7
    await scene.ledger.until('the seven from there on', patienceMs, seven)
    assert.ok(scene.ledger.records('again').every((r) => r.partition === 0 && r.offset >= 3))
  })

  test('offsets are told for all topics of a group', async () => {
    await using scene = new Scene(stage)
    const { groupId, topics } = await groupOf(scene, 'all-offsets')
    const [group] = await admin.listConsumerGroupOffsets({ groups: [groupId] })
    assert.deepEqual(
      group?.topics.map((t) => [
        t.name,
        t.partitions.map((p) => [p.partitionIndex, p.committedOffset]),
      ]),
      [
        [
          topics[0],
          [
            [0, 10n],
            [1, 10n],
          ],
        ],
      ],
    )
  })

  test('offsets of a topic are deleted once nobody reads it', async () => {
    await using scene = new Scene(stage)
    const { groupId, topics } = await groupOf(scene, 'delete-offsets')
    const [name = ''] = topics
    const asked = { groupId, topics: [{ name, partitionIndexes: [0] }] }
    await assert.rejects(admin.deleteConsumerGroupOffsets(asked))
    await scene.leave('delete-offsets')
    await admin.deleteConsumerGroupOffsets(asked)
    assert.deepEqual([...(await stage.committed(groupId, name)).keys()], [`${name}-1`])
  })

  test('a group is deleted once it is empty, and its offsets with it', async () => {
    await using scene = new Scene(stage)
    const { groupId, topics } = await groupOf(scene, 'delete')
    await assert.rejects(stage.admin.deleteGroups([groupId]))
    await scene.leave('delete')
    const gone = async () =>
      await stage.admin.deleteGroups([groupId]).then(
        () => true,
        () => false,
      )
    await scene.ledger.until('the group to be deleted', patienceMs, gone)
    assert.equal((await stage.committed(groupId, topics[0] ?? '')).size, 0)
    assert.equal((await admin.listGroups({ types: ['classic', 'consumer'] })).has(groupId), false)
    await assert.rejects(stage.admin.deleteGroups([groupId]), 'it is gone')
  })

  test('a member can be removed by an administrator, and comes back', async () => {
    await using scene = new Scene(stage)
    const { groupId } = await groupOf(scene, 'remove')
    const before = [
      ...((await admin.describeGroups({ groups: [groupId] })).get(groupId)?.members.keys() ?? []),
    ]
    assert.equal(before.length, 1)
    await admin.removeMembersFromConsumerGroup({
      groupId,
      members: before.map((memberId) => ({ memberId })),
    })
    await scene.ledger.until('another member id', patienceMs, async () => {
      const group = (await admin.describeGroups({ groups: [groupId] })).get(groupId)
      const [now] = group?.members.keys() ?? []
      return group?.state === 'Stable' && now !== undefined && now !== before[0]
    })
  })
})
