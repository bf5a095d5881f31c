import type { Disk } from '../kernel/environment.ts'

const FILE_NAME = '.kafka_cleanshutdown'

/** What the broker that closed a log directory in good order left behind. */
export interface CleanShutdown {
  /** Its epoch (KIP-966), -1 when it had none or an older Kafka wrote the file. */
  readonly brokerEpoch: number
}

/** undefined when the directory was not closed in good order: its logs need recovery. */
export function readCleanShutdown(disk: Disk, directory: string): CleanShutdown | undefined {
  const path = `${directory}/${FILE_NAME}`
  if (!disk.stat(path)) return undefined
  return { brokerEpoch: brokerEpochIn(Buffer.from(disk.readFile(path)).toString('utf8')) }
}

/** Marks the directory as closed in good order. The last thing written into it. */
export function writeCleanShutdown(disk: Disk, directory: string, brokerEpoch: number): void {
  const text = JSON.stringify({ version: 0, brokerEpoch })
  disk.replaceFile(`${directory}/${FILE_NAME}`, Buffer.from(text))
}

/** Taken away before the first log is opened, durably: a crash from then on must not look clean. */
export function removeCleanShutdown(disk: Disk, directory: string): void {
  disk.remove(`${directory}/${FILE_NAME}`)
  disk.syncDirectory(directory)
}

/** Kafka before 3.7 left the file empty. */
function brokerEpochIn(text: string): number {
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content !== 'object' || content === null || !('brokerEpoch' in content)) return -1
    return Number.isSafeInteger(content.brokerEpoch) ? Number(content.brokerEpoch) : -1
  } catch {
    return -1
  }
}
