import type { Timers } from './environment.ts'

/** The calls of a disk that can be made to fail or to take time. */
export type DiskOperation =
  | 'open'
  | 'stat'
  | 'list'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'syncDirectory'

/** What happens to some calls of one kind. */
export interface DiskFault {
  readonly operation: DiskOperation
  /** Only for paths that it matches. */
  readonly path?: RegExp
  /** Calls that pass before the first one hit; 0 when absent. */
  readonly after?: number
  /** Calls that are hit; all when absent. */
  readonly times?: number
  /** The error they end with, such as ENOSPC or EIO. A failed write has written half of its bytes. */
  readonly code?: string
  /** How much later an asynchronous call (`read`, `sync`, those off the loop) ends. */
  readonly delayMs?: number
}

/** The faults of one memory disk, in the order they were added. */
export class DiskFaults {
  readonly #rules: { readonly fault: DiskFault; seen: number }[] = []

  /** @returns a function that ends the fault. */
  add(fault: DiskFault): () => void {
    const rule = { fault, seen: 0 }
    this.#rules.push(rule)
    return () => {
      const index = this.#rules.indexOf(rule)
      if (index >= 0) this.#rules.splice(index, 1)
    }
  }

  /** Counts one call. @returns the fault that hits it, if one does. */
  on(operation: DiskOperation, path: string): DiskFault | undefined {
    let hit: DiskFault | undefined
    for (const rule of this.#rules) {
      const { fault } = rule
      if (fault.operation !== operation || (fault.path && !fault.path.test(path))) continue
      const number = rule.seen++ - (fault.after ?? 0)
      if (number >= 0 && number < (fault.times ?? Number.POSITIVE_INFINITY)) hit ??= fault
    }
    return hit
  }

  /** As `on`, and throws the error if the fault has one. */
  check(operation: DiskOperation, path: string): DiskFault | undefined {
    if (this.#rules.length === 0) return undefined
    const fault = this.on(operation, path)
    if (fault?.code !== undefined) throw systemError(fault.code, operation, path)
    return fault
  }
}

/** Ends when a call hit by `fault` does. */
export async function delayOf(fault: DiskFault | undefined, timers?: Timers, nowMs = 0) {
  const delayMs = fault?.delayMs
  if (delayMs === undefined || timers === undefined) return
  await new Promise<void>((resolve) => timers.at(nowMs + delayMs, resolve))
}

/** An error shaped as those of the system are. */
export function systemError(code: string, syscall: string, path: string): Error {
  const message = `${code}: ${MEANING[code] ?? 'failed'}, ${syscall} '${path}'`
  return Object.assign(new Error(message), { code, syscall, path })
}

const MEANING: Readonly<Record<string, string>> = {
  EBADF: 'the file is closed',
  EEXIST: 'file already exists',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EACCES: 'permission denied',
}
