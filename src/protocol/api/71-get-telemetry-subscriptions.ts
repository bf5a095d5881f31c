import { api, array, bool, field, int8, int16, int32, string, uuid } from '../schema.ts'

export const getTelemetrySubscriptions = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: '0',
  flexible: '0+',
  request: {
    clientInstanceId: field(uuid),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    clientInstanceId: field(uuid),
    subscriptionId: field(int32),
    acceptedCompressionTypes: field(array(int8)),
    pushIntervalMs: field(int32),
    telemetryMaxBytes: field(int32),
    deltaTemporality: field(bool),
    requestedMetrics: field(array(string)),
  },
})
