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

/**
 * Writes the checkpoint files of all log directories: some time after something in them has changed,
 * and only those whose content is another than the last one. They may be stale, never ahead: what
 * they say was true when they were written.
 */
export class LogCheckpoints {
  readonly #kinds = new Map<CheckpointName, Kind>()
  /** What each file was last given, to spare the disk the same again. */
  readonly #written = new Map<LogDirectory, Map<CheckpointName, string>>()
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
      const task = new DueTask(environment, () => this.#writeAll(name))
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

  stop(): void {
    this.#outdated.clear()
    for (const { task } of this.#kinds.values()) task.stop()
  }

  #writeAll(name: CheckpointName): void {
    for (const directory of this.#directories()) this.#write(directory, name)
  }

  #write(directory: LogDirectory, name: CheckpointName): void {
    const offsets = this.#kinds.get(name)!.source(directory)
    const content = JSON.stringify(offsets)
    const written = this.#written.get(directory) ?? new Map<CheckpointName, string>()
    if (written.get(name) === content) return
    try {
      directory.writeCheckpoint(name, offsets)
      this.#written.set(directory, written.set(name, content))
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.#onFailure(directory, error)
    }
  }
}
