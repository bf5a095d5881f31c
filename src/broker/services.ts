import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { LogManager } from '../log/log-manager.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import type { ConnectionInfo } from '../network/connection.ts'
import type { Partitions } from '../replication/partitions.ts'
import type { AutoCreation } from './auto-creation.ts'
import type { FetchSessions } from './fetch/fetch-sessions.ts'
import type { ParkedFetches } from './fetch/parked-fetches.ts'
import type { Groups } from './groups.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { ServedRange } from './served-apis.ts'
import type { Settings } from './settings.ts'

/** Where clients of one connection reach a broker. */
export interface Endpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** The parts of a running broker that request handlers work with. */
export interface BrokerServices {
  readonly nodeId: number
  readonly environment: Environment
  readonly logger: Logger
  readonly metadata: MetadataStore
  readonly partitions: Partitions
  readonly logs: LogManager
  readonly settings: Settings
  /** What ApiVersions offers. */
  readonly served: readonly ServedRange[]
  readonly fetchSessions: FetchSessions
  readonly parkedFetches: ParkedFetches
  readonly producerIds: ProducerIds
  readonly autoCreation: AutoCreation
  readonly groups: Groups
  /** The brokers as this connection's listener advertises them. */
  readonly endpoints: (connection: ConnectionInfo) => readonly Endpoint[]
}
