/** `__cluster_metadata`: brokers and controllers. Read when a KRaft cluster is taken over. */

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

/** A broker has registered.
 *  v1 adds isMigratingZkBroker · v2 adds logDirs (KIP-858) · v3 and v4 follow
 *  BrokerRegistration. */
export const registerBrokerRecord = message({
  key: 0,
  name: 'RegisterBrokerRecord',
  versions: '0-4',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    isMigratingZkBroker: field(bool, '2+', false),
    /** New in every process. */
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
    /** null: not known yet. */
    cordonedLogDirs: tagged(1, nullable(array(uuid)), '4+', null),
  },
})

/** A broker is gone for good. */
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

/** Facts of a registered broker have changed.
 *  v1 adds inControlledShutdown · v2 adds logDirs (KIP-858) · v3 adds cordonedLogDirs
 *  (KIP-1066). */
export const brokerRegistrationChangeRecord = message({
  key: 17,
  name: 'BrokerRegistrationChangeRecord',
  versions: '0-3',
  flexible: '0+',
  fields: {
    brokerId: field(int32),
    brokerEpoch: field(int64),
    /** 1: fenced, -1: unfenced, 0: not changed. */
    fenced: tagged(0, int8),
    /** 1: it is, 0: not changed. */
    inControlledShutdown: tagged(1, int8, '1+'),
    logDirs: tagged(2, array(uuid), '2+'),
    /** null: not changed. */
    cordonedLogDirs: tagged(3, nullable(array(uuid)), '3+', null),
  },
})

/** A broker may serve no clients. Superseded by `brokerRegistrationChangeRecord`. */
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

/** A broker may serve clients. Superseded by `brokerRegistrationChangeRecord`. */
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

/** A controller has registered (KIP-919). */
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
