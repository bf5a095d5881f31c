import {
  array,
  bool,
  field,
  int8,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  tagged,
  uint16,
  uuid,
} from '../schema.ts'

export const registerBrokerRecord = message({
  key: 0,
  name: 'RegisterBrokerRecord',
  versions: '0-4',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    isMigratingZkBroker: field(bool, '2+', false),
    incarnationId: field(uuid),
    brokerEpoch: field(int64),
    endPoints: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
        securityProtocol: field(int16),
      }),
    ),
    features: field(
      array({
        name: field(string),
        minSupportedVersion: field(int16),
        maxSupportedVersion: field(int16),
      }),
    ),
    rack: field(nullable(string)),
    fenced: field(bool, '0+', true),
    inControlledShutdown: field(bool, '1+', false),
    logDirs: tagged(0, array(uuid), '3+'),
    cordonedLogDirs: tagged(1, nullable(array(uuid)), '4+', null),
  },
})

export const unregisterBrokerRecord = message({
  key: 1,
  name: 'UnregisterBrokerRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    brokerEpoch: field(int64),
  },
})

export const brokerRegistrationChangeRecord = message({
  key: 17,
  name: 'BrokerRegistrationChangeRecord',
  versions: '0-3',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    brokerEpoch: field(int64),
    fenced: tagged(0, int8),
    inControlledShutdown: tagged(1, int8, '1+'),
    logDirs: tagged(2, array(uuid), '2+'),
    cordonedLogDirs: tagged(3, nullable(array(uuid)), '3+', null),
  },
})

export const fenceBrokerRecord = message({
  key: 7,
  name: 'FenceBrokerRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(int32),
    epoch: field(int64),
  },
})

export const unfenceBrokerRecord = message({
  key: 8,
  name: 'UnfenceBrokerRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(int32),
    epoch: field(int64),
  },
})

export const registerControllerRecord = message({
  key: 27,
  name: 'RegisterControllerRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    controllerId: field(int32),
    incarnationId: field(uuid),
    zkMigrationReady: field(bool),
    endPoints: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
        securityProtocol: field(int16),
      }),
    ),
    features: field(
      array({
        name: field(string),
        minSupportedVersion: field(int16),
        maxSupportedVersion: field(int16),
      }),
    ),
  },
})
