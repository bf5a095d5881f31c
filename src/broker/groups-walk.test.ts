/** Members of a few groups that do anything at any time, through a whole broker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../kernel/environment.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import type { Requester } from '../network/requester.ts'
import { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { joinGroup } from '../protocol/api/11-join-group.ts'
import { heartbeat } from '../protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../protocol/api/13-leave-group.ts'
import { syncGroup } from '../protocol/api/14-sync-group.ts'
import { describeGroups } from '../protocol/api/15-describe-groups.ts'
import { deleteGroups } from '../protocol/api/42-delete-groups.ts'
import { consumerGroupHeartbeat } from '../protocol/api/68-consumer-group-heartbeat.ts'
import { type ErrorName, errorName } from '../protocol/errors.ts'
import { consumerProtocolSubscription } from '../protocol/internal/consumer-protocol.ts'
import { encodeVersioned } from '../protocol/stored.ts'
import { TestBroker } from './broker-fixtures-for-test.ts'

const MEMBERS = 6
const STEPS = 300
const LONGEST_STEP_MS = 400
const SESSION_MS = 6_000
/** Longer than any session or rebalance. */
const REST_MS = 60_000
const metadata = encodeVersioned(consumerProtocolSubscription, 3, { topics: ['t', 'u'] })
const protocols = [{ name: 'range', metadata }]

/** Answers that nobody may get of a broker in order, whatever was asked. */
const NEVER: readonly ErrorName[] = ['COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']

/** One connection, one request at a time, of a member that knows no rules. */
class Walker {
  isWaiting = false
  answered = 0
  readonly seen = new Map<ErrorName, number>()
  readonly #connection: Requester
  readonly #random: Random
  #memberId = ''
  #generation = -1
  #epoch = 0

  constructor(connection: Requester, random: Random) {
    this.#connection = connection
    this.#random = random
  }

  async act(): Promise<void> {
    this.isWaiting = true
    const groupId = this.#oneOf('g', 'h')
    const errorCode = await this.#oneOf(
      () => this.#join(groupId),
      () => this.#join(groupId),
      () => this.#sync(groupId),
      () => this.#beat(groupId),
      () => this.#leave(groupId),
      () => this.#commit(groupId),
      () => this.#look(groupId),
      () => this.#heartbeat(groupId),
      () => this.#heartbeat(groupId),
      () => this.#heartbeat(groupId),
    )()
    const error = errorName(errorCode)
    this.seen.set(error, (this.seen.get(error) ?? 0) + 1)
    this.answered += 1
    this.isWaiting = false
  }

  #oneOf<T>(...choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!
  }

  #instance(): string | null {
    return this.#oneOf(null, null, 'i', 'j')
  }

  async #join(groupId: string): Promise<number> {
    const answer = await this.#connection.send(joinGroup, 9, {
      groupId,
      memberId: this.#oneOf('', this.#memberId, this.#memberId, 'nobody'),
      groupInstanceId: this.#instance(),
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: this.#oneOf(1_000, 20_000),
      protocolType: 'consumer',
      protocols,
    })
    if (answer.memberId !== '') this.#memberId = answer.memberId
    this.#generation = answer.generationId
    return answer.errorCode
  }

  async #sync(groupId: string): Promise<number> {
    const assignments = [{ memberId: this.#memberId, assignment: Buffer.from([0, 0]) }]
    const member = { groupId, memberId: this.#memberId, generationId: this.#generation }
    const request = { ...member, groupInstanceId: this.#instance(), assignments }
    return (await this.#connection.send(syncGroup, 5, request)).errorCode
  }

  async #beat(groupId: string): Promise<number> {
    const member = { groupId, memberId: this.#memberId, generationId: this.#generation }
    const request = { ...member, groupInstanceId: this.#instance() }
    return (await this.#connection.send(heartbeat, 4, request)).errorCode
  }

  async #leave(groupId: string): Promise<number> {
    const members = [{ memberId: this.#memberId, groupInstanceId: this.#instance() }]
    return (await this.#connection.send(leaveGroup, 5, { groupId, members })).errorCode
  }

  async #commit(groupId: string): Promise<number> {
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedMetadata: null }]
    const { topics } = await this.#connection.send(offsetCommit, 9, {
      groupId,
      generationIdOrMemberEpoch: this.#oneOf(-1, this.#generation, this.#epoch),
      memberId: this.#oneOf('', this.#memberId),
      topics: [{ name: 't', partitions }],
    })
    return topics[0]!.partitions[0]!.errorCode
  }

  /** What others than members do. */
  async #look(groupId: string): Promise<number> {
    const topics = [{ name: 't', partitionIndexes: [0] }]
    const groups = [{ groupId, topics }]
    if (this.#random.below(4) === 0) {
      const { results } = await this.#connection.send(deleteGroups, 2, { groupsNames: [groupId] })
      return results[0]!.errorCode
    }
    await this.#connection.send(describeGroups, 6, { groups: [groupId] })
    return (await this.#connection.send(offsetFetch, 9, { groups })).groups[0]!.errorCode
  }

  async #heartbeat(groupId: string): Promise<number> {
    const memberEpoch = this.#oneOf(0, 0, this.#epoch, this.#epoch, this.#epoch + 1, -1, -2)
    const isJoining = memberEpoch === 0
    const answer = await this.#connection.send(consumerGroupHeartbeat, 1, {
      groupId,
      memberId: this.#memberId === '' ? 'm' : this.#memberId,
      memberEpoch,
      instanceId: this.#instance(),
      rebalanceTimeoutMs: 5_000,
      subscribedTopicNames: isJoining ? this.#oneOf(['t'], ['t', 'u']) : null,
      topicPartitions: isJoining ? [] : null,
    })
    if (answer.errorCode === 0) this.#epoch = Math.max(0, answer.memberEpoch)
    return answer.errorCode
  }
}

test('whatever members ask in whatever order, each is answered and the broker goes on', async (t) => {
  const first = Number(process.env.SEED ?? 1)
  t.diagnostic(`seeds from ${first}`)
  const seen = new Map<ErrorName, number>()
  for (let seed = first; seed < first + 8; seed++) {
    const config = {
      'offsets.topic.num.partitions': '1',
      'group.initial.rebalance.delay.ms': '100',
    }
    const b = await TestBroker.start({ seed, config })
    for (const topic of ['t', 'u']) await b.createTopic(topic, { partitions: 3 })
    await b.ask(findCoordinator, { coordinatorKeys: ['g'] })
    const random = seededRandom(seed)
    const walkers: Walker[] = []
    while (walkers.length < MEMBERS) walkers.push(new Walker(await b.connect(), random))
    for (let step = 0; step < STEPS; step++) {
      const free = walkers.filter(({ isWaiting }) => !isWaiting)
      void free[random.below(Math.max(1, free.length))]?.act()
      await b.advance(random.below(LONGEST_STEP_MS))
    }
    await b.advance(REST_MS)
    assert.deepEqual(
      walkers.filter(({ isWaiting }) => isWaiting),
      [],
      `seed ${seed}: somebody was not answered`,
    )
    for (const walker of walkers)
      for (const [error, count] of walker.seen) seen.set(error, (seen.get(error) ?? 0) + count)
    await b.stop()
  }
  t.diagnostic([...seen].map(([error, count]) => `${error} ${count}`).join(', '))
  for (const error of NEVER) assert.equal(seen.get(error), undefined, error)
})
