import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { Disk, DiskFile, FileStat } from './environment.ts'
import { takeLockFile } from './real-lock-file.ts'

/** The machine's file systems, through the calls of Node that block and, for `read`, `sync` and what
 *  says `OffLoop`, through its thread pool. */
export const realDisk: Disk = {
  open: (path, mode) => new RealFile(path, fs.openSync(path, OPEN_FLAGS[mode], 0o644)),
  stat,
  list: (path) => fs.readdirSync(path),
  makeDirectory: (path) => void fs.mkdirSync(path, { recursive: true }),
  readFile: (path) => fs.readFileSync(path),
  replaceFile,
  replaceFileOffLoop,
  rename: (from, to) => fs.renameSync(from, to),
  remove,
  removeTree: (path) => fs.promises.rm(path, { recursive: true, force: true }),
  syncDirectory,
  syncDirectoryOffLoop,
  space(path) {
    const { blocks, bavail, bsize } = fs.statfsSync(path)
    return { totalBytes: blocks * bsize, usableBytes: bavail * bsize }
  },
  lock: takeLockFile,
}

const OPEN_FLAGS = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
} as const

/** The most pieces one `writev` takes on Linux and macOS. */
const MAX_CHUNKS = 1024

class RealFile implements DiskFile {
  readonly path: string
  readonly #descriptor: number
  /** Calls in the thread pool. The descriptor stays open for them, so that its number cannot be
   *  given to another file under their hands. */
  #inFlight = 0
  #closed = false

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  sizeBytes(): number {
    return fs.fstatSync(this.#open()).size
  }

  readSync(into: Uint8Array, position: number): number {
    const descriptor = this.#open()
    let filled = 0
    while (filled < into.length) {
      const rest = into.length - filled
      const count = fs.readSync(descriptor, into, filled, rest, position + filled)
      if (count === 0) break
      filled += count
    }
    return filled
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const count = await this.#readOnce(into, filled, position + filled)
      if (count === 0) break
      filled += count
    }
    return filled
  }

  writeSync(chunks: readonly Uint8Array[], position: number): void {
    const descriptor = this.#open()
    let rest = chunks
    let at = position
    while (rest.length > 0) {
      const count =
        rest.length === 1
          ? fs.writeSync(descriptor, rest[0]!, 0, rest[0]!.length, at)
          : fs.writevSync(descriptor, rest, at)
      at += count
      rest = without(rest, count)
    }
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let rest = chunks
    let at = position
    while (rest.length > 0) {
      const count = await this.#writeOnce(rest.slice(0, MAX_CHUNKS), at)
      at += count
      rest = without(rest, count)
    }
  }

  truncate(sizeBytes: number): void {
    fs.ftruncateSync(this.#open(), sizeBytes)
  }

  sync(): Promise<void> {
    return this.#offLoop<void>((descriptor, done) => fs.fdatasync(descriptor, done))
  }

  syncNow(): void {
    fs.fdatasyncSync(this.#open())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#inFlight === 0) fs.closeSync(this.#descriptor)
  }

  #open(): number {
    if (this.#closed) throw closedError(this.path)
    return this.#descriptor
  }

  #readOnce(into: Uint8Array, offset: number, position: number): Promise<number> {
    const length = into.length - offset
    return this.#offLoop((descriptor, done) =>
      fs.read(descriptor, into, offset, length, position, done),
    )
  }

  #writeOnce(chunks: readonly Uint8Array[], position: number): Promise<number> {
    return this.#offLoop((descriptor, done) => fs.writev(descriptor, chunks, position, done))
  }

  #offLoop<T>(
    start: (descriptor: number, done: (error: Error | null, value?: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const descriptor = this.#open()
      this.#inFlight++
      start(descriptor, (error, value) => {
        this.#inFlight--
        if (this.#closed && this.#inFlight === 0) fs.closeSync(descriptor)
        if (error) reject(error)
        else resolve(value as T) // `start` names the type its call gives without an error
      })
    })
  }
}

/** What of `chunks` is left after their first `count` bytes; no empty chunk is left at the front. */
function without(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let rest = count
  let index = 0
  while (index < chunks.length && chunks[index]!.length <= rest) rest -= chunks[index++]!.length
  if (index === chunks.length) return []
  return rest === 0
    ? chunks.slice(index)
    : [chunks[index]!.subarray(rest), ...chunks.slice(index + 1)]
}

function stat(path: string): FileStat | undefined {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  const type = found.isDirectory() ? 'directory' : 'file'
  return {
    type,
    sizeBytes: type === 'file' ? found.size : 0,
    modifiedMs: Math.floor(found.mtimeMs),
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  const beside = `${path}.tmp`
  const file = new RealFile(beside, fs.openSync(beside, 'w', 0o644))
  try {
    file.writeSync([bytes], 0)
    file.syncNow()
  } finally {
    file.close()
  }
  fs.renameSync(beside, path)
  syncDirectory(dirname(path))
}

async function replaceFileOffLoop(
  path: string,
  bytes: Uint8Array,
  isWanted: () => boolean,
): Promise<void> {
  const beside = `${path}.next` // not the name that `replaceFile` may use meanwhile
  const file = new RealFile(beside, fs.openSync(beside, 'w', 0o644))
  try {
    file.writeSync([bytes], 0)
    await file.sync()
  } finally {
    file.close()
  }
  if (!isWanted()) return remove(beside)
  fs.renameSync(beside, path)
  await syncDirectoryOffLoop(dirname(path))
}

function remove(path: string): void {
  try {
    fs.unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return // NTFS journals names; directories cannot be opened
  const descriptor = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

async function syncDirectoryOffLoop(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await fs.promises.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** The system's name of an error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function closedError(path: string): Error {
  return Object.assign(new Error(`EBADF: the file is closed, '${path}'`), { code: 'EBADF', path })
}
