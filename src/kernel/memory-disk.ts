import { dirname, resolve } from 'node:path/posix'
import { flatten, totalLength } from './bytes.ts'
import {
  type DiskFault,
  DiskFaults,
  type DiskOperation,
  delayOf,
  systemError,
} from './disk-faults.ts'
import type { Clock, Disk, DiskFile, DiskLock, FileStat, Random, Timers } from './environment.ts'
import { FileNode, type MemoryNode } from './memory-node.ts'
import { MemoryTree } from './memory-tree.ts'

export interface MemoryDiskOptions {
  /** Where modification times and the starts of delays come from. */
  readonly clock?: Clock
  /** Needed for faults with `delayMs`. */
  readonly timers?: Timers
  /** Whether `crash` will be called. It makes the disk remember every unsynced byte twice. */
  readonly crashable?: boolean
  /** Bytes that fit; a write beyond ends with ENOSPC. 1 TiB when absent. */
  readonly capacityBytes?: number
}

/**
 * A disk that lives and ends with the process: for tests, for brokers that keep nothing, and, with
 * faults and crashes, for simulations. Paths are POSIX ones; `/` exists, nothing else does.
 */
export class MemoryDisk implements Disk {
  /** Errors and delays to come. */
  readonly faults = new DiskFaults()
  readonly #options: MemoryDiskOptions
  #tree: MemoryTree
  readonly #locks = new Set<string>()
  #usedBytes: number
  #crashed = false

  constructor(options: MemoryDiskOptions = {}, tree?: MemoryTree) {
    this.#options = options
    this.#tree = tree ?? new MemoryTree(() => this.nowMs(), options.crashable ?? false)
    this.#usedBytes = this.#tree.sizeBytes()
  }

  /**
   * Pulls the plug. What was not synced is forgotten in part, as chosen by `random`; this disk and
   * the files open on it answer EIO from now on.
   * @param options those of the disk after it.
   * @returns the disk as the next start finds it.
   */
  crash(random: Random, options: MemoryDiskOptions = this.#options): MemoryDisk {
    if (!this.#options.crashable) throw new Error('the memory disk was not made to be crashed')
    this.#crashed = true
    return new MemoryDisk(options, this.#tree.crash(random))
  }

  /**
   * The process that used the disk is killed: everything written stays, synced or not. This disk and
   * the files open on it answer EIO from now on.
   * @returns the disk as the next process finds it; faults and locks are gone.
   */
  abandon(options: MemoryDiskOptions = this.#options): MemoryDisk {
    this.#crashed = true
    return new MemoryDisk(options, this.#tree)
  }

  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    this.enter('open', path)
    if (mode === 'create' && this.#tree.find(path) === undefined) {
      this.#tree.link(path, this.#newFile(), 'open')
    }
    return new MemoryDiskFile(this, path, this.#tree.file(path, 'open'), mode !== 'read')
  }

  stat(path: string): FileStat | undefined {
    this.enter('stat', path)
    const node = this.#tree.find(path)
    if (node === undefined) return undefined
    const sizeBytes = node.type === 'file' ? node.content.sizeBytes : 0
    return { type: node.type, sizeBytes, modifiedMs: node.modifiedMs }
  }

  list(path: string): readonly string[] {
    this.enter('list', path)
    return [...this.#tree.directory(path, 'scandir').entries.keys()]
  }

  makeDirectory(path: string): void {
    this.enter('makeDirectory', path)
    this.#tree.makeDirectory(path)
  }

  readFile(path: string): Uint8Array {
    this.enter('read', path)
    const { content } = this.#tree.file(path, 'open')
    const bytes = new Uint8Array(content.sizeBytes)
    content.read(bytes, 0)
    return bytes
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    this.enter('write', path)
    this.enter('sync', path)
    this.#replaceFile(path, bytes)
  }

  async replaceFileOffLoop(
    path: string,
    bytes: Uint8Array,
    isWanted: () => boolean,
  ): Promise<void> {
    this.enter('write', path)
    const content = bytes.slice()
    await this.delay(this.enter('sync', path))
    if (isWanted()) this.#replaceFile(path, content)
  }

  #replaceFile(path: string, bytes: Uint8Array): void {
    if (this.#tree.find(path)?.type === 'directory') throw systemError('EISDIR', 'rename', path)
    this.checkRoom(bytes.length, path)
    const node = this.#newFile()
    node.write(bytes, 0)
    node.settle(node.changeCount())
    this.enter('rename', path)
    const replaced = this.#tree.find(path)
    this.#tree.link(path, node, 'rename')
    this.#forget(replaced)
    this.#usedBytes += bytes.length
    this.syncDirectory(dirname(resolve('/', path)))
  }

  rename(from: string, to: string): void {
    this.enter('rename', from)
    const replaced = this.#tree.find(to)
    const moved = this.#tree.find(from)
    this.#tree.rename(from, to)
    if (replaced !== moved) this.#forget(replaced)
  }

  remove(path: string): void {
    this.enter('remove', path)
    const node = this.#tree.find(path)
    if (node === undefined) return
    if (node.type === 'directory') throw systemError('EISDIR', 'unlink', path)
    this.#tree.unlink(path)
    this.#forget(node)
  }

  async removeTree(path: string): Promise<void> {
    this.enter('remove', path)
    const node = this.#tree.find(path)
    if (node === undefined) return
    this.#tree.unlink(path)
    this.#forget(node)
  }

  syncDirectory(path: string): void {
    this.enter('syncDirectory', path)
    this.#tree.sync(path)
  }

  async syncDirectoryOffLoop(path: string): Promise<void> {
    await this.delay(this.enter('syncDirectory', path))
    this.enter('stat', path) // a crash meanwhile: nothing was promised
    this.#tree.sync(path)
  }

  space(path: string): { readonly totalBytes: number; readonly usableBytes: number } {
    this.enter('stat', path)
    const totalBytes = this.#options.capacityBytes ?? 2 ** 40
    return { totalBytes, usableBytes: Math.max(0, totalBytes - this.#usedBytes) }
  }

  lock(path: string): DiskLock | undefined {
    const name = resolve('/', path)
    this.#tree.directory(dirname(name), 'open')
    if (this.#locks.has(name)) return undefined
    this.#locks.add(name)
    return { release: () => void this.#locks.delete(name) }
  }

  /** Called before every operation: throws what the faults and a crash make of it. */
  enter(operation: DiskOperation, path: string): DiskFault | undefined {
    if (this.#crashed) throw systemError('EIO', operation, path)
    return this.faults.check(operation, path)
  }

  /** Waits as a fault says, on this disk's timers. */
  delay(fault: DiskFault | undefined): Promise<void> {
    return delayOf(fault, this.#options.timers, this.#options.clock?.monotonic())
  }

  /** @throws ENOSPC when `bytes` more do not fit. */
  checkRoom(bytes: number, path: string): void {
    if (bytes > this.space(path).usableBytes) throw systemError('ENOSPC', 'write', path)
  }

  /** Counts what the files with a name have grown by. */
  grew(node: FileNode, bytes: number): void {
    if (node.named) this.#usedBytes += bytes
  }

  nowMs(): number {
    return this.#options.clock?.now() ?? 0
  }

  #newFile(): FileNode {
    return new FileNode(this.nowMs(), this.#options.crashable ?? false)
  }

  /** Gives back the room of what has lost its name. */
  #forget(node: MemoryNode | undefined): void {
    if (node?.type === 'directory') for (const entry of node.entries.values()) this.#forget(entry)
    if (node?.type !== 'file') return
    node.named = false
    this.#usedBytes -= node.content.sizeBytes
  }
}

class MemoryDiskFile implements DiskFile {
  readonly path: string
  readonly #disk: MemoryDisk
  readonly #node: FileNode
  readonly #writable: boolean
  #closed = false

  constructor(disk: MemoryDisk, path: string, node: FileNode, writable: boolean) {
    this.path = path
    this.#disk = disk
    this.#node = node
    this.#writable = writable
  }

  sizeBytes(): number {
    this.#enter('stat')
    return this.#node.content.sizeBytes
  }

  readSync(into: Uint8Array, position: number): number {
    this.#enter('read')
    return this.#node.content.read(into, position)
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const fault = this.#enter('read')
    if (fault) await this.#disk.delay(fault)
    return this.#node.content.read(into, position)
  }

  writeSync(chunks: readonly Uint8Array[], position: number): void {
    this.#enter('stat')
    if (!this.#writable) throw systemError('EBADF', 'write', this.path)
    const length = totalLength(chunks)
    try {
      this.#enter('write')
      this.#disk.checkRoom(position + length - this.#node.content.sizeBytes, this.path)
    } catch (error) {
      // A write that fails may have begun.
      this.#write([flatten(chunks).subarray(0, length >>> 1)], position)
      throw error
    }
    this.#write(chunks, position)
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    this.writeSync(chunks, position)
  }

  truncate(sizeBytes: number): void {
    this.#enter('truncate')
    if (!this.#writable) throw systemError('EINVAL', 'ftruncate', this.path)
    const growth = sizeBytes - this.#node.content.sizeBytes
    this.#disk.checkRoom(growth, this.path)
    this.#node.truncate(sizeBytes)
    this.#changed(growth)
  }

  async sync(): Promise<void> {
    const count = this.#node.changeCount()
    const fault = this.#enter('sync')
    await this.#disk.delay(fault)
    this.#disk.enter('stat', this.path) // a crash meanwhile: nothing was promised
    this.#node.settle(count)
  }

  syncNow(): void {
    this.#enter('sync')
    this.#node.settle(this.#node.changeCount())
  }

  close(): void {
    this.#closed = true
  }

  #write(chunks: readonly Uint8Array[], position: number): void {
    const before = this.#node.content.sizeBytes
    let at = position
    for (const chunk of chunks) {
      if (chunk.length > 0) this.#node.write(chunk, at)
      at += chunk.length
    }
    this.#changed(this.#node.content.sizeBytes - before)
  }

  #changed(growth: number): void {
    this.#disk.grew(this.#node, growth)
    this.#node.modifiedMs = this.#disk.nowMs()
  }

  #enter(operation: DiskOperation): DiskFault | undefined {
    if (this.#closed) throw systemError('EBADF', operation, this.path)
    return this.#disk.enter(operation, this.path)
  }
}
