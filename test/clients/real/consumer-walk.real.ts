import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { checkConsumerCommit } from '../../../src/group/consumer/commit-check.ts'
import { TestCoordinator } from '../../../src/group/consumer/coordinator-for-test.ts'
import { describeConsumer } from '../../../src/group/consumer/describe.ts'
import { decodeGroupRecord } from '../../../src/group/record-codec.ts'
import type { ConsumerGroupRecord, GroupRecord } from '../../../src/group/records.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { deleteTopics } from '../../../src/protocol/api/20-delete-topics.ts'
import { createPartitions } from '../../../src/protocol/api/37-create-partitions.ts'
import { consumerGroupHeartbeat } from '../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../src/protocol/api/69-consumer-group-describe.ts'
import { errors, KafkaError } from '../../../src/protocol/errors.ts'
import { ZERO_UUID } from '../../../src/protocol/primitives.ts'
import type { RequestOf } from '../../../src/protocol/schema.ts'
import { batchSizeBytes } from '../../../src/records/batch.ts'
import { recordsOf } from '../../../src/records/records.ts'
import type { Broker } from '../broker.ts'
import { noOracle, startOracle } from '../oracle.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, fetchOnce, findGroup } from '../raw/requests.ts'
import { uniqueTopic } from '../support.ts'

const skip = await noOracle()
const SEEDS = 40
const STEPS = 120
/** Steps in which a topic changes. */
const TOPIC_COMES = 30
const TOPIC_GROWS = 60
const TOPIC_GOES = 90
/** Time that Kafka is given to hear of it. */
const METADATA_MS = 500
const OFFSETS_TOPIC = '__consumer_offsets'
const MAX_BATCH_BYTES = 64 * 1024 * 1024
/** Members with their instance ids: of two with the same one, one takes the other's place. */
const instances: Readonly<Record<string, string | null>> = {
  a: null,
  b: null,
  c: null,
  d1: 'one',
  d2: 'one',
  e1: 'two',
  e2: 'two',
}
const MEMBERS = Object.keys(instances)
const PARTITIONS = [5, 3, 1]

interface Topic {
  readonly name: string
  readonly topicId: string
  readonly count: number
}

type Heartbeat = RequestOf<typeof consumerGroupHeartbeat>
type Named = readonly { readonly topicId: string; readonly partitions: readonly number[] }[]

describe('members that heartbeat at random are answered as Kafka answers them', { skip }, () => {
  let broker: Broker
  let connection: RawConnection
  const topics: Topic[] = []
  before(async () => {
    // Nothing may depend on how fast the walk is.
    const config = {
      'group.consumer.assignment.interval.ms': '0',
      'offsets.topic.num.partitions': '1',
    }
    broker = await startOracle({ config })
    connection = await RawConnection.open(broker.bootstrap)
    for (const count of PARTITIONS) {
      const name = uniqueTopic('walk')
      topics.push({ name, count, ...(await createTopic(connection, name, count)) })
    }
    await findGroup(connection, 'nobody')
  })
  after(async () => {
    connection?.close()
    await broker?.[Symbol.asyncDispose]()
  })

  for (let seed = 1; seed <= SEEDS; seed++) {
    test(`seed ${seed}`, async () => {
      const walk = new Walk(seed, topics)
      for (let step = 0; step < STEPS; step++) {
        await walk.changeTopic(connection, step)
        await walk.step(connection, step)
      }
      await walk.compareDescriptions(connection)
      await walk.compareRecords(connection)
    })
  }
})

/** One group here and one at Kafka, asked the same. */
class Walk {
  readonly #groupId: string
  readonly #late: string
  #lateId = ''
  readonly #topics: readonly Topic[]
  readonly #ours: TestCoordinator
  readonly #below: (limit: number) => number
  /** What each member was last told. */
  readonly #epochs = new Map<string, number>()
  readonly #given = new Map<string, Named>()

  constructor(seed: number, topics: readonly Topic[]) {
    this.#groupId = `${uniqueTopic('walk-group')}-${seed}`
    this.#topics = topics
    this.#late = uniqueTopic(`walk-late-${seed}`)
    this.#ours = new TestCoordinator({}, { group: { 'consumer.assignment.interval.ms': 0 } })
    for (const { name, topicId, count } of topics) this.#ours.setTopic(name, count, topicId)
    this.#below = seededRandom(seed).below
  }

  /** A topic of this walk alone comes, grows and goes. */
  async changeTopic(connection: RawConnection, step: number): Promise<void> {
    const name = this.#late
    if (step === TOPIC_COMES) {
      const { topicId } = await createTopic(connection, name, 2)
      this.#lateId = topicId
      this.#ours.setTopic(name, 2, topicId)
    } else if (step === TOPIC_GROWS) {
      const topics = [{ name, count: 4, assignments: null }]
      const request = { topics, timeoutMs: 10_000, validateOnly: false }
      await connection.ask(createPartitions, 3, request)
      this.#ours.setTopic(name, 4, this.#lateId)
    } else if (step === TOPIC_GOES) {
      const topics = [{ name, topicId: ZERO_UUID }]
      await connection.ask(deleteTopics, 6, { topics, timeoutMs: 10_000 })
      this.#ours.setTopic(name, 0)
    } else return
    await setTimeout(METADATA_MS)
  }

  async step(connection: RawConnection, step: number): Promise<void> {
    if (this.#below(6) === 0) await this.#commit(connection, step)
    else await this.#beat(connection, step)
  }

  async #beat(connection: RawConnection, step: number): Promise<void> {
    const request = this.#heartbeat()
    const theirs = await connection.ask(consumerGroupHeartbeat, 1, request)
    const { groupId, memberId, memberEpoch, ...more } = request
    const ours = answered(() => this.#ours.heartbeat(memberId, memberEpoch, more))
    const where = `step ${step}: ${JSON.stringify(request)}`
    assert.deepEqual(comparable(ours), comparable(theirs), where)
    if (theirs.errorCode !== 0) return
    this.#epochs.set(memberId, theirs.memberEpoch)
    if (theirs.assignment) this.#given.set(memberId, theirs.assignment.topicPartitions)
  }

  async #commit(connection: RawConnection, step: number): Promise<void> {
    const memberId = this.#one(MEMBERS)
    const { name, topicId, count } = this.#one(this.#topics)
    const memberEpoch = this.#epoch(memberId)
    const partition = this.#below(count)
    const sender = { memberId, memberEpoch, instanceId: null, isTransactional: false }
    const { group } = this.#ours
    if (group === undefined) return
    const ours = answered(() => {
      checkConsumerCommit(group, { ...sender, apiVersion: 9 })({ name, topicId }, partition)
      return { errorCode: 0 }
    })
    const theirs = await connection.ask(offsetCommit, 9, {
      groupId: this.#groupId,
      memberId,
      generationIdOrMemberEpoch: memberEpoch,
      groupInstanceId: null,
      topics: [
        {
          name,
          partitions: [{ partitionIndex: partition, committedOffset: 1, committedMetadata: '' }],
        },
      ],
    })
    const code = theirs.topics[0]?.partitions[0]?.errorCode
    assert.equal(ours.errorCode, code, `step ${step}: ${memberId} commits in ${memberEpoch}`)
  }

  async compareDescriptions(connection: RawConnection): Promise<void> {
    const { group, world } = this.#ours
    if (group === undefined) return
    const question = { groupIds: [this.#groupId], includeAuthorizedOperations: false }
    const { groups } = await connection.ask(consumerGroupDescribe, 1, question)
    const ours = describeConsumer(group, world)
    const fixed = { groupId: '', authorizedOperations: 0, errorMessage: null, assignorName: '' }
    const plain = (described: typeof ours) => ({
      ...described,
      ...fixed,
      members: described.members
        .map((member) => ({
          ...member,
          clientId: '',
          subscribedTopicNames: member.subscribedTopicNames.toSorted(),
          assignment: inOrder(member.assignment.topicPartitions),
          targetAssignment: inOrder(member.targetAssignment.topicPartitions),
        }))
        .toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1)),
    })
    assert.deepEqual(plain(ours), plain(groups[0]!))
  }

  /** Kafka wrote the same in the same order, save for the order within a target. */
  async compareRecords(connection: RawConnection): Promise<void> {
    const theirs: ConsumerGroupRecord[] = []
    for (let at = 0; ; ) {
      const { records } = await fetchOnce(connection, OFFSETS_TOPIC, 0, at)
      if (records.length === 0) break
      for (let from = 0; from < records.length; from += batchSizeBytes(records, from)) {
        for (const { offset, key, value } of recordsOf(records, from, MAX_BATCH_BYTES)) {
          at = offset + 1
          const record = key === null ? undefined : decodeGroupRecord({ key, value })
          if (record !== undefined && isOfGroup(record, this.#groupId)) theirs.push(record)
        }
      }
    }
    assert.deepEqual(written(this.#ours.records), written(theirs))
  }

  #heartbeat(): Heartbeat {
    const memberId = this.#one(MEMBERS)
    const memberEpoch = this.#epoch(memberId)
    const joins = memberEpoch === 0
    const says = (): boolean => joins || this.#below(4) === 0
    return {
      groupId: this.#groupId,
      memberId,
      memberEpoch,
      instanceId: !joins && this.#below(25) === 0 ? null : (instances[memberId] ?? null),
      rackId: this.#below(20) === 0 ? 'rack' : null,
      rebalanceTimeoutMs: says() ? 60_000 : -1,
      subscribedTopicNames: says() ? this.#names() : null,
      subscribedTopicRegex: null,
      serverAssignor: this.#below(15) === 0 ? this.#one(['uniform', 'range', 'other']) : null,
      topicPartitions: joins ? [] : this.#owned(memberId),
    }
  }

  /** Most often the one that it was told. */
  #epoch(memberId: string): number {
    const known = this.#epochs.get(memberId) ?? 0
    const choice = this.#below(30)
    if (choice === 0) return -1
    if (choice < 3) return -2
    if (choice === 3) return 0
    if (choice < 6) return known - 1
    return choice === 6 ? known + 1 : known
  }

  /** Most often what it was given. */
  #owned(memberId: string): Named | null {
    const given = this.#given.get(memberId) ?? []
    const choice = this.#below(6)
    if (choice < 2) return null
    if (choice === 2) return given.slice(this.#below(2))
    if (choice > 3) return given
    const part = (partitions: readonly number[]) => partitions.filter(() => this.#below(3) > 0)
    return given.map(({ topicId, partitions }) => ({ topicId, partitions: part(partitions) }))
  }

  #names(): readonly string[] {
    const names = this.#topics.map(({ name }) => name).filter(() => this.#below(3) > 0)
    return this.#below(2) === 0 ? [...names, this.#late] : names
  }

  #one<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)]!
  }
}

interface Answer {
  readonly errorCode: number
  readonly memberId?: string | null | undefined
  readonly memberEpoch?: number
  readonly heartbeatIntervalMs?: number
  readonly assignment?: { readonly topicPartitions: Named } | null | undefined
}

function answered(act: () => Answer): Answer {
  try {
    return act()
  } catch (error) {
    if (error instanceof KafkaError) return { errorCode: errors[error.error].code }
    throw error
  }
}

/** Of a refusal only the code. */
function comparable(answer: Answer): object {
  const { errorCode, memberId, memberEpoch, heartbeatIntervalMs, assignment } = answer
  if (errorCode !== 0) return { errorCode }
  const given = assignment ? inOrder(assignment.topicPartitions) : null
  return { errorCode, memberId, memberEpoch, heartbeatIntervalMs, given }
}

function inOrder(named: Named): object {
  return named
    .map(({ topicId, partitions }) => `${topicId}: ${partitions.toSorted((a, b) => a - b)}`)
    .toSorted()
}

function isOfGroup(record: GroupRecord, groupId: string): record is ConsumerGroupRecord {
  const { type, key } = record
  return type !== 'offset' && type !== 'classic-group' && key.groupId === groupId
}

/** Records without what is of this run alone; targets that were written together in order, and none
 *  twice, as Kafka does for a member that took another's place. */
function written(records: readonly ConsumerGroupRecord[]): readonly string[] {
  const lines: string[] = []
  const targets = new Map<string, string>()
  for (const { type, key, value } of records) {
    const name = `${type} ${JSON.stringify({ ...key, groupId: '' })}`
    const line = `${name} ${JSON.stringify(plain(value))}`
    const isTarget = type === 'consumer-target-member'
    if (isTarget && targets.get(name) === line) continue
    if (isTarget) targets.set(name, line)
    let at = lines.length
    while (isTarget && lines[at - 1]?.startsWith(type) && lines[at - 1]! > line) at -= 1
    lines.splice(at, 0, line)
  }
  return lines
}

/** Without times and clients; partitions and topics in order. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (Array.isArray(value)) {
    return value.map(plain).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  const { assignmentTimestamp, clientId, partitions, assignmentEpochs, ...rest } = {
    ...value,
  } as Readonly<Record<string, unknown>>
  const given = Array.isArray(partitions)
    ? { partitions: withEpochs(partitions, assignmentEpochs) }
    : {}
  return { ...Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, plain(v)])), ...given }
}

function withEpochs(partitions: readonly unknown[], epochs: unknown): readonly string[] {
  const at = (index: number) => (Array.isArray(epochs) ? `@${epochs[index]}` : '')
  return partitions.map((partition, index) => `${partition}${at(index)}`).toSorted()
}
