/**
 * Names of partition directories, as Kafka gives them:
 *
 * | name | what |
 * |---|---|
 * | `orders-0` | partition 0 of topic `orders` |
 * | `orders-0.3f…-delete` | deleted, its files are removed after `file.delete.delay.ms` |
 * | `orders-0.3f…-stray` | no longer this broker's by the metadata; kept for a person to look at |
 * | `orders-0.3f…-future` | a copy on its way from another log directory of this broker |
 */
export interface PartitionDirectoryName {
  readonly topic: string
  readonly partition: number
  readonly kind: 'current' | 'delete' | 'stray' | 'future'
}

/** What becomes of a partition that is found: it is opened, removed for good, or kept under a name of its
 *  own that is never looked at again. */
export type PartitionFate = 'open' | RemovalKind

/** How a partition leaves the broker. */
export type RemovalKind = 'delete' | 'stray'

const NAME_LIMIT = 255
const PLAIN = /^([a-zA-Z0-9._-]{1,249})-(\d{1,10})$/
/** What stands before a suffix may have been cut to fit the limit, so the topic may be incomplete. */
const SUFFIXED = /^(.+)-(\d{1,10})\.[^.\s]+-(delete|stray|future)$/
const LARGEST_PARTITION = 0x7fff_ffff

/** `orders-0`: the directory of a partition, and how it is named in logs and errors. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

/**
 * `orders-0.<id>-delete` or `…-stray`. The topic is cut so that the whole is no longer than a file name
 * may be.
 * @param id makes the name unique: the same topic may be removed and made again at once.
 */
export function removedPartitionName(
  topic: string,
  partition: number,
  id: string,
  kind: RemovalKind,
): string {
  const rest = `-${partition}.${id}-${kind}`
  return topic.slice(0, NAME_LIMIT - rest.length) + rest
}

/** undefined for names that no partition directory has. */
export function parsePartitionDirectory(name: string): PartitionDirectoryName | undefined {
  const plain = PLAIN.exec(name)
  if (plain) return partitionOf(plain[1]!, plain[2]!, 'current')
  const suffixed = SUFFIXED.exec(name)
  if (!suffixed) return undefined
  // The expression admits exactly these kinds.
  return partitionOf(suffixed[1]!, suffixed[2]!, suffixed[3] as 'delete' | 'stray' | 'future')
}

function partitionOf(
  topic: string,
  digits: string,
  kind: PartitionDirectoryName['kind'],
): PartitionDirectoryName | undefined {
  const partition = Number(digits)
  if (partition > LARGEST_PARTITION || String(partition) !== digits) return undefined
  return { topic, partition, kind }
}
