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

export const brokerRegistration = api({
  key: 62,
  name: 'BrokerRegistration',
  versions: '0-4',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    clusterId: field(string),
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
    previousBrokerEpoch: field(int64, '3+', -1, ignorable),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    brokerEpoch: field(int64, '0+', -1),
  },
})
