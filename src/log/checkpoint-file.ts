import type { Disk } from '../kernel/environment.ts'

/**
 * Kafka's small text files: a version, a count, then one entry per line with its values separated by
 * blanks. They are replaced as a whole, so a crash leaves the old or the new content, which may be
 * stale but is never torn.
 */

const CHECKPOINT_VERSION = 0

/** A checkpoint file that cannot be understood. The owner decides: offsets start over from what the
 *  segments say, leader epochs are rebuilt from the batches. */
export class CorruptCheckpoint extends Error {
  override readonly name = 'CorruptCheckpoint'
}

/** An offset of one partition, as the `…-offset-checkpoint` files of a log directory hold them. */
export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/**
 * Reads the entries of a checkpoint file.
 * @param columns how many values each line must have.
 * @returns none when the file is absent or empty.
 * @throws CorruptCheckpoint naming the path and the line.
 */
export function readCheckpoint(disk: Disk, path: string, columns: number): readonly string[][] {
  if (!disk.stat(path)) return []
  return parseCheckpoint(Buffer.from(disk.readFile(path)).toString('utf8'), path, columns)
}

/** Replaces a checkpoint file as one step, synced. */
export function writeCheckpoint(disk: Disk, path: string, lines: readonly string[]): void {
  disk.replaceFile(path, Buffer.from(formatCheckpoint(lines)))
}

/** The partition offsets in a file; of two lines for one partition the later counts.
 *  @throws CorruptCheckpoint */
export function readOffsets(disk: Disk, path: string): readonly PartitionOffset[] {
  return readCheckpoint(disk, path, 3).map(([topic, partition, offset]) => ({
    topic: topic!,
    partition: wholeNumber(partition!, path),
    offset: wholeNumber(offset!, path),
  }))
}

export function writeOffsets(disk: Disk, path: string, offsets: readonly PartitionOffset[]): void {
  writeCheckpoint(disk, path, offsets.map(lineOf))
}

/** As `writeOffsets`, off the loop. @param isWanted as `Disk.replaceFileOffLoop` asks. */
export function writeOffsetsOffLoop(
  disk: Disk,
  path: string,
  offsets: readonly PartitionOffset[],
  isWanted: () => boolean,
): Promise<void> {
  const text = formatCheckpoint(offsets.map(lineOf))
  return disk.replaceFileOffLoop(path, Buffer.from(text), isWanted)
}

function lineOf({ topic, partition, offset }: PartitionOffset): string {
  return `${topic} ${partition} ${offset}`
}

/** @throws CorruptCheckpoint when `text` is no decimal integer that a number holds exactly. */
export function wholeNumber(text: string, path: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw malformed(path, `"${text}" is not a whole number`)
  return value
}

export function formatCheckpoint(lines: readonly string[]): string {
  return [CHECKPOINT_VERSION, lines.length, ...lines, ''].join('\n')
}

/** @throws CorruptCheckpoint */
export function parseCheckpoint(text: string, path: string, columns: number): readonly string[][] {
  const lines = text.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  const [version, count, ...entries] = lines
  if (version === undefined) return []
  if (wholeNumber(version, path) !== CHECKPOINT_VERSION) {
    throw malformed(path, `it has version ${version}, this program knows ${CHECKPOINT_VERSION}`)
  }
  if (count === undefined) return []
  if (wholeNumber(count, path) !== entries.length) {
    throw malformed(path, `it has ${entries.length} entries where it announces ${count}`)
  }
  return entries.map((line) => {
    const values = line.split(/\s+/)
    if (values.length !== columns) throw malformed(path, `"${line}" has not ${columns} values`)
    return values
  })
}

function malformed(path: string, what: string): CorruptCheckpoint {
  return new CorruptCheckpoint(`checkpoint file ${path} is damaged: ${what}`)
}
