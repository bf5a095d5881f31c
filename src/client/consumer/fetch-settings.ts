import type { ConsumerConfig } from '../../config/consumer.ts'

/** What the configuration says about fetching. */
export interface FetchSettings {
  /** Of one answer, and of all that may wait in memory: beyond it nothing is asked for. */
  readonly maxBytes: number
  readonly partitionMaxBytes: number
  readonly minBytes: number
  readonly maxWaitMs: number
  readonly checksCrcs: boolean
  readonly isCommittedOnly: boolean
  /** Empty: leaders are read. */
  readonly rack: string
  /** How long a replica that the leader named is preferred to it (KIP-392). */
  readonly preferenceMs: number
}

export function fetchSettings(config: ConsumerConfig): FetchSettings {
  return {
    maxBytes: config['fetch.max.bytes'],
    partitionMaxBytes: config['max.partition.fetch.bytes'],
    minBytes: config['fetch.min.bytes'],
    maxWaitMs: config['fetch.max.wait.ms'],
    checksCrcs: config['check.crcs'],
    isCommittedOnly: config['isolation.level'] === 'read_committed',
    rack: config['client.rack'],
    preferenceMs: config['metadata.max.age.ms'],
  }
}
