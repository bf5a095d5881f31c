import type { LogCore } from '../log-core.ts'
import type { Segment } from '../segment.ts'

/**
 * Puts a compacted segment in the place of those it was made from. Each step is on the disk before the
 * next begins, so that a crash leaves the old segments or the new one, never less:
 *
 * | files | a start finds | and makes of it |
 * |---|---|---|
 * | `.cleaned`, synced | the old segments and rubbish | the old segments |
 * | `.cleaned` renamed to `.swap` | both | the new one: it is whole |
 * | old ones renamed to `.deleted` | the new one | the new one |
 * | `.swap` renamed to its final name | the new one | the new one |
 *
 * Readers see the old segments until the third step, and the new one from then on, with its aborted
 * transactions: what was read before and arrives after is read again (`Log.read`), and the tail cache
 * forgets it.
 * @param mayGoOn asked after each wait: false when the log is closed, was cut, or has lost one of them.
 * @returns whether it was done. Otherwise the new files are of no use.
 * @throws KafkaError KAFKA_STORAGE_ERROR when the disk fails; the log has then failed.
 */
export async function swapIn(
  log: LogCore,
  cleaned: Segment,
  group: readonly Segment[],
  mayGoOn: () => boolean,
): Promise<boolean> {
  const { segments, snapshots, writer, removal, options } = log
  await waitFor(log, () => cleaned.sync())
  if (!mayGoOn()) return false
  writer.guard('swap segments', () => cleaned.enter('.swap'))
  log.pendingSwap = cleaned
  await waitFor(log, () => options.environment.disk.syncDirectoryOffLoop(options.directory))
  if (log.pendingSwap !== cleaned) return false // it was withdrawn
  if (!mayGoOn()) {
    log.withdrawSwap()
    return false
  }
  writer.guard('swap segments', () => {
    const next = segments.at(segments.floor(group.at(-1)!.baseOffset) + 1)!
    segments.replace(group, cleaned)
    log.pendingSwap = undefined
    log.swaps++
    log.tail.dropBelow(next.baseOffset)
    removal.take(group)
    for (const { baseOffset } of group.slice(1)) snapshots.remove(baseOffset)
  })
  await waitFor(log, () => options.environment.disk.syncDirectoryOffLoop(options.directory))
  if (log.isClosed || cleaned.isDeleted) return true
  writer.guard('swap segments', () => cleaned.enter(''))
  writer.directoryChanged()
  return true
}

/** An error of the system ends the log, unless it has been closed meanwhile. */
async function waitFor(log: LogCore, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!log.isClosed) throw log.writer.storageError('swap segments', error)
  }
}
