/** Every key of a broker, put together from its areas, and the rules that join them. */

import { brokerGroupsKeys } from './broker-groups.ts'
import { brokerKraftKeys } from './broker-kraft.ts'
import { brokerLogKeys } from './broker-log.ts'
import { brokerMoldauKeys } from './broker-moldau.ts'
import { brokerNetworkKeys } from './broker-network.ts'
import { brokerQuotaMetricsKeys } from './broker-quota-metrics.ts'
import { brokerRemoteStorageKeys } from './broker-remote-storage.ts'
import { brokerReplicationKeys } from './broker-replication.ts'
import { brokerSaslKeys } from './broker-sasl.ts'
import { brokerSecurityKeys } from './broker-security.ts'
import { brokerServerKeys } from './broker-server.ts'
import { brokerShareKeys } from './broker-share.ts'
import { brokerTopicsKeys } from './broker-topics.ts'
import { brokerTransactionsKeys } from './broker-transactions.ts'
import { type CrossRule, config, type Keys, type Values } from './declare.ts'
import { logRetentionMs, logRollJitterMs, logRollMs } from './log-times.ts'

/** The areas in the order they are documented. */
export const brokerAreas = {
  'Server and data directories': brokerServerKeys,
  'Listeners, connections and requests': brokerNetworkKeys,
  'Limits of Moldau itself': brokerMoldauKeys,
  'Logs on disk': brokerLogKeys,
  Topics: brokerTopicsKeys,
  'Replicas and leaders': brokerReplicationKeys,
  'Consumer and streams groups': brokerGroupsKeys,
  'Share groups': brokerShareKeys,
  Transactions: brokerTransactionsKeys,
  'Authorization, delegation tokens and TLS': brokerSecurityKeys,
  SASL: brokerSaslKeys,
  'Quotas and metrics': brokerQuotaMetricsKeys,
  'Tiered storage': brokerRemoteStorageKeys,
  KRaft: brokerKraftKeys,
} as const satisfies Record<string, Keys>

const brokerKeys = {
  ...brokerServerKeys,
  ...brokerNetworkKeys,
  ...brokerMoldauKeys,
  ...brokerLogKeys,
  ...brokerTopicsKeys,
  ...brokerReplicationKeys,
  ...brokerGroupsKeys,
  ...brokerShareKeys,
  ...brokerTransactionsKeys,
  ...brokerSecurityKeys,
  ...brokerSaslKeys,
  ...brokerQuotaMetricsKeys,
  ...brokerRemoteStorageKeys,
  ...brokerKraftKeys,
}

/** The settings of one broker. */
export type BrokerConfig = Values<typeof brokerKeys>

/** Keys whose values must not cross: the first not above the second. */
const ordered = [
  ['group.min.session.timeout.ms', 'group.max.session.timeout.ms'],
  ['group.consumer.min.session.timeout.ms', 'group.consumer.max.session.timeout.ms'],
  ['group.consumer.min.heartbeat.interval.ms', 'group.consumer.max.heartbeat.interval.ms'],
  ['group.share.min.session.timeout.ms', 'group.share.max.session.timeout.ms'],
  ['group.share.min.heartbeat.interval.ms', 'group.share.max.heartbeat.interval.ms'],
  ['group.share.min.record.lock.duration.ms', 'group.share.max.record.lock.duration.ms'],
  ['group.streams.min.session.timeout.ms', 'group.streams.max.session.timeout.ms'],
  ['group.streams.min.heartbeat.interval.ms', 'group.streams.max.heartbeat.interval.ms'],
  ['replica.fetch.wait.max.ms', 'replica.socket.timeout.ms'],
  ['replica.fetch.wait.max.ms', 'replica.lag.time.max.ms'],
] as const

const rules: readonly CrossRule<typeof brokerKeys>[] = [
  (c) => (logRollMs(c) < 1 ? 'log.roll.ms must be greater than or equal to 1' : undefined),
  (c) =>
    logRollJitterMs(c) < 0 ? 'log.roll.jitter.ms must be greater than or equal to 0' : undefined,
  (c) =>
    logRetentionMs(c) === 0
      ? 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1'
      : undefined,
  (c) =>
    c['log.cleaner.threads'] > 0 &&
    c['log.cleaner.dedupe.buffer.size'] / c['log.cleaner.threads'] <= 2 ** 20
      ? 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.'
      : undefined,
  ...ordered.map(
    ([low, high]): CrossRule<typeof brokerKeys> =>
      (c) =>
        c[low] > c[high] ? `${high} must be at least ${low} (${c[high]} < ${c[low]})` : undefined,
  ),
]

/** All broker keys: what `server.properties` and `DescribeConfigs` of a broker speak of. */
export const brokerConfig = config(brokerKeys, ...rules)
