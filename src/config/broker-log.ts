import { boolean, double, int, long, oneOf, someOf } from './declare.ts'
import { cleanupPolicies, timestampTypes } from './topic.ts'
import { LONG_MAX } from './value-text.ts'

/** Logs on disk: segments, flushing, retention, compaction. */
export const brokerLogKeys = {
  'log.segment.bytes': int({
    default: 1_073_741_824,
    min: 1_048_576,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Size at which a segment is closed; the default of segment.bytes.',
  }),
  'log.roll.ms': long({
    default: null,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Age at which a segment is closed; the default of segment.ms.',
  }),
  'log.roll.hours': int({
    default: 168,
    min: 1,
    importance: 'high',
    doc: 'The same in hours, used when log.roll.ms is not set.',
  }),
  'log.roll.jitter.ms': long({
    default: null,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Largest random part taken off the roll age; the default of segment.jitter.ms.',
  }),
  'log.roll.jitter.hours': int({
    default: 0,
    min: 0,
    importance: 'high',
    doc: 'The same in hours, used when log.roll.jitter.ms is not set.',
  }),
  'log.retention.ms': long({
    default: null,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Age beyond which segments are deleted, -1 for no limit; the default of retention.ms.',
  }),
  'log.retention.minutes': int({
    default: null,
    importance: 'high',
    doc: 'The same in minutes, used when log.retention.ms is not set.',
  }),
  'log.retention.hours': int({
    default: 168,
    importance: 'high',
    doc: 'The same in hours, used when neither milliseconds nor minutes are set.',
  }),
  'log.retention.bytes': long({
    default: -1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Size of a partition beyond which segments are deleted; the default of retention.bytes.',
  }),
  'log.retention.check.interval.ms': long({
    default: 300_000,
    min: 1,
    doc: 'Time between two looks for segments that are due for deletion.',
  }),
  'log.index.size.max.bytes': int({
    default: 10_485_760,
    min: 4,
    update: 'cluster-wide',
    doc: 'Largest index of a segment; the default of segment.index.bytes.',
  }),
  'log.index.interval.bytes': int({
    default: 4096,
    min: 0,
    update: 'cluster-wide',
    doc: 'Bytes of log between two index entries; the default of index.interval.bytes.',
  }),
  'log.segment.delete.delay.ms': long({
    default: 60_000,
    min: 0,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'How long removed files stay on disk; the default of file.delete.delay.ms.',
  }),
  'log.flush.interval.messages': long({
    default: LONG_MAX,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Records after which a log is synced to disk; the default of flush.messages.',
  }),
  'log.flush.interval.ms': long({
    default: null,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Longest time a record stays unsynced; the default of flush.ms.',
  }),
  'log.flush.scheduler.interval.ms': long({
    default: LONG_MAX,
    importance: 'high',
    doc: 'Stands in for log.flush.interval.ms when that is not set.',
  }),
  'log.flush.offset.checkpoint.interval.ms': int({
    default: 60_000,
    min: 0,
    importance: 'high',
    doc: 'Time between two writes of the recovery points.',
  }),
  'log.flush.start.offset.checkpoint.interval.ms': int({
    default: 60_000,
    min: 0,
    importance: 'high',
    doc: 'Time between two writes of the log start offsets.',
  }),
  'log.initial.task.delay.ms': long({
    default: 30_000,
    min: 0,
    importance: 'low',
    internal: true,
    doc: 'Time after the start before retention, flushing and checkpoints begin.',
  }),
  'log.preallocate': boolean({
    default: false,
    update: 'cluster-wide',
    doc: 'Whether a new segment takes its full size at once; the default of preallocate.',
  }),
  'log.message.timestamp.type': oneOf(timestampTypes, {
    default: 'CreateTime',
    update: 'cluster-wide',
    doc: 'Whose clock stamps records; the default of message.timestamp.type.',
  }),
  'log.message.timestamp.before.max.ms': long({
    default: LONG_MAX,
    min: 0,
    update: 'cluster-wide',
    doc: 'How old a timestamp may be; the default of message.timestamp.before.max.ms.',
  }),
  'log.message.timestamp.after.max.ms': long({
    default: 3_600_000,
    min: 0,
    update: 'cluster-wide',
    doc: 'How far a timestamp may lie ahead; the default of message.timestamp.after.max.ms.',
  }),
  'message.max.bytes': int({
    default: 1_048_588,
    min: 0,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Largest record batch, as sent; the default of max.message.bytes.',
  }),
  'log.cleanup.policy': someOf(cleanupPolicies, {
    default: ['delete'],
    update: 'cluster-wide',
    doc: 'What happens to old segments; the default of cleanup.policy.',
  }),
  'log.cleaner.enable': boolean({
    default: true,
    doc: 'Whether compaction runs at all.',
  }),
  'log.cleaner.threads': int({
    default: 1,
    min: 0,
    update: 'cluster-wide',
    doc: 'Compactions side by side. They are no threads here: each works in short slices of the loop.',
  }),
  'log.cleaner.backoff.ms': long({
    default: 15_000,
    min: 0,
    update: 'cluster-wide',
    doc: 'Rest of compaction when nothing is left to do, before the first look too.',
  }),
  'log.cleaner.dedupe.buffer.size': long({
    default: 134_217_728,
    update: 'cluster-wide',
    doc: 'Memory for the key tables of all compactions, in bytes.',
  }),
  'log.cleaner.io.buffer.size': int({
    default: 524_288,
    min: 0,
    update: 'cluster-wide',
    doc: 'Memory for reading and writing of all compactions, in bytes.',
  }),
  'log.cleaner.io.buffer.load.factor': double({
    default: 0.9,
    update: 'cluster-wide',
    doc: 'How full a key table may get.',
  }),
  'log.cleaner.io.max.bytes.per.second': double({
    default: Number.MAX_VALUE,
    update: 'cluster-wide',
    doc: 'Bytes per second that compaction may read and write.',
  }),
  'log.cleaner.min.cleanable.ratio': double({
    default: 0.5,
    min: 0,
    max: 1,
    update: 'cluster-wide',
    doc: 'Uncompacted share that starts a compaction; the default of min.cleanable.dirty.ratio.',
  }),
  'log.cleaner.min.compaction.lag.ms': long({
    default: 0,
    min: 0,
    update: 'cluster-wide',
    doc: 'Shortest time before a record may be compacted; the default of min.compaction.lag.ms.',
  }),
  'log.cleaner.max.compaction.lag.ms': long({
    default: LONG_MAX,
    min: 1,
    update: 'cluster-wide',
    doc: 'Longest time before a record is compacted; the default of max.compaction.lag.ms.',
  }),
  'log.cleaner.delete.retention.ms': long({
    default: 86_400_000,
    min: 0,
    update: 'cluster-wide',
    doc: 'How long tombstones stay; the default of delete.retention.ms.',
  }),
}
