import { boolean, int, long, oneOf, string } from './declare.ts'

/** Replicas, their fetching, and the election of leaders. */
export const brokerReplicationKeys = {
  'replica.lag.time.max.ms': long({
    default: 30_000,
    importance: 'high',
    status: 'accepted',
    doc: 'A follower that has not caught up for this long leaves the in-sync set.',
  }),
  'replica.fetch.max.bytes': int({
    default: 1_048_576,
    min: 0,
    status: 'accepted',
    doc: 'Bytes a follower asks for per partition.',
  }),
  'replica.fetch.min.bytes': int({
    default: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Bytes a follower waits for before it takes an answer.',
  }),
  'replica.fetch.response.max.bytes': int({
    default: 10_485_760,
    min: 0,
    status: 'accepted',
    doc: 'Bytes a follower asks for in one request.',
  }),
  'replica.fetch.wait.max.ms': int({
    default: 500,
    importance: 'high',
    status: 'accepted',
    doc: 'Longest time a leader holds the fetch of a follower.',
  }),
  'replica.fetch.backoff.ms': int({
    default: 1000,
    min: 0,
    status: 'accepted',
    doc: 'Rest of a follower after a failed fetch.',
  }),
  'replica.socket.timeout.ms': int({
    default: 30_000,
    importance: 'high',
    status: 'accepted',
    doc: 'Time limit of a follower for one answer.',
  }),
  'replica.socket.receive.buffer.bytes': int({
    default: 65_536,
    importance: 'high',
    status: 'accepted',
    doc: 'Receive buffer of the socket a follower fetches through.',
  }),
  'replica.high.watermark.checkpoint.interval.ms': long({
    default: 5000,
    importance: 'high',
    doc: 'Time between two writes of the high watermarks to disk.',
  }),
  'replica.selector.class': string({
    default: null,
    status: 'accepted',
    doc: 'Plug-in that picks the replica a consumer reads from (KIP-392).',
  }),
  'num.replica.fetchers': int({
    default: 1,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Connections a follower opens to each leader.',
  }),
  'num.replica.alter.log.dirs.threads': int({
    default: null,
    importance: 'high',
    status: 'not-needed',
    doc: 'Threads that move replicas between data directories.',
  }),
  'auto.leader.rebalance.enable': boolean({
    default: true,
    importance: 'high',
    status: 'accepted',
    doc: 'Whether leadership returns to preferred replicas by itself.',
  }),
  'leader.imbalance.check.interval.seconds': long({
    default: 300,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Time between two looks for leadership that could return.',
  }),
  'unclean.leader.election.interval.ms': long({
    default: 300_000,
    min: 1,
    status: 'accepted',
    internal: true,
    doc: 'Time between two looks for partitions that only an unclean election can help.',
  }),
  'inter.broker.listener.name': string({
    default: null,
    status: 'accepted',
    doc: 'Listener that brokers use among each other.',
  }),
  'security.inter.broker.protocol': oneOf(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], {
    default: 'PLAINTEXT',
    status: 'accepted',
    doc: 'Security protocol between brokers, when no listener is named for it.',
  }),
  'follower.fetch.last.tiered.offset.enable': boolean({
    default: false,
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Whether an empty follower starts at the last tiered offset instead of the first.',
  }),
}
