import { api, array, bool, field, int16, int32, nullable, string, uint16, uuid } from '../schema.ts'

/** ControllerRegistration (70): a controller tells the active one its endpoints and features
 *  (KIP-919). */
export const controllerRegistration = api({
  key: 70,
  name: 'ControllerRegistration',
  versions: '0',
  flexible: '0+',
  request: {
    controllerId: field(int32),
    incarnationId: field(uuid),
    zkMigrationReady: field(bool),
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
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
  },
})
