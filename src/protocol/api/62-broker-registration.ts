import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
  uint16,
  uuid,
} from '../schema.ts'

/** BrokerRegistration (62): a broker registers with the controller (KIP-631).
 *  v1 adds isMigratingZkBroker (KIP-866) · v2 adds logDirs (KIP-858) · v3 adds
 *  previousBrokerEpoch (KIP-966) · v4 may list features whose minimum is 0. */
export const brokerRegistration = api({
  key: 62,
  name: 'BrokerRegistration',
  versions: '0-4',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    clusterId: field(string),
    /** New in every process, so that a restart is told from a repeated request. */
    incarnationId: field(uuid),
    listeners: field(
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
    isMigratingZkBroker: field(bool, '1+', false),
    logDirs: field(array(uuid), '2+', [], ignorable),
    /** Of the last clean shutdown; -1: it was not clean. */
    previousBrokerEpoch: field(int64, '3+', -1, ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    brokerEpoch: field(int64, '0+', -1),
  },
})
