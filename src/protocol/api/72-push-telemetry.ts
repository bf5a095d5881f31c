import { api, bool, bytes, field, int8, int16, int32, uuid } from '../schema.ts'

export const pushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  versions: '0',
  flexible: '0+',
  request: {
    clientInstanceId: field(uuid),
    subscriptionId: field(int32),
    terminating: field(bool),
    compressionType: field(int8),
    metrics: field(bytes),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
  },
})
