/** @platformatic/kafka in a group, by either protocol. It pauses whole streams only, rests while a
 *  rebalance lasts, and may take twice what its stream holds then. */

import { Consumer, type GroupAssignment, type Message } from '@platformatic/kafka'
import {
  type Member,
  type MemberNews,
  type MemberOptions,
  type MemberTraits,
  monotonicMs,
  type OpenMember,
  type Place,
  type TakenRecord,
  type Tell,
} from '../groups/member.ts'

export const platformaticMemberTraits: MemberTraits = {
  name: '@platformatic/kafka, classic',
  protocol: 'classic',
  patterns: false,
  pauses: false,
  seeks: false,
  statics: true,
  returns: 'after-kill',
  yields: false,
  cooperative: false,
  refusesReset: true,
  exact: false,
  tellsOwners: true,
}

/** When it is fenced it joins anew as somebody else (classic), and by the consumer protocol it does not say which partitions came or went. */
export const platformaticConsumerTraits: MemberTraits = {
  ...platformaticMemberTraits,
  name: '@platformatic/kafka, consumer protocol',
  protocol: 'consumer',
  yields: true,
  returns: false,
  tellsOwners: false,
}

/** How often it looks whether its assignment is another, where it does not say so. */
const lookIntervalMs = 20
const cooperativeProtocol = [{ name: 'cooperative-sticky', version: 3 }]

export const openPlatformaticMember: OpenMember = (bootstrap, options, tell) =>
  openMember('classic', bootstrap, options, tell)

export const openPlatformaticConsumer: OpenMember = (bootstrap, options, tell) =>
  openMember('consumer', bootstrap, options, tell)

type ByteConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>

function consumerOf(
  groupProtocol: 'classic' | 'consumer',
  bootstrap: string,
  options: MemberOptions,
): ByteConsumer {
  const { groupId, instanceId, cooperative = false } = options
  const common = {
    groupId,
    clientId: 'platformatic-member',
    bootstrapBrokers: [bootstrap],
    maxWaitTime: 50,
    retries: 200,
    retryDelay: 50,
    ...(instanceId !== undefined && { groupInstanceId: instanceId }),
  }
  // It wants it to be no less than the session timeout, in the consumer protocol its default.
  if (groupProtocol === 'consumer')
    return new Consumer({ ...common, groupProtocol, rebalanceTimeout: 60_000 })
  const sessionTimeout = options.sessionTimeoutMs ?? 10_000
  return new Consumer({
    ...common,
    sessionTimeout,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
    ...(cooperative && { protocols: cooperativeProtocol }),
  })
}

async function openMember(
  groupProtocol: 'classic' | 'consumer',
  bootstrap: string,
  options: MemberOptions,
  tell: Tell,
): Promise<Member> {
  const say = (news: MemberNews): void => tell({ ...news, atMs: monotonicMs() })
  const consumer = consumerOf(groupProtocol, bootstrap, options)
  const held = new Holding(say)
  const cooperative = options.cooperative ?? false
  consumer.on('consumer:group:rebalance', () =>
    cooperative ? held.become(consumer.assignments, 'revoked') : held.become([], 'revoked'),
  )
  consumer.on('consumer:group:join', () => held.become(consumer.assignments, 'lost'))
  consumer.on('error', (error: Error) => say({ type: 'failed', error: causesOf(error) }))
  const look = setInterval(() => {
    if (groupProtocol === 'consumer') held.become(consumer.assignments, 'revoked')
  }, lookIntervalMs)
  const stream = await consumer
    .consume({
      topics: [...options.topics],
      mode: 'committed',
      fallbackMode: options.reset === 'none' ? 'fail' : options.reset,
      autocommit: options.commits === 'by-hand' ? false : options.commits === 'always' ? true : 50,
    })
    .catch(async (error: Error) => {
      clearInterval(look)
      await consumer.close(true)
      throw error
    })
  // Commits by hand go through the last message of each partition, as the library has it.
  const last = new Map<string, Message<Buffer, Buffer, Buffer, Buffer>>()
  stream.on('data', (message) => {
    say({ type: 'records', records: [recordOf(message)] })
    last.set(`${message.topic}-${message.partition}`, message)
  })
  stream.on('autocommit', (error, offsets) => {
    if (error === null)
      say({
        type: 'committed',
        offsets: offsets.map((o) => [o.topic, o.partition, Number(o.offset)]),
      })
  })
  let closing = false
  stream.on('error', (error) => {
    // Its own fetch, cut off by its own close.
    if (!closing) say({ type: 'failed', error: causesOf(error) })
  })
  return {
    async commit() {
      await Promise.all([...last.values()].map((message) => message.commit()))
    },
    pause: () => Promise.reject(new Error('it pauses whole streams only')),
    resume: () => Promise.reject(new Error('it pauses whole streams only')),
    seek: () => Promise.reject(new Error('it cannot seek')),
    async close() {
      closing = true
      clearInterval(look)
      await stream.close()
      held.become([], 'revoked')
      await consumer.close(true)
    },
  }
}

/** The partitions held, told as differences. */
class Holding {
  readonly #say: (news: MemberNews) => void
  #places: readonly Place[] = []

  constructor(say: (news: MemberNews) => void) {
    this.#say = say
  }

  become(assignments: readonly GroupAssignment[] | null, loss: 'revoked' | 'lost'): void {
    const next = (assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition): Place => [topic, partition]),
    )
    const gone = without(this.#places, next)
    const gained = without(next, this.#places)
    this.#places = next
    if (gone.length > 0) this.#say({ type: loss, places: gone })
    if (gained.length > 0) this.#say({ type: 'assigned', places: gained })
  }
}

function without(places: readonly Place[], others: readonly Place[]): Place[] {
  return places.filter(
    ([topic, partition]) => !others.some((o) => o[0] === topic && o[1] === partition),
  )
}

function recordOf(message: Message<Buffer, Buffer, Buffer, Buffer>): TakenRecord {
  const text = (bytes: Buffer | null | undefined): string | null =>
    bytes?.toString('base64') ?? null
  return {
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    key: text(message.key),
    value: text(message.value),
    headers: [...message.headers].map(([name, value]) => [`${name}`, text(value)]),
  }
}

/** Its errors name the broker's only in those that caused them. */
function causesOf(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors : []
  const cause = error.cause instanceof Error ? [error.cause] : []
  const kind = 'apiId' in error ? ` ${error.apiId}` : ''
  return [`${error.message}${kind}`, ...[...inner, ...cause].map(causesOf)].join(' / ')
}
