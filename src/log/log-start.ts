import type { Disk, Random } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { LogDirectory } from './log-directory.ts'
import { isSystemError, LogDirectoryError } from './log-directory-error.ts'
import { decideClusterId } from './log-identity.ts'
import { randomId } from './random-id.ts'

export interface LogStartOptions {
  /** Absolute paths, in the order of the configuration. */
  readonly logDirs: readonly string[]
  /** undefined takes what the directories say, or makes a new cluster. */
  readonly clusterId: string | undefined
  readonly nodeId: number
  readonly disk: Disk
  readonly random: Random
  readonly logger: Logger
}

/** The log directories of a broker that has just started. */
export interface StartedDirectories {
  readonly clusterId: string
  /** Taken and formatted. At least one. */
  readonly directories: readonly LogDirectory[]
  /** Those whose disk does not work, and why. */
  readonly offline: ReadonlyMap<string, Error>
}

/**
 * Takes all log directories, sees whose they are, and formats those that are new. One whose disk
 * fails is left out while another is left.
 * @throws LogDirectoryError, with all locks given back, for every other fault and when none is left.
 */
export function startDirectories(options: LogStartOptions): StartedDirectories {
  const taken: LogDirectory[] = []
  const offline = new Map<string, Error>()
  try {
    for (const path of distinct(options.logDirs)) {
      attempt(path, offline, options, () => {
        taken.push(LogDirectory.take(options.disk, path, options.logger))
      })
    }
    const wanted = { clusterId: options.clusterId, nodeId: options.nodeId }
    const newId = () => randomId(options.random)
    const clusterId = decideClusterId(taken, wanted, newId)
    for (const directory of taken) {
      attempt(directory.path, offline, options, () => {
        directory.format(clusterId, options.nodeId, newId)
      })
    }
    const directories = taken.filter(({ path }) => !offline.has(path))
    for (const failed of taken) if (offline.has(failed.path)) failed.release()
    return { clusterId, directories, offline }
  } catch (error) {
    for (const directory of taken) directory.release()
    throw error
  }
}

/** Runs one step for one directory. An error of its disk takes it offline, unless it is the last. */
function attempt(
  path: string,
  offline: Map<string, Error>,
  { logDirs, logger }: LogStartOptions,
  step: () => void,
): void {
  try {
    step()
  } catch (error) {
    const failure = isSystemError(error) ? LogDirectoryError.notUsable(path, error) : error
    const isOfDisk = failure instanceof LogDirectoryError && failure.fault === 'not-usable'
    if (!isOfDisk || offline.size + 1 === logDirs.length) throw failure
    offline.set(path, failure)
    logger.error({ path, error: failure }, 'A log directory is offline: its disk does not work.')
  }
}

function distinct(logDirs: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  for (const given of logDirs) {
    const path = given.length > 1 ? given.replace(/\/+$/, '') : given
    if (seen.has(path)) {
      throw new LogDirectoryError('twice', path, `log directory ${path} is configured twice`)
    }
    seen.add(path)
  }
  return [...seen]
}
