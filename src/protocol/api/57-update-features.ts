import {
  api,
  array,
  bool,
  field,
  ignorable,
  int8,
  int16,
  int32,
  nullable,
  string,
} from '../schema.ts'

/** UpdateFeatures (57): raises or lowers finalized feature levels (KIP-584).
 *  v1 adds upgradeType and validateOnly · v2 answers no result per feature, as all fail or
 *  succeed together. */
export const updateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: '0-2',
  flexible: '0+',
  request: {
    timeoutMs: field(int32, '0+', 60_000),
    featureUpdates: field(
      array({
        feature: field(string),
        /** Below 1: remove the feature. */
        maxVersionLevel: field(int16),
        allowDowngrade: field(bool, '0', false),
        /** 1: only up, 2: down if nothing is lost, 3: down in any case. */
        upgradeType: field(int8, '1+', 1),
      }),
    ),
    validateOnly: field(bool, '1+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    results: field(
      array({
        feature: field(string),
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
      }),
      '0-1',
      [],
      ignorable,
    ),
  },
})
