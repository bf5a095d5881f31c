import { api, array, bool, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** AlterConfigs (33): replaces all dynamic configuration of a resource: what is not named is
 *  reset. Superseded by IncrementalAlterConfigs.
 *  v2 is flexible. */
export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexible: '2+',
  request: {
    resources: field(
      array({
        /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
        resourceType: field(int8),
        resourceName: field(string),
        configs: field(
          array({
            name: field(string),
            /** null: reset. */
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
