import { decideCreatePartitions } from '../../controller/create-partitions.ts'
import { createPartitions } from '../../protocol/api/37-create-partitions.ts'
import { errors } from '../../protocol/errors.ts'
import { creationRules } from '../creation-rules.ts'
import { handler } from '../handler.ts'

/** Adds partitions to topics; there is no way to take some away. */
export default handler(createPartitions, async (request, { broker }) => {
  const { environment, metadata, partitions, settings } = broker
  const grown = await metadata.commit((image) =>
    decideCreatePartitions(image, request, creationRules(settings, environment)),
  )
  await partitions.applied()
  return {
    results: grown.map(({ name, error, message }) => ({
      name,
      errorCode: errors[error].code,
      errorMessage: message,
    })),
  }
})
