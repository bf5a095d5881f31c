import type { Disk } from '../kernel/environment.ts'
import { isId } from './random-id.ts'

const FILE_NAME = 'partition.metadata'
const VERSION = 0
const ZERO_ID = 'A'.repeat(22)

/**
 * The topic id in the `partition.metadata` of a partition directory (KIP-516).
 * @returns undefined when the file is absent or does not hold an id: the cluster's metadata knows it,
 *   and a partition without data may have lost the file to a power cut.
 */
export function readPartitionTopicId(disk: Disk, directory: string): string | undefined {
  const path = `${directory}/${FILE_NAME}`
  if (!disk.stat(path)) return undefined
  const text = Buffer.from(disk.readFile(path)).toString('utf8')
  const match = /^version:\s+(\d+)\r?\ntopic_id:\s+(\S+)/.exec(text)
  // A later version may add lines; the id is promised to stay where it is.
  const topicId = match?.[2]
  return topicId !== undefined && isId(topicId) && topicId !== ZERO_ID ? topicId : undefined
}

/** Writes the file, synced. */
export function writePartitionTopicId(disk: Disk, directory: string, topicId: string): void {
  disk.replaceFile(`${directory}/${FILE_NAME}`, textOf(topicId))
}

/** As `writePartitionTopicId`, off the loop. */
export function writePartitionTopicIdOffLoop(
  disk: Disk,
  directory: string,
  topicId: string,
): Promise<void> {
  return disk.replaceFileOffLoop(`${directory}/${FILE_NAME}`, textOf(topicId), () => true)
}

function textOf(topicId: string): Uint8Array {
  return Buffer.from(`version: ${VERSION}\ntopic_id: ${topicId}`)
}
