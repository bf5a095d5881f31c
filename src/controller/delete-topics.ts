import type { ClusterImage, TopicImage } from '../metadata/image.ts'
import { configKey, deletedTopicKey, partitionsPrefix, topicKey } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { DeletedTopicValue } from '../metadata/values.ts'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { duplicatesOf, type Outcome, SUCCESS } from './outcome.ts'

/** A topic to delete: by name (then the id is `ZERO_UUID`) or by id (then the name is null). */
export interface DeletableTopic {
  readonly name: string | null
  readonly topicId: string
}

export interface DeletedTopic extends DeletableTopic, Outcome {}

/**
 * DeleteTopics: each topic goes or stays by itself. A topic named twice, in whatever way, stays.
 * @param enabled `delete.topic.enable`.
 * @throws KafkaError TOPIC_DELETION_DISABLED
 */
export function decideDeleteTopics(
  image: ClusterImage,
  topics: readonly DeletableTopic[],
  enabled: boolean,
): Decision<readonly DeletedTopic[]> {
  if (!enabled) throw new KafkaError('TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.')
  const results: DeletedTopic[] = []
  const fail = (topic: DeletableTopic, error: ErrorName, message: string) =>
    results.push({ ...topic, error, message })

  const names: string[] = []
  const ids: string[] = []
  for (const topic of topics) {
    const { name, topicId } = topic
    if (name === null && topicId === ZERO_UUID) {
      fail(topic, 'INVALID_REQUEST', 'Neither topic name nor id were specified.')
    } else if (name === null) ids.push(topicId)
    else if (topicId === ZERO_UUID) names.push(name)
    else fail(topic, 'INVALID_REQUEST', 'You may not specify both topic name and topic id.')
  }
  const twiceNamed = duplicatesOf(names)
  const twiceIds = duplicatesOf(ids)
  for (const name of twiceNamed) {
    fail({ name, topicId: ZERO_UUID }, 'INVALID_REQUEST', 'Duplicate topic name.')
  }
  for (const topicId of twiceIds) {
    fail({ name: null, topicId }, 'INVALID_REQUEST', 'Duplicate topic id.')
  }

  const doomed = new Map<string, TopicImage>()
  for (const topicId of new Set(ids)) {
    if (twiceIds.has(topicId)) continue
    const topic = image.topicsById.get(topicId)
    if (topic !== undefined) doomed.set(topicId, topic)
    else
      fail({ name: null, topicId }, 'UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.')
  }
  for (const name of new Set(names)) {
    if (twiceNamed.has(name)) continue
    const topic = image.topics.get(name)
    if (topic === undefined) {
      const detail = 'This server does not host this topic-partition.'
      fail({ name, topicId: ZERO_UUID }, 'UNKNOWN_TOPIC_OR_PARTITION', detail)
    } else if (ids.includes(topic.id)) {
      doomed.delete(topic.id)
      const detail = 'The provided topic name maps to an ID that was already supplied.'
      fail({ name, topicId: topic.id }, 'INVALID_REQUEST', detail)
    } else doomed.set(topic.id, topic)
  }
  for (const { name, id } of doomed.values()) results.push({ name, topicId: id, ...SUCCESS })
  return { ...deletion([...doomed.values()]), result: results }
}

/**
 * The topics whose directories are gone from every log directory need not be remembered as deleted any
 * longer.
 */
export function decideForgetDeleted(
  image: ClusterImage,
  topicIds: Iterable<string>,
): Decision<undefined> {
  const known = [...topicIds].filter((id) => image.deletedTopics.has(id))
  return { deletes: known.map(deletedTopicKey), result: undefined }
}

/** A topic goes with its partitions and its settings, unless another has come in its place. It is
 *  remembered, so that directories a crash leaves of it are not taken for a topic to adopt. */
function deletion(topics: readonly TopicImage[]): Omit<Decision<unknown>, 'result'> {
  return {
    puts: topics.map(({ name, id }) => {
      const value: DeletedTopicValue = { name }
      return { key: deletedTopicKey(id), value: JSON.stringify(value) }
    }),
    deletes: topics.flatMap(({ name }) => [topicKey(name), configKey({ kind: 'topic', name })]),
    deletePrefixes: topics.map(({ id }) => partitionsPrefix(id)),
    expect: Object.fromEntries(
      topics.map(({ name, createRevision }) => [topicKey(name), { createRevision }]),
    ),
  }
}
