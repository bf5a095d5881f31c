/** How a bad request is written down: what is sent, in which versions, and what of the answer counts. */

import type { Api, Fields, Read, Write } from '../../../../src/protocol/schema.ts'
import { Closed, type RawConnection } from '../../raw/connection.ts'

/** What the requests talk about; the same names on every broker. */
export interface World {
  /** Two partitions; the first has 10 records from time `timeMs` on, one ms apart. */
  readonly topic: string
  readonly topicId: string
  readonly timeMs: number
  /** Compacted, one partition. */
  readonly compacted: string
  /** One partition, nothing in it, for requests that write. Each row takes its own. */
  readonly fresh: string
  readonly freshId: string
  readonly brokerId: number
}

/** One request that a broker refuses, or one at the border of being refused. */
export interface BadRequest {
  readonly name: string
  /** Answers with what is compared. */
  readonly send: (connection: RawConnection, world: World) => Promise<unknown>
}

/** A topic id that no broker has given. */
export const unknownId = 'NoSuchTopicIdAtAll_12A'

/**
 * Rows of one API.
 * @param usual the version that is asked for where a row names none.
 */
export function rowsOf<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  usual: number,
): (
  name: string,
  request: (world: World, version: number) => Write<Q>,
  versions?: readonly number[],
) => BadRequest[] {
  return (name, request, versions = [usual]) =>
    versions.map((version) => ({
      name: `${api.name} v${version}: ${name}`,
      send: async (connection, world) =>
        await connection.ask(api, version, request(world, version)).then(comparable, closedOr),
    }))
}

/** A row of several requests whose answers are compared one by one. */
export function steps(
  name: string,
  send: (connection: RawConnection, world: World) => Promise<readonly unknown[]>,
): BadRequest {
  return {
    name,
    send: async (connection, world) => await send(connection, world).then(comparable, closedOr),
  }
}

function closedOr(error: unknown): string {
  if (error instanceof Closed) return 'the connection is closed'
  throw error
}

/** Fields whose values are the broker's own: ids, addresses, times, words. */
const ownValues = new Set(
  (
    'throttleTimeMs errorMessage batchIndexErrorMessage leaderId nodeId brokerId controllerId clusterId ' +
    'host port topicId sessionId logAppendTimeMs producerId lastTimestamp configs logDir totalBytes ' +
    'usableBytes nodeEndpoints apiKeys supportedFeatures finalizedFeatures finalizedFeaturesEpoch ' +
    'zkMigrationReady replicaNodes isrNodes'
  ).split(' '),
)

/** The part of an answer that every broker gives alike. */
function comparable(answer: unknown): unknown {
  if (Array.isArray(answer)) return inOrder(answer.map(comparable))
  if (answer instanceof Uint8Array) return `${answer.length > 0 ? 'some' : 'no'} records`
  if (typeof answer !== 'object' || answer === null) return answer
  const fields = Object.entries(answer).filter(([name]) => !ownValues.has(name))
  return Object.fromEntries(fields.map(([name, value]) => [name, formOf(name, comparable(value))]))
}

/** Groups come in the order of the partitions they belong to, members in that of their ids, some of
 *  which are made up: neither is a promise. */
function inOrder(items: readonly unknown[]): readonly unknown[] {
  return items.toSorted((a, b) => idOf(a).localeCompare(idOf(b)))
}

function idOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return ''
  if ('groupId' in item) return String(item.groupId)
  return 'memberId' in item && !('errorCode' in item) ? String(item.memberId) : ''
}

/** Of ids that brokers make up only their form is the same. */
function formOf(name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/^(?:memberId|leader)$/.test(name)) return value
  return value
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'UUID')
    .replace(/^[\w-]{22}$/, 'ID')
}

/** The answer of any API, for rows that look at nothing else. */
export type Answer<A extends Fields> = Read<A>
