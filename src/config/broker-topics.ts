import { boolean, int, oneOf } from './declare.ts'
import { compressionTypes } from './topic.ts'

/** What a topic gets when nobody says otherwise, and what clients may do with topics. */
export const brokerTopicsKeys = {
  'auto.create.topics.enable': boolean({
    default: true,
    importance: 'high',
    doc: 'Whether asking for a topic that does not exist creates it.',
  }),
  'delete.topic.enable': boolean({
    default: true,
    importance: 'high',
    doc: 'Whether topics may be deleted.',
  }),
  'num.partitions': int({
    default: 1,
    min: 1,
    doc: 'Partitions of a topic created without a count.',
  }),
  'default.replication.factor': int({
    default: 1,
    doc: 'Replicas of a topic created without a count.',
  }),
  'min.insync.replicas': int({
    default: 1,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Replicas that must be in sync for acks=all; the default of the topic key of that name.',
  }),
  'unclean.leader.election.enable': boolean({
    default: false,
    importance: 'high',
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Whether a replica out of sync may lead; the default of the topic key of that name.',
  }),
  'compression.type': oneOf(compressionTypes, {
    default: 'producer',
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Codec of stored batches; the default of the topic key of that name.',
  }),
  'compression.gzip.level': int({
    default: -1,
    min: 1,
    max: 9,
    special: -1,
    update: 'cluster-wide',
    doc: 'Effort of gzip; the default of the topic key of that name.',
  }),
  'compression.lz4.level': int({
    default: 9,
    min: 1,
    max: 17,
    update: 'cluster-wide',
    doc: 'Effort of lz4; the default of the topic key of that name.',
  }),
  'compression.zstd.level': int({
    default: 3,
    min: -131_072,
    max: 22,
    update: 'cluster-wide',
    doc: 'Effort of zstd; the default of the topic key of that name.',
  }),
  'max.request.partition.size.limit': int({
    default: 2000,
    min: 1,
    doc: 'Most partitions one answer to DescribeTopicPartitions holds.',
  }),
  'fetch.max.bytes': int({
    default: 57_671_680,
    min: 1024,
    doc: 'Most bytes one answer to a fetch holds, unless its first batch is larger.',
  }),
  'max.incremental.fetch.session.cache.slots': int({
    default: 1000,
    min: 0,
    doc: 'Most fetch sessions kept; beyond it old or small ones give way (KIP-227).',
  }),
  'fetch.purgatory.purge.interval.requests': int({
    default: 1000,
    status: 'not-needed',
    doc: 'Waiting fetches after which answered ones are cleared away.',
  }),
  'producer.purgatory.purge.interval.requests': int({
    default: 1000,
    status: 'not-needed',
    doc: 'Waiting produces after which answered ones are cleared away.',
  }),
  'delete.records.purgatory.purge.interval.requests': int({
    default: 1,
    status: 'not-needed',
    doc: 'Waiting deletions after which answered ones are cleared away.',
  }),
  'producer.id.expiration.ms': int({
    default: 86_400_000,
    min: 1,
    importance: 'low',
    update: 'cluster-wide',
    doc: 'How long an idle producer id is remembered; a later retry is no longer recognised.',
  }),
  'producer.id.expiration.check.interval.ms': int({
    default: 600_000,
    min: 1,
    importance: 'low',
    internal: true,
    doc: 'Time between two looks for expired producer ids.',
  }),
}
