import { decideDeleteTopics } from '../../controller/delete-topics.ts'
import { deleteTopics } from '../../protocol/api/20-delete-topics.ts'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { handler } from '../handler.ts'

/** The first version that names topics one by one, by name or by id (KIP-516). */
const TOPIC_ID_VERSION = 6

/** Removes topics. Their names are free at once, their files go a while later. */
export default handler(deleteTopics, async (request, { apiVersion, broker }) => {
  const { metadata, partitions, settings } = broker
  const topics =
    apiVersion >= TOPIC_ID_VERSION
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
  const enabled = settings.broker['delete.topic.enable']
  const deleted = await metadata.commit((image) => decideDeleteTopics(image, topics, enabled))
  await partitions.applied()
  return {
    responses: deleted.map(({ name, topicId, error, message }) => ({
      name,
      topicId,
      errorCode: errors[error].code,
      errorMessage: message,
    })),
  }
})
