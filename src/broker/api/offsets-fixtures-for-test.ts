import { offsetFetch } from '../../protocol/api/09-offset-fetch.ts'
import type { TestBroker } from '../broker-fixtures-for-test.ts'

/** The newest version that names topics by name. */
const BY_NAME = 9

/** The committed offsets of a group, by `topic-partition`. */
export async function committedOffsets(
  b: TestBroker,
  groupId: string,
): Promise<Readonly<Record<string, number>>> {
  const { groups } = await b.ask(offsetFetch, { groups: [{ groupId, topics: null }] }, BY_NAME)
  const offsets = groups[0]!.topics.flatMap(({ name, partitions }) => {
    return partitions.map((one) => [`${name}-${one.partitionIndex}`, one.committedOffset] as const)
  })
  return Object.fromEntries(offsets)
}
