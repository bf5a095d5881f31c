import { KafkaError } from '../protocol/errors.ts'

/** Why a log directory cannot be used. */
export type LogDirectoryFault =
  | 'locked'
  | 'not-usable'
  | 'other-cluster'
  | 'other-node'
  | 'mixed'
  | 'newer-version'
  | 'damaged'
  | 'twice'

/**
 * The start of a broker ends here: one of its log directories is not its own or not in order. The
 * message is a sentence for whoever started it. I/O errors of a directory among others are none of
 * these: that directory goes offline and the broker lives on the rest.
 */
export class LogDirectoryError extends Error {
  override readonly name = 'LogDirectoryError'
  readonly fault: LogDirectoryFault
  readonly path: string

  constructor(
    fault: LogDirectoryFault,
    path: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
    this.fault = fault
    this.path = path
  }

  /** The directory's disk answered with an error. */
  static notUsable(path: string, cause: Error & { readonly code: string }): LogDirectoryError {
    const what = MEANING[cause.code] ?? 'cannot be used'
    const message = `log directory ${path} ${what}: ${cause.message}`
    return new LogDirectoryError('not-usable', path, message, { cause })
  }

  /** Two directories hold records of one partition. */
  static twice(partition: string, one: string, other: string): LogDirectoryError {
    const advice = 'remove the one whose disk failed last time'
    const message = `partition ${partition} is both in ${one} and in ${other}: ${advice}`
    return new LogDirectoryError('twice', other, message)
  }
}

const MEANING: Readonly<Record<string, string>> = {
  EACCES: 'is not writable',
  EPERM: 'is not writable',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a full disk',
  ENOTDIR: 'is not a directory',
  EEXIST: 'is not a directory',
}

/** Whether an error comes from the operating system: EIO, ENOSPC, EACCES and their like. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code))
}

/** The operating system's error in or behind `error`; undefined when it is of another kind. */
export function systemErrorIn(error: unknown): (Error & { readonly code: string }) | undefined {
  if (isSystemError(error)) return error
  return error instanceof KafkaError ? systemErrorIn(error.cause) : undefined
}
