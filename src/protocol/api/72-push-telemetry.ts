import { api, bool, bytes, field, int8, int16, int32, uuid } from '../schema.ts'

/** PushTelemetry (72): hands over the metrics that were asked for (KIP-714). */
export const pushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  versions: '0',
  flexible: '0+',
  request: {
    clientInstanceId: field(uuid),
    subscriptionId: field(int32),
    /** The last push: it may come before its time. */
    terminating: field(bool),
    compressionType: field(int8),
    /** OpenTelemetry MetricsData v1 in protobuf. */
    metrics: field(bytes),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
  },
})
