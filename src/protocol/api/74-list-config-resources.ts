import { api, array, field, ignorable, int8, int16, int32, string } from '../schema.ts'

/** ListConfigResources (74): lists the configuration resources that have a name of their own.
 *  v0 lists client metrics only (KIP-1000) · v1 adds types (KIP-1142). */
export const listConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: {
    /** Empty: all. */
    resourceTypes: field(array(int8), '1+', []),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    configResources: field(
      array({
        resourceName: field(string),
        /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
        resourceType: field(int8, '1+', 16, ignorable),
      }),
    ),
  },
})
