import { basename, dirname, resolve } from 'node:path/posix'
import { systemError } from './disk-faults.ts'
import type { Random } from './environment.ts'
import { DirectoryNode, type FileNode, type MemoryNode } from './memory-node.ts'

/** One change of names. It happens as a whole or, when a crash comes first, not at all. */
interface NameChange {
  readonly directories: readonly DirectoryNode[]
  /** Makes the change in the durable names. */
  settle(): void
}

/**
 * The names of a memory disk. Changes of names become durable by `sync` of their directory; at a
 * crash a random number of the others, from the oldest on, survives as well, as in a journal.
 */
export class MemoryTree {
  readonly #root: DirectoryNode
  readonly #now: () => number
  readonly #crashable: boolean
  #changes: NameChange[] = []

  constructor(now: () => number, crashable: boolean, root = new DirectoryNode(now())) {
    this.#root = root
    this.#now = now
    this.#crashable = crashable
  }

  find(path: string): MemoryNode | undefined {
    const absolute = resolve('/', path)
    let node: MemoryNode | undefined = this.#root
    for (const name of absolute.split('/')) {
      if (name === '') continue
      if (node?.type !== 'directory') return undefined
      node = node.entries.get(name)
    }
    return node
  }

  directory(path: string, syscall: string): DirectoryNode {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', syscall, path)
    if (node.type === 'file') throw systemError('ENOTDIR', syscall, path)
    return node
  }

  file(path: string, syscall: string): FileNode {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', syscall, path)
    if (node.type === 'directory') throw systemError('EISDIR', syscall, path)
    return node
  }

  makeDirectory(path: string): void {
    const absolute = resolve('/', path)
    const node = this.find(absolute)
    if (node?.type === 'directory') return
    if (node?.type === 'file') throw systemError('EEXIST', 'mkdir', path)
    this.makeDirectory(dirname(absolute))
    this.link(absolute, new DirectoryNode(this.#now()), 'mkdir')
  }

  /** Gives `node` the name `path`, taking it from what had it. */
  link(path: string, node: MemoryNode, syscall: string): void {
    const parent = this.directory(dirname(resolve('/', path)), syscall)
    const name = basename(path)
    this.#change([parent], (entriesOf) => entriesOf(parent).set(name, node))
  }

  unlink(path: string): void {
    const parent = this.directory(dirname(resolve('/', path)), 'unlink')
    const name = basename(path)
    this.#change([parent], (entriesOf) => entriesOf(parent).delete(name))
  }

  rename(from: string, to: string): void {
    const node = this.find(from)
    if (node === undefined) throw systemError('ENOENT', 'rename', from)
    const source = this.directory(dirname(resolve('/', from)), 'rename')
    const target = this.directory(dirname(resolve('/', to)), 'rename')
    const replaced = this.find(to)
    if (replaced === node) return
    if (replaced?.type === 'directory') {
      if (node.type === 'file') throw systemError('EISDIR', 'rename', to)
      if (replaced.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', to)
    } else if (replaced !== undefined && node.type === 'directory') {
      throw systemError('ENOTDIR', 'rename', to)
    }
    this.#change([source, target], (entriesOf) => {
      entriesOf(source).delete(basename(from))
      entriesOf(target).set(basename(to), node)
    })
  }

  /** Makes the changes of one directory durable, and the older ones of other directories that they
   *  build on (a file renamed out of another directory). */
  sync(path: string): void {
    const concerned = new Set([this.directory(path, 'fsync')])
    const settled = new Set<NameChange>()
    for (const change of this.#changes.toReversed()) {
      if (!change.directories.some((directory) => concerned.has(directory))) continue
      settled.add(change)
      for (const directory of change.directories) concerned.add(directory)
    }
    for (const change of this.#changes) if (settled.has(change)) change.settle()
    this.#changes = this.#changes.filter((change) => !settled.has(change))
  }

  /** Bytes of all files that have a name. */
  sizeBytes(node: MemoryNode = this.#root): number {
    if (node.type === 'file') return node.content.sizeBytes
    let sum = 0
    for (const entry of node.entries.values()) sum += this.sizeBytes(entry)
    return sum
  }

  /** The names, and by `FileNode.crash` the files, as they are found after a power cut. */
  crash(random: Random): MemoryTree {
    const survivors = random.below(this.#changes.length + 1)
    for (const change of this.#changes.slice(0, survivors)) change.settle()
    crashNode(this.#root, random)
    return new MemoryTree(this.#now, this.#crashable, this.#root)
  }

  #change(
    directories: readonly DirectoryNode[],
    run: (entriesOf: (directory: DirectoryNode) => Map<string, MemoryNode>) => void,
  ): void {
    run((directory) => directory.entries)
    const nowMs = this.#now()
    for (const directory of directories) directory.modifiedMs = nowMs
    if (!this.#crashable) return
    this.#changes.push({ directories, settle: () => run((directory) => directory.durableEntries) })
  }
}

function crashNode(node: MemoryNode, random: Random): void {
  if (node.type === 'file') {
    node.crash(random)
    return
  }
  node.entries = new Map(node.durableEntries)
  for (const entry of node.entries.values()) crashNode(entry, random)
}
