/** A feature as ApiVersions reports it (KIP-584). */
export interface Feature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** What the cluster runs at; 0: off. */
  readonly level: number
}

/**
 * The features of Kafka that this broker has, and no others. `metadata.version` says which Kafka
 * release's behaviour to expect (30: 4.3), `group.version` 1 that groups of the consumer protocol are
 * served (KIP-848); `kraft.version`, share, streams and transaction levels belong to parts that report
 * them when they are served.
 */
export const supportedFeatures: readonly Feature[] = [
  { name: 'group.version', minVersion: 0, maxVersion: 1, level: 1 },
  { name: 'metadata.version', minVersion: 7, maxVersion: 30, level: 30 },
]
