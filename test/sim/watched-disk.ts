import type { DiskOperation } from '../../src/kernel/disk-faults.ts'
import { systemError } from '../../src/kernel/disk-faults.ts'
import type { Disk, DiskFile, DiskLock, FileStat } from '../../src/kernel/environment.ts'

/** What a test wants to know of every call on a disk, or to do about it. */
export interface DiskWatch {
  /** Called before each call; may throw in its place. */
  before(operation: DiskOperation, path: string): void
  /** Whether the process that uses the disk is still alive. */
  isAlive(): boolean
}

/** A call of a process that is dead already. What it threw has no meaning for anybody. */
export class DeadProcess extends Error {
  override readonly name = 'DeadProcess'
  readonly code = 'EIO'
  readonly syscall = 'any'
}

/**
 * A disk whose every call can be seen, counted, and be the last one of its process. Planted bugs
 * (`planted-bugs.ts`) are subclasses of it.
 */
export class WatchedDisk implements Disk {
  readonly inner: Disk
  readonly #watch: DiskWatch

  constructor(inner: Disk, watch: DiskWatch) {
    this.inner = inner
    this.#watch = watch
  }

  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    this.enter('open', path)
    return this.wrap(this.inner.open(path, mode))
  }

  stat(path: string): FileStat | undefined {
    this.enter('stat', path)
    return this.inner.stat(path)
  }

  list(path: string): readonly string[] {
    this.enter('list', path)
    return this.inner.list(path)
  }

  makeDirectory(path: string): void {
    this.enter('makeDirectory', path)
    this.inner.makeDirectory(path)
  }

  readFile(path: string): Uint8Array {
    this.enter('read', path)
    return this.inner.readFile(path)
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    this.enter('write', path)
    this.inner.replaceFile(path, bytes)
  }

  async replaceFileOffLoop(
    path: string,
    bytes: Uint8Array,
    isWanted: () => boolean,
  ): Promise<void> {
    this.enter('write', path)
    const isWantedAlive = (): boolean => {
      this.enter('rename', path)
      return isWanted()
    }
    await this.during(this.inner.replaceFileOffLoop(path, bytes, isWantedAlive))
  }

  rename(from: string, to: string): void {
    this.enter('rename', from)
    this.inner.rename(from, to)
  }

  remove(path: string): void {
    this.enter('remove', path)
    this.inner.remove(path)
  }

  async removeTree(path: string): Promise<void> {
    this.enter('remove', path)
    await this.during(this.inner.removeTree(path))
  }

  syncDirectory(path: string): void {
    this.enter('syncDirectory', path)
    this.inner.syncDirectory(path)
  }

  async syncDirectoryOffLoop(path: string): Promise<void> {
    this.enter('syncDirectory', path)
    await this.during(this.inner.syncDirectoryOffLoop(path))
  }

  space(path: string): { readonly totalBytes: number; readonly usableBytes: number } {
    this.enter('stat', path)
    return this.inner.space(path)
  }

  lock(path: string): DiskLock | undefined {
    this.enter('open', path)
    return this.inner.lock(path)
  }

  /** @throws DeadProcess once its process is dead. */
  enter(operation: DiskOperation, path: string): void {
    this.#assertAlive()
    this.#watch.before(operation, path)
  }

  /** What becomes of a call that takes time: it never ends well after the death of its process. */
  async during<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } finally {
      this.#assertAlive()
    }
  }

  protected wrap(file: DiskFile): DiskFile {
    return new WatchedFile(this, file)
  }

  #assertAlive(): void {
    if (!this.#watch.isAlive()) throw new DeadProcess('a dead process used its disk')
  }
}

/** One open file of a watched disk. */
export class WatchedFile implements DiskFile {
  readonly path: string
  readonly disk: WatchedDisk
  readonly inner: DiskFile

  constructor(disk: WatchedDisk, inner: DiskFile) {
    this.path = inner.path
    this.disk = disk
    this.inner = inner
  }

  sizeBytes(): number {
    this.disk.enter('stat', this.path)
    return this.inner.sizeBytes()
  }

  readSync(into: Uint8Array, position: number): number {
    this.disk.enter('read', this.path)
    return this.inner.readSync(into, position)
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    this.disk.enter('read', this.path)
    return this.disk.during(this.inner.read(into, position))
  }

  writeSync(chunks: readonly Uint8Array[], position: number): void {
    this.disk.enter('write', this.path)
    this.inner.writeSync(chunks, position)
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    this.disk.enter('write', this.path)
    await this.disk.during(this.inner.write(chunks, position))
  }

  truncate(sizeBytes: number): void {
    this.disk.enter('truncate', this.path)
    this.inner.truncate(sizeBytes)
  }

  async sync(): Promise<void> {
    this.disk.enter('sync', this.path)
    await this.disk.during(this.inner.sync())
  }

  syncNow(): void {
    this.disk.enter('sync', this.path)
    this.inner.syncNow()
  }

  close(): void {
    this.inner.close()
  }
}

/** The error of a disk call during which its process died. */
export function deathError(operation: DiskOperation, path: string): Error {
  return new DeadProcess(systemError('EIO', operation, path).message)
}
