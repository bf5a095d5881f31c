import { decideCreateTopics } from '../controller/create-topics.ts'
import type { Environment } from '../kernel/environment.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { errors } from '../protocol/errors.ts'
import { creationRules } from './creation-rules.ts'
import type { Settings } from './settings.ts'

/** Makes topics that a client asked about, with the broker's defaults (`auto.create.topics.enable`). */
export class AutoCreation {
  readonly #metadata: MetadataStore
  readonly #settings: Settings
  readonly #environment: Environment

  constructor(metadata: MetadataStore, settings: Settings, environment: Environment) {
    this.#metadata = metadata
    this.#settings = settings
    this.#environment = environment
  }

  /**
   * @returns by name, the error code for the first answer: UNKNOWN_TOPIC_OR_PARTITION for a topic that
   *   now is there, because clients expect to have to ask again.
   */
  async create(names: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const topics = Array.from(names, (name) => {
      return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
    })
    if (topics.length === 0) return new Map()
    const created = await this.#metadata.commit((image) =>
      decideCreateTopics(
        image,
        { topics, validateOnly: false },
        creationRules(this.#settings, this.#environment),
      ),
    )
    return new Map(created.map(({ name, error }) => [name, firstAnswer(error)]))
  }
}

function firstAnswer(error: keyof typeof errors): number {
  const isThere = error === 'NONE' || error === 'TOPIC_ALREADY_EXISTS'
  return errors[isThere ? 'UNKNOWN_TOPIC_OR_PARTITION' : error].code
}
