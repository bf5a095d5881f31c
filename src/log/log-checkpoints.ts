import type { Environment } from '../kernel/environment.ts'
import type { PartitionOffset } from './checkpoint-file.ts'
import { DueTask } from './due-task.ts'
import type { CheckpointName, LogDirectory } from './log-directory.ts'
import { isSystemError } from './log-directory-error.ts'

/** One kind of checkpoint file. */
export interface CheckpointKind {
  /** What the file of a directory should say now. */
  readonly source: (directory: LogDirectory) => readonly PartitionOffset[]
  /** It is written at most once in this time. Asked for at each use. */
  readonly intervalMs: () => number
}

interface Kind extends CheckpointKind {
  readonly task: DueTask
}

/** One checkpoint file of one directory. */
interface File {
  /** What it was last given, to spare the disk the same again; undefined when that is not known. */
  content: string | undefined
  /** Counts writes that have begun. One off the loop gives way when a newer one has. */
  writes: number
  /** The write off the loop. */
  running: Promise<void> | undefined
}

/**
 * Writes the checkpoint files of all log directories: some time after something in them has changed,
 * off the loop, and only those whose content is another than the last one. They may be stale, never
 * ahead: what they say was true when the write began, and what makes it untrue writes them anew, at once.
 */
export class LogCheckpoints {
  readonly #kinds = new Map<CheckpointName, Kind>()
  readonly #files = new Map<LogDirectory, Map<CheckpointName, File>>()
  readonly #outdated = new Set<LogDirectory>()
  readonly #environment: Environment
  readonly #directories: () => Iterable<LogDirectory>
  readonly #onFailure: (directory: LogDirectory, error: Error) => void

  /**
   * @param directories those online.
   * @param onFailure told when a directory cannot be written.
   */
  constructor(
    environment: Environment,
    kinds: Readonly<Record<CheckpointName, CheckpointKind>>,
    directories: () => Iterable<LogDirectory>,
    onFailure: (directory: LogDirectory, error: Error) => void,
  ) {
    this.#environment = environment
    this.#directories = directories
    this.#onFailure = onFailure
    for (const [key, kind] of Object.entries(kinds)) {
      const name = key as CheckpointName // the keys of a complete record
      const task = new DueTask(environment, () => this.#writeDue(name))
      this.#kinds.set(name, { ...kind, task })
    }
  }

  /** Something that the file holds may have changed. Cheap: called for every written batch. */
  changed(name: CheckpointName): void {
    const { task, intervalMs } = this.#kinds.get(name)!
    task.within(intervalMs())
  }

  /** The files of a directory speak of a log that is gone, or say too much of one. They are written at
   *  the end of the turn, for all such logs together. */
  outdated(directory: LogDirectory): void {
    this.#outdated.add(directory)
    if (this.#outdated.size === 1) this.#environment.timers.afterTurn(() => this.settle())
  }

  /** Writes the outdated files now, as a new log asks for that may bear the name of one that is gone. */
  settle(): void {
    const outdated = [...this.#outdated]
    this.#outdated.clear()
    for (const directory of outdated) this.write(directory)
  }

  /** Writes all files of one directory at once. */
  write(directory: LogDirectory): void {
    for (const name of this.#kinds.keys()) this.#write(directory, name)
  }

  /** No more work from here on. Resolves when writes off the loop have ended; none of them changes a
   *  file any more. */
  async stop(): Promise<void> {
    this.#outdated.clear()
    for (const { task } of this.#kinds.values()) task.stop()
    const files = [...this.#files.values()].flatMap((byName) => [...byName.values()])
    for (const file of files) file.writes++
    await Promise.all(files.map(({ running }) => running))
  }

  #writeDue(name: CheckpointName): void {
    for (const directory of this.#directories()) {
      const file = this.#file(directory, name)
      if (file.running !== undefined) {
        this.changed(name) // the disk is slow: later
        continue
      }
      file.running = this.#writeOffLoop(directory, name, file).finally(() => {
        file.running = undefined
      })
    }
  }

  /** Never rejects for an error of the system. */
  async #writeOffLoop(directory: LogDirectory, name: CheckpointName, file: File): Promise<void> {
    const offsets = this.#kinds.get(name)!.source(directory)
    const content = JSON.stringify(offsets)
    const write = file.writes + 1
    const isNewest = (): boolean => file.writes === write
    try {
      if (file.content === content) return
      file.writes = write
      file.content = undefined // until it ends the file may hold either
      await directory.writeCheckpointOffLoop(name, offsets, () => {
        return isNewest() && [...this.#directories()].includes(directory)
      })
      if (isNewest()) file.content = content
    } catch (error) {
      if (!isSystemError(error)) throw error
      if (isNewest()) this.#onFailure(directory, error)
    }
  }

  #write(directory: LogDirectory, name: CheckpointName): void {
    const offsets = this.#kinds.get(name)!.source(directory)
    const content = JSON.stringify(offsets)
    const file = this.#file(directory, name)
    file.writes++
    if (file.content === content) return
    try {
      directory.writeCheckpoint(name, offsets)
      file.content = content
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.#onFailure(directory, error)
    }
  }

  #file(directory: LogDirectory, name: CheckpointName): File {
    const ofDirectory = this.#files.get(directory) ?? new Map<CheckpointName, File>()
    this.#files.set(directory, ofDirectory)
    const file = ofDirectory.get(name) ?? { content: undefined, writes: 0, running: undefined }
    ofDirectory.set(name, file)
    return file
  }
}
