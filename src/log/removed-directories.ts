import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { DueTask } from './due-task.ts'

/**
 * Directories of deleted partitions on their way out. They stay a while under their `-delete` name,
 * for reads that have begun; removal is off the loop and one at a time. What a stop leaves over is
 * found again at the next start.
 */
export class RemovedDirectories {
  readonly #environment: Environment
  readonly #logger: Logger
  readonly #task: DueTask
  /** When each path is due, in the order they came. */
  readonly #due = new Map<string, number>()
  #running: Promise<void> | undefined

  constructor(environment: Environment, logger: Logger) {
    this.#environment = environment
    this.#logger = logger
    this.#task = new DueTask(environment, () => this.#start())
  }

  get count(): number {
    return this.#due.size
  }

  /** Removes a directory and all in it `delayMs` from now. */
  add(path: string, delayMs: number): void {
    this.#due.set(path, this.#environment.clock.monotonic() + delayMs)
    this.#task.within(delayMs)
  }

  /** Forgets the directories below `root`: its disk has failed. */
  abandon(root: string): void {
    for (const path of this.#due.keys()) if (path.startsWith(`${root}/`)) this.#due.delete(path)
  }

  /** Ends when a removal that has begun has. */
  async stop(): Promise<void> {
    this.#task.stop()
    this.#due.clear()
    await this.#running
  }

  #start(): void {
    this.#running ??= this.#removeDue().finally(() => {
      this.#running = undefined
      let nextMs = Number.POSITIVE_INFINITY
      for (const dueMs of this.#due.values()) nextMs = Math.min(nextMs, dueMs)
      this.#task.within(nextMs - this.#environment.clock.monotonic())
    })
  }

  async #removeDue(): Promise<void> {
    for (const [path, dueMs] of this.#due) {
      if (dueMs > this.#environment.clock.monotonic()) continue
      this.#due.delete(path)
      try {
        await this.#environment.disk.removeTree(path)
        this.#logger.info({ path }, 'Removed the directory of a deleted partition.')
      } catch (error) {
        // Nothing depends on it; the next start tries again.
        this.#logger.error({ path, error }, 'Could not remove a deleted partition.')
      }
    }
  }
}
