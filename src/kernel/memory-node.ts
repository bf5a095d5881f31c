import type { Random } from './environment.ts'
import { MemoryFile } from './memory-file.ts'

/** What a memory disk keeps below its names. An open file and a name refer to the same node. */
export type MemoryNode = FileNode | DirectoryNode

/** A directory now, and as it would be found after a power cut. */
export class DirectoryNode {
  readonly type = 'directory'
  entries = new Map<string, MemoryNode>()
  durableEntries = new Map<string, MemoryNode>()
  modifiedMs: number

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs
  }
}

type Change =
  | { readonly type: 'write'; readonly bytes: Uint8Array; readonly position: number }
  | { readonly type: 'truncate'; readonly sizeBytes: number }

/**
 * A file now, the same file as the last sync left it, and the changes between the two. The latter
 * are kept only when the disk is to be crashed, for they double its memory.
 */
export class FileNode {
  readonly type = 'file'
  content = new MemoryFile()
  /** Whether it can still be found; a file without a name lives as long as it is open. */
  named = true
  modifiedMs: number
  readonly #durable: MemoryFile | undefined
  #changes: Change[] = []
  /** Changes that were made durable before the first one in `#changes`. */
  #settled = 0

  constructor(modifiedMs: number, crashable: boolean) {
    this.modifiedMs = modifiedMs
    this.#durable = crashable ? new MemoryFile() : undefined
  }

  write(bytes: Uint8Array, position: number): void {
    this.content.write(bytes, position)
    if (this.#durable) this.#changes.push({ type: 'write', bytes: bytes.slice(), position })
  }

  truncate(sizeBytes: number): void {
    this.content.truncate(sizeBytes)
    if (this.#durable) this.#changes.push({ type: 'truncate', sizeBytes })
  }

  /** The number of changes made so far: what a sync that begins now has to make durable. */
  changeCount(): number {
    return this.#settled + this.#changes.length
  }

  /** Bytes written and not yet durable. */
  unsyncedBytes(): number {
    return this.#changes.reduce((sum, c) => sum + (c.type === 'write' ? c.bytes.length : 0), 0)
  }

  /** Makes the first `count` of all changes durable. */
  settle(count: number): void {
    if (this.#durable === undefined || count <= this.#settled) return
    const settled = this.#changes.splice(0, count - this.#settled)
    this.#settled = count
    for (const change of settled) applyTo(this.#durable, change)
  }

  /** Forgets what a power cut would: afterwards the file is durable as it is. */
  crash(random: Random): void {
    this.named = true // only what a name leads to is asked
    if (this.#durable === undefined) return
    const how = HOW_CHANGES_SURVIVE[random.below(HOW_CHANGES_SURVIVE.length)]!
    for (const change of how(this.#changes, random)) applyTo(this.#durable, change)
    this.#settled += this.#changes.length
    this.#changes = []
    this.content = this.#durable.copy()
  }
}

function applyTo(file: MemoryFile, change: Change): void {
  if (change.type === 'write') file.write(change.bytes, change.position)
  else file.truncate(change.sizeBytes)
}

type Survival = (changes: readonly Change[], random: Random) => readonly Change[]

/** Block devices write whole sectors; page caches write whole pages, in any order. */
const SECTOR_BYTES = 512
const PAGE_BYTES = 4_096

const HOW_CHANGES_SURVIVE: readonly Survival[] = [
  () => [],
  (changes) => changes,
  (changes, random) => tornPrefix(changes, random),
  (changes, random) => changes.flatMap((change) => someBlocks(change, random)),
]

function tornPrefix(changes: readonly Change[], random: Random): readonly Change[] {
  if (changes.length === 0) return []
  const whole = random.below(changes.length)
  const torn = changes[whole]!
  if (torn.type === 'truncate') return changes.slice(0, whole)
  const sectors = random.below(Math.ceil(torn.bytes.length / SECTOR_BYTES) + 1)
  const bytes = torn.bytes.subarray(0, sectors * SECTOR_BYTES)
  return [...changes.slice(0, whole), { ...torn, bytes }]
}

function someBlocks(change: Change, random: Random): readonly Change[] {
  if (change.type === 'truncate') return random.below(2) === 0 ? [change] : []
  const survivors: Change[] = []
  for (let from = 0; from < change.bytes.length; ) {
    const position = change.position + from
    const to = Math.min(change.bytes.length, from + PAGE_BYTES - (position % PAGE_BYTES))
    const bytes = change.bytes.subarray(from, to)
    if (random.below(2) === 0) survivors.push({ type: 'write', bytes, position })
    from = to
  }
  return survivors
}
