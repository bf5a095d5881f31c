import { field, int8, int16, int32, int64, message, nullable, string, tagged } from '../schema.ts'

export const featureLevelRecord = message({
  key: 12,
  name: 'FeatureLevelRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    featureLevel: field(int16),
  },
})

export const producerIdsRecord = message({
  key: 15,
  name: 'ProducerIdsRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
    nextProducerId: field(int64),
  },
})

export const noOpRecord = message({
  key: 20,
  name: 'NoOpRecord',
  versions: '0',
  flexible: '0+',
  fields: {},
})

export const beginTransactionRecord = message({
  key: 23,
  name: 'BeginTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: tagged(0, nullable(string), '0+', null),
  },
})

export const endTransactionRecord = message({
  key: 24,
  name: 'EndTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {},
})

export const abortTransactionRecord = message({
  key: 25,
  name: 'AbortTransactionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    reason: tagged(0, nullable(string), '0+', null),
  },
})

export const zkMigrationStateRecord = message({
  key: 21,
  name: 'ZkMigrationStateRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    zkMigrationState: field(int8),
  },
})
