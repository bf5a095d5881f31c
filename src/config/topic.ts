import { boolean, config, double, int, list, long, oneOf, someOf, type Values } from './declare.ts'
import { throttledReplicas } from './rules.ts'
import { LONG_MAX, valueText } from './value-text.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Codecs a topic may ask for. `producer` keeps what the producer chose. */
export const compressionTypes = [
  'uncompressed',
  'zstd',
  'lz4',
  'snappy',
  'gzip',
  'producer',
] as const

/** Whose clock a record's timestamp is. */
export const timestampTypes = ['CreateTime', 'LogAppendTime'] as const

/** What happens to old segments. */
export const cleanupPolicies = ['compact', 'delete'] as const

/**
 * The keys of a topic. A key without a value of its own takes the first of its `brokerSynonyms`
 * that is set, converted to its unit, and only then the default here (`topic-defaults.ts`).
 */
export const topicConfig = config(
  {
    'cleanup.policy': someOf(cleanupPolicies, {
      default: ['delete'],
      brokerSynonyms: ['log.cleanup.policy'],
      doc:
        'What happens to old segments: delete them, compact them to the last record of each ' +
        'key, or both. Empty keeps everything.',
    }),
    'compression.gzip.level': int({
      default: -1,
      min: 1,
      max: 9,
      special: -1,
      brokerSynonyms: ['compression.gzip.level'],
      doc: 'Effort of gzip when compression.type is gzip; -1 leaves it to the codec.',
    }),
    'compression.lz4.level': int({
      default: 9,
      min: 1,
      max: 17,
      brokerSynonyms: ['compression.lz4.level'],
      doc: 'Effort of lz4 when compression.type is lz4.',
    }),
    'compression.type': oneOf(compressionTypes, {
      default: 'producer',
      brokerSynonyms: ['compression.type'],
      doc:
        'Codec the log stores. producer keeps each batch as it came; any other value ' +
        'recompresses batches that came in another codec.',
    }),
    'compression.zstd.level': int({
      default: 3,
      min: -131_072,
      max: 22,
      brokerSynonyms: ['compression.zstd.level'],
      doc: 'Effort of zstd when compression.type is zstd.',
    }),
    'delete.retention.ms': long({
      default: DAY_MS,
      min: 0,
      brokerSynonyms: ['log.cleaner.delete.retention.ms'],
      doc:
        'How long a compacted topic keeps a tombstone after it became cleanable, so that ' +
        'readers behind still see the deletion.',
    }),
    'file.delete.delay.ms': long({
      default: 60_000,
      min: 0,
      brokerSynonyms: ['log.segment.delete.delay.ms'],
      doc:
        'How long a removed segment stays on disk under its .deleted name, for reads that have ' +
        'begun.',
    }),
    'flush.messages': long({
      default: LONG_MAX,
      min: 1,
      brokerSynonyms: ['log.flush.interval.messages'],
      doc:
        'Records after which the log is synced to disk; 1 syncs before every acknowledgement, ' +
        'many producers sharing one sync.',
    }),
    'flush.ms': long({
      default: LONG_MAX,
      min: 0,
      brokerSynonyms: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
      doc: 'Longest time a record stays unsynced.',
    }),
    'follower.replication.throttled.replicas': list({
      default: [],
      rule: throttledReplicas,
      status: 'accepted',
      doc:
        'Replicas whose fetching counts against the replication quota on the follower side; * ' +
        'for all.',
    }),
    'index.interval.bytes': int({
      default: 4096,
      min: 0,
      brokerSynonyms: ['log.index.interval.bytes'],
      doc: 'Bytes of log between two entries of the offset and time indexes.',
    }),
    'internal.segment.bytes': int({
      default: null,
      internal: true,
      doc:
        'Segment size without the lower bound of segment.bytes, for tests that need many ' +
        'segments.',
    }),
    'leader.replication.throttled.replicas': list({
      default: [],
      rule: throttledReplicas,
      status: 'accepted',
      doc:
        'Replicas whose serving counts against the replication quota on the leader side; * for ' +
        'all.',
    }),
    'local.retention.bytes': long({
      default: -2,
      min: -2,
      status: 'accepted',
      brokerSynonyms: ['log.local.retention.bytes'],
      doc: 'Bytes a tiered partition keeps on local disk; -2 takes retention.bytes, -1 keeps all.',
    }),
    'local.retention.ms': long({
      default: -2,
      min: -2,
      status: 'accepted',
      brokerSynonyms: ['log.local.retention.ms'],
      doc:
        'Time a tiered partition keeps segments on local disk; -2 takes retention.ms, -1 keeps ' +
        'all.',
    }),
    'max.compaction.lag.ms': long({
      default: LONG_MAX,
      min: 1,
      brokerSynonyms: ['log.cleaner.max.compaction.lag.ms'],
      doc: 'Longest time a record of a compacted topic stays out of reach of compaction.',
    }),
    'max.message.bytes': int({
      default: 1_048_588,
      min: 0,
      brokerSynonyms: ['message.max.bytes'],
      doc: 'Largest record batch the topic accepts, as sent, header included.',
    }),
    'message.timestamp.after.max.ms': long({
      default: HOUR_MS,
      min: 0,
      brokerSynonyms: ['log.message.timestamp.after.max.ms'],
      doc: 'How far a producer timestamp may lie ahead of the clock of the broker.',
    }),
    'message.timestamp.before.max.ms': long({
      default: LONG_MAX,
      min: 0,
      brokerSynonyms: ['log.message.timestamp.before.max.ms'],
      doc: 'How far a producer timestamp may lie behind the clock of the broker.',
    }),
    'message.timestamp.type': oneOf(timestampTypes, {
      default: 'CreateTime',
      brokerSynonyms: ['log.message.timestamp.type'],
      doc: 'Whether records carry the time of the producer or the time of their append.',
    }),
    'min.cleanable.dirty.ratio': double({
      default: 0.5,
      min: 0,
      max: 1,
      brokerSynonyms: ['log.cleaner.min.cleanable.ratio'],
      doc: 'Share of a compacted log that must be uncompacted before it is compacted again.',
    }),
    'min.compaction.lag.ms': long({
      default: 0,
      min: 0,
      brokerSynonyms: ['log.cleaner.min.compaction.lag.ms'],
      doc: 'Shortest time a record of a compacted topic stays as it was written.',
    }),
    'min.insync.replicas': int({
      default: 1,
      min: 1,
      brokerSynonyms: ['min.insync.replicas'],
      doc: 'Replicas that must be in sync for a write with acks=all to be accepted.',
    }),
    preallocate: boolean({
      default: false,
      brokerSynonyms: ['log.preallocate'],
      doc: 'Whether a new segment takes its full size on disk at once.',
    }),
    'remote.log.copy.disable': boolean({
      default: false,
      status: 'accepted',
      doc: 'Whether a tiered topic stops copying segments and only reads what was copied.',
    }),
    'remote.log.delete.on.disable': boolean({
      default: false,
      status: 'accepted',
      doc: 'Whether turning remote.storage.enable off deletes what was copied.',
    }),
    'remote.storage.enable': boolean({
      default: false,
      status: 'accepted',
      doc: 'Whether closed segments are copied to remote storage.',
    }),
    'retention.bytes': long({
      default: -1,
      brokerSynonyms: ['log.retention.bytes'],
      doc: 'Bytes of a partition beyond which its oldest segments are deleted; -1 for no limit.',
    }),
    'retention.ms': long({
      default: 7 * DAY_MS,
      min: -1,
      brokerSynonyms: ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
      doc:
        'Age of the newest record of a segment beyond which the segment is deleted; -1 for no ' +
        'limit.',
    }),
    'segment.bytes': int({
      default: 1_073_741_824,
      min: 1_048_576,
      brokerSynonyms: ['log.segment.bytes'],
      doc: 'Size at which a segment is closed and the next one begun.',
    }),
    'segment.index.bytes': int({
      default: 10_485_760,
      min: 4,
      brokerSynonyms: ['log.index.size.max.bytes'],
      doc: 'Largest size of the indexes of a segment; a full index closes the segment.',
    }),
    'segment.jitter.ms': long({
      default: 0,
      min: 0,
      brokerSynonyms: ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
      doc: 'Largest random part taken off segment.ms, so that partitions do not all roll at once.',
    }),
    'segment.ms': long({
      default: 7 * DAY_MS,
      min: 1,
      brokerSynonyms: ['log.roll.ms', 'log.roll.hours'],
      doc: 'Age at which a segment is closed although it is not full.',
    }),
    'unclean.leader.election.enable': boolean({
      default: false,
      status: 'accepted',
      brokerSynonyms: ['unclean.leader.election.enable'],
      doc: 'Whether a replica that is not in sync may lead when no other is left, losing records.',
    }),
  },
  (c) => lagConflict(c['min.compaction.lag.ms'], c['max.compaction.lag.ms']),
)

/** The effective settings of one topic. */
export type TopicConfig = Values<typeof topicConfig.keys>

function lagConflict(minMs: number, maxMs: number): string | undefined {
  if (minMs <= maxMs) return undefined
  const min = `min.compaction.lag.ms (${valueText('long', minMs)})`
  const max = `max.compaction.lag.ms (${valueText('long', maxMs)})`
  return `conflict topic config setting ${min} > ${max}`
}
