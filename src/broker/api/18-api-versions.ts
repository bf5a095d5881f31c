import { apiVersions } from '../../protocol/api/18-api-versions.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { supportedFeatures } from '../features.ts'
import { handler } from '../handler.ts'

/** Versions from which a client says what software it is (KIP-511). */
const SOFTWARE_VERSION = 3
/** Features that may be switched off (minimum 0) are shown from this version on. */
const ZERO_MINIMUM_VERSION = 4
const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Says which APIs, versions and features this broker serves. */
export default handler(apiVersions, (request, context) => {
  if (context.apiVersion >= SOFTWARE_VERSION) {
    const { clientSoftwareName, clientSoftwareVersion } = request
    if (!SOFTWARE_NAME.test(clientSoftwareName) || !SOFTWARE_NAME.test(clientSoftwareVersion)) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `client software '${clientSoftwareName}' version '${clientSoftwareVersion}' is not of letters, digits, '-' and '.'`,
      )
    }
  }
  const shown = supportedFeatures.filter(
    (feature) => feature.minVersion > 0 || context.apiVersion >= ZERO_MINIMUM_VERSION,
  )
  return {
    errorCode: 0,
    apiKeys: context.broker.served,
    supportedFeatures: shown.map(({ name, minVersion, maxVersion }) => ({
      name,
      minVersion,
      maxVersion,
    })),
    finalizedFeaturesEpoch: context.broker.metadata.image.revision,
    finalizedFeatures: shown
      .filter((feature) => feature.level > 0)
      .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  }
})
