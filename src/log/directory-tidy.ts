import type { Disk } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { FilePool } from './file-pool.ts'
import * as names from './log-files.ts'
import { scanBatches } from './segment-scan.ts'

/**
 * Finishes what a crash interrupted in a partition directory, by the names of its files:
 *
 * | name | meaning | now |
 * |---|---|---|
 * | `….deleted` | waited for its removal | removed |
 * | `….cleaned` | of a compaction that had not ended | removed |
 * | `….swap` behind the first `….cleaned` | of a split that had not ended | removed |
 * | other `….log.swap` | complete, about to replace the segments it covers | takes their place |
 * | other `….swap` | its index; whose `.log` had its final name already, or was thrown away | takes its place where no other index is |
 */
export async function tidyDirectory(
  files: FilePool,
  directory: string,
  logger: Logger,
): Promise<void> {
  const { disk } = files
  const found = disk
    .list(directory)
    .map(names.parseLogFileName)
    .filter((file) => file !== undefined)
  if (found.every((file) => file.state === '')) return
  const remove = (file: names.LogFileName): void => {
    logger.info({ file: `${directory}/${file.name}` }, 'Removed a file that was on its way out.')
    disk.remove(`${directory}/${file.name}`)
  }
  const cleaned = found.filter((file) => file.state === names.CLEANED_SUFFIX)
  const firstCleaned = Math.min(...cleaned.map((file) => file.offset))
  const swaps = found.filter((file) => file.state === names.SWAP_SUFFIX)
  const complete = swaps.filter((file) => file.offset < firstCleaned)
  for (const file of found.filter(({ state }) => state === names.DELETED_SUFFIX)) remove(file)
  for (const file of swaps) if (!complete.includes(file)) remove(file)
  for (const file of cleaned) remove(file)
  if (complete.length === 0) return

  const covered = await coveredRange(files, directory, complete)
  for (const file of found) {
    const isCovered = file.offset >= covered.start && file.offset < covered.end
    if (file.state === '' && isCovered) remove(file)
  }
  disk.syncDirectory(directory)
  const isWanted = ({ name, offset }: names.LogFileName): boolean => {
    const hasLog = complete.some(
      (file) => file.offset === offset && file.suffix === names.LOG_SUFFIX,
    )
    return hasLog || disk.stat(finalPath(directory, name)) === undefined
  }
  const wanted = complete.filter(isWanted)
  for (const file of complete) if (!wanted.includes(file)) remove(file)
  putInPlace(disk, directory, wanted, logger)
}

/** The offsets that the swap files stand for. */
async function coveredRange(
  files: FilePool,
  directory: string,
  swaps: readonly names.LogFileName[],
): Promise<{ readonly start: number; readonly end: number }> {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const { name, offset, suffix } of swaps) {
    if (suffix !== names.LOG_SUFFIX) continue
    const file = files.file(`${directory}/${name}`, 'read')
    const { nextOffset } = await scanBatches(
      {
        file,
        buffers: files.buffers,
        start: 0,
        end: file.get().sizeBytes(),
        minOffset: offset,
        checksumsFrom: Number.POSITIVE_INFINITY,
      },
      () => true,
    )
    file.close()
    start = Math.min(start, offset)
    end = Math.max(end, nextOffset)
  }
  return { start, end }
}

function finalPath(directory: string, name: string): string {
  return `${directory}/${name.slice(0, -names.SWAP_SUFFIX.length)}`
}

function putInPlace(
  disk: Disk,
  directory: string,
  swaps: readonly names.LogFileName[],
  logger: Logger,
): void {
  for (const { name } of swaps) {
    const path = `${directory}/${name}`
    logger.info({ file: path }, 'Put a compacted segment in its place.')
    disk.rename(path, finalPath(directory, name))
  }
  disk.syncDirectory(directory)
}
