import type { ClusterImage } from '../metadata/image.ts'
import { isInternalTopic } from '../metadata/internal-topics.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import { type CreatedTopic, type CreationRules, decideCreateTopics } from './create-topics.ts'

/**
 * Creates topics that a client asked metadata for, with the broker's default counts and no settings.
 * The broker's own topics are left out: those are made by the parts that write to them, each in its
 * own shape.
 * @param names each once.
 * @returns how each ended; TOPIC_ALREADY_EXISTS when another was faster.
 */
export function decideAutoCreation(
  image: ClusterImage,
  names: readonly string[],
  rules: CreationRules,
): Decision<readonly CreatedTopic[]> {
  const topics = names
    .filter((name) => !isInternalTopic(name))
    .map((name) => ({
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    }))
  return decideCreateTopics(image, { topics, validateOnly: false }, rules)
}
