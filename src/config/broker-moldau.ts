import { boolean, int, long } from './declare.ts'

const MIB = 2 ** 20

/** Keys that only Moldau has: limits that Kafka leaves to the JVM or does not set at all. */
export const brokerMoldauKeys = {
  'moldau.tail.cache.bytes': long({
    default: 64 * MIB,
    min: 0,
    doc:
      'Memory for the newest batches of all partitions, from which readers near the end are ' +
      'served.',
  }),
  'moldau.trust.compressed.batches': boolean({
    default: false,
    update: 'cluster-wide',
    doc:
      'Takes compressed batches by their header and CRC without looking inside, where no setting ' +
      'of the topic needs it. Faster, for producers that are known to be right.',
  }),
  'moldau.max.partitions': int({
    default: 200_000,
    min: 1,
    update: 'cluster-wide',
    doc: 'Partitions the cluster may have in all; topics beyond it are refused.',
  }),
  'moldau.first.request.timeout.ms': int({
    default: 10_000,
    min: 1,
    doc: 'How long a new connection may take to send its first valid request before it is closed.',
  }),
  'moldau.first.request.max.bytes': int({
    default: MIB,
    min: 1024,
    doc: 'Largest frame of a connection that has not sent a valid request yet.',
  }),
  'moldau.slow.reader.timeout.ms': int({
    default: 30_000,
    min: 1,
    doc: 'How long a peer may read nothing while answers wait for it before it is closed.',
  }),
  'moldau.max.response.queue.bytes': long({
    default: 64 * MIB,
    min: MIB,
    doc: 'Bytes of answers one connection may have waiting before its requests are no longer read.',
  }),
  'moldau.max.inflight.requests.per.connection': int({
    default: 64,
    min: 1,
    max: 10_000,
    doc: 'Requests of one connection in work before its further requests are no longer read.',
  }),
}
