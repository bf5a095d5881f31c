import * as fs from 'node:fs'
import type { DiskLock } from './environment.ts'

/**
 * A lock between processes of one machine that outlives no process: a file that names its owner.
 *
 * Node offers no `flock`, so ownership is decided by the file's existence and by whether the process
 * it names still lives. Both steps are atomic: a lock appears whole (a hard link to a complete file),
 * and a dead owner's lock is replaced only by the one process that holds the right to do so, itself
 * a lock of this kind whose name carries the dead owner's. Processes of another container do not
 * see each other's ids: such an owner counts as dead.
 */

interface Owner {
  readonly pid: number
  /** Tells two processes with one id apart: boot and start time on Linux, else empty. */
  readonly started: string
}

/** How many dead take-overs of a dead owner are cleared away before giving up. */
const MAX_DEPTH = 4

/** @returns undefined while a living process, this one included, holds the lock. */
export function takeLockFile(path: string): DiskLock | undefined {
  return take(path, 0)
}

function take(path: string, depth: number): DiskLock | undefined {
  if (depth === MAX_DEPTH) return undefined
  const own: Owner = { pid: process.pid, started: startOf(process.pid) ?? '' }
  const beside = `${path}.${own.pid}`
  fs.writeFileSync(beside, JSON.stringify(own))
  try {
    if (linkTo(beside, path)) return lockOf(path, own)
    const holder = ownerOf(path)
    if (holder !== undefined && isAlive(holder)) return undefined
    return takeOver(path, holder, beside, own, depth)
  } finally {
    fs.rmSync(beside, { force: true })
  }
}

function takeOver(
  path: string,
  dead: Owner | undefined,
  beside: string,
  own: Owner,
  depth: number,
): DiskLock | undefined {
  const right = take(`${path}.${dead?.pid ?? 0}.takeover`, depth + 1)
  if (right === undefined) return undefined
  try {
    // Whoever had the right before may have finished: then the owner is another one by now.
    const holder = ownerOf(path)
    if (holder?.pid !== dead?.pid || holder?.started !== dead?.started) return undefined
    fs.renameSync(beside, path)
    return lockOf(path, own)
  } finally {
    right.release()
  }
}

function lockOf(path: string, own: Owner): DiskLock {
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      const owner = ownerOf(path)
      if (owner?.pid === own.pid && owner.started === own.started) fs.rmSync(path, { force: true })
    },
  }
}

/** Gives `file` the second name `path`. @returns false when `path` exists. */
function linkTo(file: string, path: string): boolean {
  try {
    fs.linkSync(file, path)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error
    return copyTo(file, path) // a file system without hard links
  }
}

function copyTo(file: string, path: string): boolean {
  try {
    fs.copyFileSync(file, path, fs.constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** undefined when there is no such file or when it names nobody, as the one Kafka leaves. */
function ownerOf(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(fs.readFileSync(path, 'utf8'))
    if (typeof owner !== 'object' || owner === null) return undefined
    if (!('pid' in owner && 'started' in owner)) return undefined
    if (typeof owner.pid !== 'number' || typeof owner.started !== 'string') return undefined
    return { pid: owner.pid, started: owner.started }
  } catch {
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  if (owner.started !== '') return startOf(owner.pid) === owner.started
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Boot id and start time of a living process; undefined when it is dead or the system has no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const status = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold blanks; the time is field 22.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined // dead, not yet collected
    return `${boot}/${fields[19]}`
  } catch {
    return undefined
  }
}
