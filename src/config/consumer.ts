import {
  apiTimeoutKeys,
  clientKeys,
  interceptorKeys,
  largeReceiveKeys,
  serdeKey,
} from './client-common.ts'
import { boolean, config, int, list, oneOf, string, type Values } from './declare.ts'
import { nonEmptyText, type Rule, refuse } from './rules.ts'

/** Where a group without a committed offset begins (KIP-1106). */
const offsetReset: Rule<string> = {
  notation: '[latest, earliest, none, by_duration:PnDTnHnMn.nS]',
  allowed: 'latest, earliest, none, or by_duration: and an ISO 8601 duration',
  check(key, value, shown) {
    if (/^(?:latest|earliest|none)$/.test(value)) return
    const duration = /^by_duration:P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/
    if (duration.test(value)) return
    refuse(key, shown, this.allowed, `Value must be ${this.allowed}`)
  },
}

const fetchKeys = {
  'auto.offset.reset': string({
    default: 'latest',
    rule: offsetReset,
    doc: 'Where to begin without a committed offset, or with one outside of the log.',
  }),
  'check.crcs': boolean({
    default: true,
    importance: 'low',
    doc: 'Whether the checksum of every batch is verified.',
  }),
  'client.rack': string({
    default: '',
    importance: 'low',
    doc: 'Rack of the client, so that it may read from a replica near it (KIP-392).',
  }),
  'fetch.max.bytes': int({
    default: 52_428_800,
    min: 0,
    doc: 'Most bytes of one answer; the first batch comes also when it is larger.',
  }),
  'fetch.max.wait.ms': int({
    default: 500,
    min: 0,
    importance: 'low',
    doc: 'How long a broker waits for fetch.min.bytes.',
  }),
  'fetch.min.bytes': int({
    default: 1,
    min: 0,
    importance: 'high',
    doc: 'Bytes a broker waits for before it answers.',
  }),
  'isolation.level': oneOf(['read_committed', 'read_uncommitted'], {
    default: 'read_uncommitted',
    doc: 'Whether records of open and aborted transactions are read.',
  }),
  'max.partition.fetch.bytes': int({
    default: 1_048_576,
    min: 0,
    importance: 'high',
    doc: 'Most bytes of one partition in one answer.',
  }),
  'max.poll.records': int({ default: 500, min: 1, doc: 'Most records given out at once.' }),
}

const groupKeys = {
  'auto.commit.interval.ms': int({
    default: 5_000,
    min: 0,
    importance: 'low',
    doc: 'Time between two commits of enable.auto.commit.',
  }),
  'enable.auto.commit': boolean({
    default: true,
    doc: 'Whether what was given out is committed in the background.',
  }),
  'group.id': string({ default: null, importance: 'high', doc: 'Group of the consumer.' }),
  'group.instance.id': string({
    default: null,
    rule: nonEmptyText,
    doc: 'Name of a static member, which may be gone for a while without a rebalance (KIP-345).',
  }),
  'group.protocol': oneOf(['consumer', 'classic'], {
    default: 'classic',
    ignoreCase: true,
    importance: 'high',
    doc: 'Whether the broker (consumer, KIP-848) or a member (classic) assigns partitions.',
  }),
  'group.remote.assignor': string({
    default: null,
    doc: "The broker's assignor to use; null for its first one.",
  }),
  'heartbeat.interval.ms': int({
    default: 3_000,
    importance: 'high',
    doc: 'Time between two heartbeats of a classic member.',
  }),
  'max.poll.interval.ms': int({
    default: 300_000,
    min: 1,
    doc: 'Longest time between two calls for records before the member leaves its group.',
  }),
  'partition.assignment.strategy': list({
    default: [
      'class org.apache.kafka.clients.consumer.RangeAssignor',
      'class org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    ],
    nullable: false,
    doc: "Assignors a classic member offers, by Java's class or short name, best first.",
  }),
  'session.timeout.ms': int({
    default: 45_000,
    importance: 'high',
    doc: 'Silence after which a classic member is taken for dead.',
  }),
}

const shareKeys = {
  'share.acknowledgement.mode': oneOf(['implicit', 'explicit'], {
    default: 'implicit',
    status: 'accepted',
    doc: 'Whether records of a share group are acknowledged by asking for more (KIP-932).',
  }),
  'share.acquire.mode': {
    ...oneOf(['batch_optimized', 'record_limit'], {
      default: 'batch_optimized',
      ignoreCase: true,
      status: 'accepted',
      doc: 'Whether whole batches or single records are acquired by a share consumer.',
    }),
    // Kafka writes its default in another case than what it says is valid.
    defaultText: 'BATCH_OPTIMIZED',
    valid: '[batch_optimized, record_limit]',
  },
}

/** The settings of a consumer. */
export const consumerConfig = config({
  ...clientKeys,
  ...interceptorKeys,
  ...apiTimeoutKeys,
  ...largeReceiveKeys,
  ...fetchKeys,
  ...groupKeys,
  ...shareKeys,
  'allow.auto.create.topics': boolean({
    default: true,
    doc: 'Whether asking for a topic may create it, where the broker does so.',
  }),
  'client.id': string({
    default: '',
    importance: 'low',
    doc: 'Name told with every request, for logs, metrics and quotas of the broker.',
  }),
  'exclude.internal.topics': boolean({
    default: true,
    doc: 'Whether a pattern leaves out the topics of Kafka itself.',
  }),
  'internal.throw.on.fetch.stable.offset.unsupported': boolean({
    default: false,
    importance: 'low',
    internal: true,
    status: 'not-needed',
    doc: 'Whether a broker too old for stable offsets is an error.',
  }),
  'key.deserializer': serdeKey('Java class of the keys; an object is the option keyDeserializer.'),
  'value.deserializer': serdeKey(
    'Java class of the values; an object is the option valueDeserializer.',
  ),
})

/** The values of a consumer's settings. */
export type ConsumerConfig = Values<typeof consumerConfig.keys>
