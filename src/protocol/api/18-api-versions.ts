import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  int64,
  string,
  tagged,
} from '../schema.ts'

/** ApiVersions (18): tells which versions of which APIs a broker serves; the first request of
 *  most clients.
 *  v3 is flexible, adds the client's software and the cluster's features (KIP-511, KIP-584) · v4
 *  may list features whose minimum is 0.
 *  The response header stays v0. An unknown version is answered in v0 with UNSUPPORTED_VERSION
 *  and the range of this API (KIP-511). */
export const apiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: {
    clientSoftwareName: field(string, '3+', '', ignorable),
    clientSoftwareVersion: field(string, '3+', '', ignorable),
  },
  response: {
    errorCode: field(int16),
    apiKeys: field(
      array({
        apiKey: field(int16),
        minVersion: field(int16),
        maxVersion: field(int16),
      }),
    ),
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    supportedFeatures: tagged(
      0,
      array({
        name: field(string),
        minVersion: field(int16),
        maxVersion: field(int16),
      }),
      '3+',
      [],
      ignorable,
    ),
    /** -1: unknown, and the finalized features say nothing. */
    finalizedFeaturesEpoch: tagged(1, int64, '3+', -1, ignorable),
    finalizedFeatures: tagged(
      2,
      array({
        name: field(string),
        maxVersionLevel: field(int16),
        minVersionLevel: field(int16),
      }),
      '3+',
      [],
      ignorable,
    ),
    /** Only a KRaft controller of a migration sets it. */
    zkMigrationReady: tagged(3, bool, '3+', false, ignorable),
  },
})
