import type { Disk, DiskFile } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { ReadBuffers } from './read-buffers.ts'
import { type Evictable, SecondChance } from './second-chance.ts'

/** Limits of what all logs of a broker share. */
export interface FilePoolLimits {
  /** Files open at once. Far below the usual limit of 65,536 descriptors, sockets need them too. */
  readonly openFiles: number
  /** Bytes of loaded indexes of closed segments. */
  readonly indexBytes: number
  /** Bytes of read buffers kept for the next read. */
  readonly bufferBytes: number
}

export const DEFAULT_FILE_POOL_LIMITS: FilePoolLimits = {
  openFiles: 4_096,
  indexBytes: 64 * 1024 * 1024,
  bufferBytes: 32 * 1024 * 1024,
}

/**
 * What all logs of a broker share to work with files: open descriptors, loaded indexes and read
 * buffers, each below its limit. A broker has far more segments than it may have open files.
 */
export class FilePool {
  readonly disk: Disk
  readonly buffers: ReadBuffers
  /** Loaded indexes of closed segments; active segments are not among them. */
  readonly indexes: SecondChance<Evictable>
  readonly #open: SecondChance<PooledFile>

  constructor(disk: Disk, limits: Partial<FilePoolLimits> = {}) {
    const { openFiles, indexBytes, bufferBytes } = { ...DEFAULT_FILE_POOL_LIMITS, ...limits }
    this.disk = disk
    this.buffers = new ReadBuffers(bufferBytes)
    this.indexes = new SecondChance(indexBytes)
    this.#open = new SecondChance(openFiles)
  }

  /** Open descriptors. */
  get openCount(): number {
    return this.#open.size
  }

  /** A file that is opened when it is first used. */
  file(path: string, mode: 'read' | 'write' | 'create'): PooledFile {
    return new PooledFile(this.disk, this.#open, path, mode)
  }
}

/** A file of the pool: open or not, usable in any case. */
export class PooledFile implements Evictable {
  isRecent = false
  readonly #disk: Disk
  readonly #pool: SecondChance<PooledFile>
  #mode: 'read' | 'write' | 'create'
  #path: string
  #file: DiskFile | undefined
  #pins = 0
  #isClosed = false

  constructor(
    disk: Disk,
    pool: SecondChance<PooledFile>,
    path: string,
    mode: 'read' | 'write' | 'create',
  ) {
    this.#disk = disk
    this.#pool = pool
    this.#path = path
    this.#mode = mode
  }

  get path(): string {
    return this.#path
  }

  get isPinned(): boolean {
    return this.#pins > 0
  }

  /** The open file, good until the caller next awaits. Opening costs about 10 µs.
   *  @throws KafkaError KAFKA_STORAGE_ERROR once it was closed: the log went while it was read. */
  get(): DiskFile {
    if (this.#isClosed) throw new KafkaError('KAFKA_STORAGE_ERROR', `${this.#path} is closed`)
    if (this.#file === undefined) return this.#open()
    this.isRecent = true
    return this.#file
  }

  /** Runs `use` with the open file, which stays open until the promise is settled. */
  async with<T>(use: (file: DiskFile) => Promise<T>): Promise<T> {
    const file = this.get()
    this.#pins++
    try {
      return await use(file)
    } finally {
      this.#pins--
      if (this.#isClosed && this.#pins === 0) this.#release()
    }
  }

  /** Renames the file; whoever has it open goes on reading it. */
  rename(path: string): void {
    this.#disk.rename(this.#path, path)
    this.#path = path
  }

  /** Says that the directory of the file has been renamed. */
  moved(path: string): void {
    this.#path = path
  }

  /** Ends its use; the descriptor closes once reads in flight have ended. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#pool.remove(this)
    if (this.#pins === 0) this.#release()
  }

  evict(): void {
    this.#release()
  }

  #open(): DiskFile {
    const file = this.#disk.open(this.#path, this.#mode)
    if (this.#mode === 'create') this.#mode = 'write' // once there it must not appear by accident
    this.#file = file
    this.#pool.admit(this, 1)
    return file
  }

  #release(): void {
    this.#file?.close()
    this.#file = undefined
  }
}
