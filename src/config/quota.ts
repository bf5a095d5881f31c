import { config, double, int, long } from './declare.ts'
import { INT_MAX, LONG_MAX } from './value-text.ts'

/** Quotas of users and client ids (KIP-13, KIP-124, KIP-599). */
export const clientQuotaConfig = config({
  producer_byte_rate: long({
    default: LONG_MAX,
    status: 'accepted',
    doc: 'Bytes per second a client may produce.',
  }),
  consumer_byte_rate: long({
    default: LONG_MAX,
    status: 'accepted',
    doc: 'Bytes per second a client may consume.',
  }),
  request_percentage: double({
    default: INT_MAX,
    status: 'accepted',
    doc: 'Share of the time of one worker that the requests of a client may take, in percent.',
  }),
  controller_mutation_rate: double({
    default: INT_MAX,
    status: 'accepted',
    doc: 'Partitions per second a client may create or delete.',
  }),
})

/** Quotas of addresses (KIP-612). */
export const ipQuotaConfig = config({
  connection_creation_rate: int({
    default: INT_MAX,
    min: 0,
    status: 'accepted',
    doc: 'Connections per second one address may open.',
  }),
})

/** Quotas of a broker. They are no part of a file: only a running broker takes them (KIP-73). */
export const brokerQuotaConfig = config({
  'leader.replication.throttled.rate': long({
    default: LONG_MAX,
    min: 0,
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Bytes per second a leader sends to throttled followers.',
  }),
  'follower.replication.throttled.rate': long({
    default: LONG_MAX,
    min: 0,
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Bytes per second a throttled follower fetches.',
  }),
  'replica.alter.log.dirs.io.max.bytes.per.second': long({
    default: LONG_MAX,
    min: 0,
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Bytes per second of moves between data directories.',
  }),
})
