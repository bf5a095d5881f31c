import type { ClusterImage } from '../metadata/image.ts'
import { PRODUCER_IDS_KEY } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'

/** Ids a broker takes at once; unused ones are lost when it stops. Kafka's size of a block. */
export const PRODUCER_ID_BLOCK = 1_000

/** Takes the next block of producer ids. The result is its first id; no id is given twice. */
export function decideProducerIdBlock(image: ClusterImage): Decision<number> {
  const { next, modRevision } = image.producerIds
  return {
    puts: [{ key: PRODUCER_IDS_KEY, value: JSON.stringify({ next: next + PRODUCER_ID_BLOCK }) }],
    expect: { [PRODUCER_IDS_KEY]: { modRevision } },
    result: next,
  }
}
