import { topicEntries } from '../../config/describe.ts'
import { type CreatedTopic, decideCreateTopics } from '../../controller/create-topics.ts'
import { createTopics } from '../../protocol/api/19-create-topics.ts'
import { errors } from '../../protocol/errors.ts'
import type { ResponseInput } from '../../protocol/schema.ts'
import { creationRules } from '../creation-rules.ts'
import { handler } from '../handler.ts'
import type { Settings } from '../settings.ts'

type TopicAnswer = ResponseInput<typeof createTopics>['topics'][number]

/** Makes topics, each by itself: one that is refused does not hold up the others. */
export default handler(createTopics, async (request, { broker }) => {
  const { environment, metadata, partitions, settings } = broker
  const created = await metadata.commit((image) =>
    decideCreateTopics(image, request, creationRules(settings, environment)),
  )
  await partitions.applied()
  return { topics: created.map((topic) => answer(topic, settings)) }
})

function answer(topic: CreatedTopic, settings: Settings): TopicAnswer {
  const { name, topicId, error, message, numPartitions, replicationFactor, overrides } = topic
  const isCreated = error === 'NONE'
  return {
    name,
    topicId,
    errorCode: errors[error].code,
    errorMessage: message,
    numPartitions,
    replicationFactor,
    configs: isCreated ? topicEntries(settings.configs, overrides) : [],
  }
}
