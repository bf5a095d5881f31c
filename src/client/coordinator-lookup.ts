import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { errorName } from '../protocol/errors.ts'
import type { RequestInput, ResponseOf } from '../protocol/schema.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerInfo } from './cluster-image.ts'
import { clientError } from './errors.ts'

/** What a coordinator is for, with Kafka's number of it. */
export const coordinatorKinds = { group: 0, transaction: 1, share: 2 } as const

export type CoordinatorKind = keyof typeof coordinatorKinds

/** The first version that asks for several keys at once (KIP-699). */
const FIRST_WITH_KEYS = 4
/** The first version that says what kind of key it is. */
const FIRST_WITH_KIND = 1
/** The first version that knows share partitions (KIP-932). */
const FIRST_WITH_SHARE = 6

/** Which broker coordinates which group or transactional id, remembered until it proves wrong. */
export class CoordinatorLookup {
  readonly #cluster: Cluster
  readonly #known = new Map<string, BrokerInfo>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /**
   * The coordinator of a group or transactional id, asked for if need be.
   * @param deadlineMs on the monotonic clock.
   * @throws RetriableError when none is found in time; ClientError as GROUP_AUTHORIZATION_FAILED.
   */
  async find(
    kind: CoordinatorKind,
    key: string,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<BrokerInfo> {
    const known = this.#known.get(nameOf(kind, key))
    if (known !== undefined) return known
    const found = await this.#cluster.persist(
      findCoordinator.name,
      deadlineMs,
      signal,
      async () => {
        const connection = await this.#cluster.to('any', deadlineMs, signal)
        const response = await connection.ask(findCoordinator, requestFor(connection, kind, key), {
          signal,
        })
        return coordinatorIn(response, key, connection)
      },
    )
    this.#known.set(nameOf(kind, key), found)
    return found
  }

  /**
   * A connection to the coordinator, of its own: what waits there for long must not keep heartbeats
   * and commits from their turn.
   */
  async connect(
    kind: CoordinatorKind,
    key: string,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<BrokerConnection> {
    const broker = await this.find(kind, key, deadlineMs, signal)
    try {
      return await this.#cluster.pool.connect(broker, broker.nodeId, 'coordinator')
    } catch (error) {
      this.forget(kind, key)
      throw error
    }
  }

  /** It proved wrong: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, or out of reach. */
  forget(kind: CoordinatorKind, key: string): void {
    this.#known.delete(nameOf(kind, key))
  }
}

function nameOf(kind: CoordinatorKind, key: string): string {
  return `${kind} ${key}`
}

function requestFor(
  connection: BrokerConnection,
  kind: CoordinatorKind,
  key: string,
): RequestInput<typeof findCoordinator> {
  const version = connection.requireVersion(findCoordinator)
  const least = kind === 'share' ? FIRST_WITH_SHARE : kind === 'group' ? 0 : FIRST_WITH_KIND
  if (version < least) {
    const detail = `the broker knows no coordinators of kind ${kind}.`
    throw clientError('UNSUPPORTED_VERSION', connection.place(findCoordinator), detail)
  }
  const keyType = coordinatorKinds[kind]
  if (version >= FIRST_WITH_KEYS) return { keyType, coordinatorKeys: [key] }
  return version >= FIRST_WITH_KIND ? { key, keyType } : { key }
}

function coordinatorIn(
  response: ResponseOf<typeof findCoordinator>,
  key: string,
  connection: BrokerConnection,
): BrokerInfo {
  const found = response.coordinators.find((each) => each.key === key) ?? response
  const error = errorName(found.errorCode)
  const place = connection.place(findCoordinator)
  if (error !== 'NONE') {
    throw clientError(error, place, found.errorMessage || null)
  }
  if (found.host === '') throw clientError('COORDINATOR_NOT_AVAILABLE', place)
  return { nodeId: found.nodeId, host: found.host, port: found.port, rack: null }
}
