import { assert } from '../kernel/assert.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { PRODUCER_IDS_KEY } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { ProducerIdsValue } from '../metadata/values.ts'

/** Producer ids a broker takes at once; Kafka's constant (KIP-730). A restart loses what is left. */
export const PRODUCER_ID_BLOCK = 1_000

/** Takes a block of producer ids that nobody else gets. @returns the first of them. */
export function decideProducerIdBlock(image: ClusterImage): Decision<number> {
  const first = image.producerIds.next
  return { ...moveNext(image, first + PRODUCER_ID_BLOCK), result: first }
}

/**
 * Keeps clear of producer ids that logs know already, of a Kafka whose directory was taken over or of
 * metadata that were lost: an id given twice would have its records taken for repetitions.
 * @param highest the highest id found; -1 for none.
 */
export function decideProducerIdFloor(image: ClusterImage, highest: number): Decision<undefined> {
  if (highest < image.producerIds.next) return { result: undefined }
  const block = Math.floor(highest / PRODUCER_ID_BLOCK) + 1
  return { ...moveNext(image, block * PRODUCER_ID_BLOCK), result: undefined }
}

function moveNext(image: ClusterImage, next: number): Omit<Decision<unknown>, 'result'> {
  assert(Number.isSafeInteger(next), `producer ids are used up at ${next}`)
  const value: ProducerIdsValue = { next }
  return {
    puts: [{ key: PRODUCER_IDS_KEY, value: JSON.stringify(value) }],
    expect: { [PRODUCER_IDS_KEY]: { modRevision: image.producerIds.modRevision } },
  }
}
