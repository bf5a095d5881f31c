import { boolean, config, int, oneOf, string, type Values } from './declare.ts'
import { shareOffsetReset } from './rules.ts'

/** The keys of a group. A key without a value of its own takes that of its `brokerSynonyms`. */
export const groupConfig = config(
  {
    'consumer.assignment.interval.ms': int({
      default: 1000,
      min: 0,
      brokerSynonyms: ['group.consumer.assignment.interval.ms'],
      doc: 'Shortest time between two assignments of the group.',
    }),
    'consumer.heartbeat.interval.ms': int({
      default: 5000,
      min: 1,
      brokerSynonyms: ['group.consumer.heartbeat.interval.ms'],
      doc: 'Time between two heartbeats of a member.',
    }),
    'consumer.session.timeout.ms': int({
      default: 45_000,
      min: 1,
      brokerSynonyms: ['group.consumer.session.timeout.ms'],
      doc: 'Time without a heartbeat after which a member is removed.',
    }),
    'share.assignment.interval.ms': int({
      default: 1000,
      min: 0,
      status: 'accepted',
      brokerSynonyms: ['group.share.assignment.interval.ms'],
      doc: 'Shortest time between two assignments of the share group.',
    }),
    'share.auto.offset.reset': string({
      default: 'latest',
      rule: shareOffsetReset,
      status: 'accepted',
      doc: 'Where the share group starts to read a partition it has not read before.',
    }),
    'share.delivery.count.limit': int({
      default: 5,
      min: 2,
      status: 'accepted',
      brokerSynonyms: ['group.share.delivery.count.limit'],
      doc: 'How often a record is delivered before it is archived.',
    }),
    'share.heartbeat.interval.ms': int({
      default: 5000,
      min: 1,
      status: 'accepted',
      brokerSynonyms: ['group.share.heartbeat.interval.ms'],
      doc: 'Time between two heartbeats of a share member.',
    }),
    'share.isolation.level': oneOf(['read_committed', 'read_uncommitted'], {
      default: 'read_uncommitted',
      status: 'accepted',
      doc: 'Whether records of open transactions are delivered.',
    }),
    'share.partition.max.record.locks': int({
      default: 2000,
      min: 100,
      status: 'accepted',
      brokerSynonyms: ['group.share.partition.max.record.locks'],
      doc: 'Most records of a share partition in delivery at once.',
    }),
    'share.record.lock.duration.ms': int({
      default: 30_000,
      min: 1000,
      status: 'accepted',
      brokerSynonyms: ['group.share.record.lock.duration.ms'],
      doc: 'How long an acquired record stays locked for its consumer.',
    }),
    'share.renew.acknowledge.enable': boolean({
      default: true,
      status: 'accepted',
      doc: 'Whether consumers may renew the lock of a record (KIP-1222).',
    }),
    'share.session.timeout.ms': int({
      default: 45_000,
      min: 1,
      status: 'accepted',
      brokerSynonyms: ['group.share.session.timeout.ms'],
      doc: 'Time without a heartbeat after which a share member is removed.',
    }),
    'streams.assignment.interval.ms': int({
      default: 1000,
      min: 0,
      status: 'accepted',
      brokerSynonyms: ['group.streams.assignment.interval.ms'],
      doc: 'Shortest time between two assignments of the streams group.',
    }),
    'streams.heartbeat.interval.ms': int({
      default: 5000,
      min: 1,
      status: 'accepted',
      brokerSynonyms: ['group.streams.heartbeat.interval.ms'],
      doc: 'Time between two heartbeats of a streams member.',
    }),
    'streams.initial.rebalance.delay.ms': int({
      default: 3000,
      min: 0,
      status: 'accepted',
      brokerSynonyms: ['group.streams.initial.rebalance.delay.ms'],
      doc: 'How long the first assignment waits for more members.',
    }),
    'streams.num.standby.replicas': int({
      default: 0,
      min: 0,
      status: 'accepted',
      brokerSynonyms: ['group.streams.num.standby.replicas'],
      doc: 'Standby copies of each stateful task.',
    }),
    'streams.session.timeout.ms': int({
      default: 45_000,
      min: 1,
      status: 'accepted',
      brokerSynonyms: ['group.streams.session.timeout.ms'],
      doc: 'Time without a heartbeat after which a streams member is removed.',
    }),
  },
  (c) =>
    sessionTooShort(
      'consumer',
      c['consumer.session.timeout.ms'],
      c['consumer.heartbeat.interval.ms'],
    ),
  (c) => sessionTooShort('share', c['share.session.timeout.ms'], c['share.heartbeat.interval.ms']),
  (c) =>
    sessionTooShort('streams', c['streams.session.timeout.ms'], c['streams.heartbeat.interval.ms']),
)

/** The effective settings of one group. */
export type GroupConfig = Values<typeof groupConfig.keys>

function sessionTooShort(kind: string, sessionMs: number, heartbeatMs: number): string | undefined {
  if (sessionMs > heartbeatMs) return undefined
  return `${kind}.session.timeout.ms must be greater than ${kind}.heartbeat.interval.ms`
}
