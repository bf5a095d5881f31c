import { decideProducerIdBlock, PRODUCER_ID_BLOCK } from '../controller/producer-ids.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'

/** Gives out producer ids, each once in the life of the cluster. A block of them is committed to the
 *  metadata before its first is given. */
export class ProducerIds {
  readonly #metadata: MetadataStore
  #next = 0
  #end = 0
  #taking: Promise<void> | undefined

  constructor(metadata: MetadataStore) {
    this.#metadata = metadata
  }

  /** @throws CoordinationError (rejects) when no block can be had. */
  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#taking ??= this.#take()
      await this.#taking
    }
    return this.#next++
  }

  async #take(): Promise<void> {
    try {
      this.#next = await this.#metadata.commit(decideProducerIdBlock)
      this.#end = this.#next + PRODUCER_ID_BLOCK
    } finally {
      this.#taking = undefined
    }
  }
}
