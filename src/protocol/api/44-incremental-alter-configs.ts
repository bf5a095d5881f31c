import { api, array, bool, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** IncrementalAlterConfigs (44): changes single configuration keys of resources (KIP-339).
 *  v1 is flexible. */
export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: '0-1',
  flexible: '1+',
  request: {
    resources: field(
      array({
        /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
        resourceType: field(int8),
        resourceName: field(string),
        configs: field(
          array({
            name: field(string),
            /** 0 set, 1 delete, 2 append, 3 subtract; the last two for lists. */
            configOperation: field(int8),
            value: field(nullable(string)),
          }),
        ),
      }),
    ),
    validateOnly: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    responses: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        resourceType: field(int8),
        resourceName: field(string),
      }),
    ),
  },
})
