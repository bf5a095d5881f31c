import { decideAutoCreation } from '../controller/auto-create-topics.ts'
import type { Environment } from '../kernel/environment.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { type ErrorName, errors } from '../protocol/errors.ts'
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
   *   now is there, because clients expect to have to ask again. Internal topics are left out.
   */
  async create(names: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    if (names.size === 0) return new Map()
    const rules = creationRules(this.#settings, this.#environment)
    const created = await this.#metadata.commit((image) =>
      decideAutoCreation(image, [...names], rules),
    )
    return new Map(created.map(({ name, error }) => [name, firstAnswer(error)]))
  }
}

function firstAnswer(error: ErrorName): number {
  const isThere = error === 'NONE' || error === 'TOPIC_ALREADY_EXISTS'
  return errors[isThere ? 'UNKNOWN_TOPIC_OR_PARTITION' : error].code
}
