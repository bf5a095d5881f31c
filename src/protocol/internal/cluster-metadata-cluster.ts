/** `__cluster_metadata`: facts of the whole cluster, and transactions of the log itself. */

import { field, int8, int16, int32, int64, message, nullable, string, tagged } from '../schema.ts'

/** A feature has got a finalized level; the metadata version is one of them. */
export const featureLevelRecord = message({
  key: 12,
  name: 'FeatureLevelRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    /** 0: the feature is off. */
    featureLevel: field(int16),
  },
})

/** A block of producer ids has been handed out. */
export const producerIdsRecord = message({
  key: 15,
  name: 'ProducerIdsRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
    /** The first id of the next block. */
    nextProducerId: field(int64),
  },
})

/** Nothing: lets the high watermark move. */
export const noOpRecord = message({
  key: 20,
  name: 'NoOpRecord',
  versions: '0',
  flexible: '0+',
  fields: {},
})

/** What follows counts only once the transaction has ended (KIP-868). */
export const beginTransactionRecord = message({
  key: 23,
  name: 'BeginTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: tagged(0, nullable(string), '0+', null),
  },
})

/** The metadata transaction counts. */
export const endTransactionRecord = message({
  key: 24,
  name: 'EndTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {},
})

/** The metadata transaction is void. */
export const abortTransactionRecord = message({
  key: 25,
  name: 'AbortTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    reason: tagged(0, nullable(string), '0+', null),
  },
})

/** How far a migration from ZooKeeper is. */
export const zkMigrationStateRecord = message({
  key: 21,
  name: 'ZkMigrationStateRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    /** 0 none, 1 migration, 2 pre-migration, 3 post-migration, 4 ZooKeeper. */
    zkMigrationState: field(int8),
  },
})
