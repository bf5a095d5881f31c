/** The kernel: everything a process needs before it knows that Kafka exists. This file is its
 *  centre, the one description of the world outside memory. */

/**
 * All of it outside memory. `main` builds the real one (`real-environment.ts`); a simulator builds a
 * seeded one that delays, drops, reorders, crashes and forgets unsynced writes. No other code may
 * tell them apart, and none may reach a clock, timer, random source, file or socket another way.
 */
export interface Environment {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly disk: Disk
  readonly network: Network
}

/** Two clocks. Durations and deadlines use `monotonic`, stored timestamps use `now`. */
export interface Clock {
  /** Wall clock in ms since 1970. May jump in either direction. */
  now(): number
  /** Ms since an arbitrary start. Never falls, not stepped with the wall clock. */
  monotonic(): number
}

/** A scheduled call that has not run yet. */
export interface Timer {
  /** Makes sure it never runs. Does nothing when it already ran. */
  cancel(): void
}

export interface Timers {
  /** Runs `run` once `clock.monotonic()` has reached `dueMs`. Does not keep the process alive. */
  at(dueMs: number, run: () => void): Timer
  /** Runs `run` after the I/O events of this turn have been handled: the place where the writes of
   *  one turn are joined into one. Calls run in the order they were made. */
  afterTurn(run: () => void): void
}

export interface Random {
  /** A whole number in [0, limit). `limit` is at most 2^32. */
  below(limit: number): number
  /** Unpredictable bytes, for ids and secrets. */
  bytes(count: number): Uint8Array
}

/** What a path is. `directory` sizes are 0. */
export interface FileStat {
  readonly type: 'file' | 'directory'
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * Files. Paths are absolute or relative to the process. Every call throws the system's error
 * (with `code`: ENOENT, ENOSPC, EIO, …) and the owner of the file decides what that means.
 * The synchronous calls are for small work on the page cache (STYLE rule 12, ARCHITECTURE §9).
 */
export interface Disk {
  /**
   * Opens a file. `read`: must exist, not writable. `write`: must exist, readable and writable.
   * `create`: readable and writable, made when absent, kept when present.
   */
  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile
  /** undefined when nothing is at `path`. */
  stat(path: string): FileStat | undefined
  /** Names inside a directory, unordered. */
  list(path: string): readonly string[]
  /** Makes a directory and its missing parents. */
  makeDirectory(path: string): void
  readFile(path: string): Uint8Array
  /** Replaces `path` as one step: written beside it, synced, renamed over it, directory synced.
   *  After a crash the file is the old or the new one, never a mixture. */
  replaceFile(path: string, bytes: Uint8Array): void
  /**
   * As `replaceFile`, waiting for the disk off the loop. One such call per path at a time.
   * @param isWanted asked when the file is about to be replaced: false leaves it as it is, because
   *   something newer has been put there meanwhile.
   */
  replaceFileOffLoop(path: string, bytes: Uint8Array, isWanted: () => boolean): Promise<void>
  rename(from: string, to: string): void
  /** Removes one file. Nothing happens when it is absent. */
  remove(path: string): void
  /** Removes a directory with all it holds, off the loop. */
  removeTree(path: string): Promise<void>
  /** Makes the names inside a directory survive a power cut. */
  syncDirectory(path: string): void
  /** As `syncDirectory`, off the loop: the names that are there when it is called. */
  syncDirectoryOffLoop(path: string): Promise<void>
  /** Bytes of the file system that holds `path`. */
  space(path: string): { readonly totalBytes: number; readonly usableBytes: number }
  /**
   * Takes the lock file `path` for as long as this process lives or until released; a lock left by a
   * process that died is taken over.
   * @returns undefined when a living process holds it.
   */
  lock(path: string): DiskLock | undefined
}

export interface DiskLock {
  release(): void
}

/** One open file. Positions are bytes from its start. */
export interface DiskFile {
  readonly path: string
  sizeBytes(): number
  /** Fills `into` as far as the file reaches and returns the count of bytes read. */
  readSync(into: Uint8Array, position: number): number
  /** As `readSync`, off the loop. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of `chunks` one after the other from `position`, or throws; a short write is
   *  finished or thrown, never returned. One `writev` where the system has it. */
  writeSync(chunks: readonly Uint8Array[], position: number): void
  /** As `writeSync`, off the loop: for work in the background, which may meet a slow disk. The bytes must
   *  not change until it ends. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  truncate(sizeBytes: number): void
  /** Makes everything written so far survive a power cut (fdatasync), off the loop. */
  sync(): Promise<void>
  /** As `sync`, blocking the loop: for small files and shutdown. */
  syncNow(): void
  close(): void
}

export interface Network {
  /** Starts to accept connections. `port` 0 picks a free one. Rejects with EADDRINUSE and the like. */
  listen(options: ListenOptions, onConnection: (socket: Socket) => void): Promise<Listening>
  /** Opens one connection. Rejects when it is refused or `signal` fires first. */
  connect(host: string, port: number, signal: AbortSignal): Promise<Socket>
}

export interface ListenOptions {
  /** An address or a name of this host; empty: all of its interfaces. */
  readonly host: string
  readonly port: number
  /** Connections the system queues before they are accepted. */
  readonly backlog: number
}

export interface Listening {
  readonly host: string
  readonly port: number
  /** Stops accepting. Connections that are open stay open. */
  close(): Promise<void>
}

/** What the owner of a socket is told. Calls come one at a time, in order. */
export interface SocketEvents {
  /**
   * Where the next bytes shall be put: asked before every read, so that a large frame is received
   * straight into its own buffer. At least one byte long.
   */
  buffer(): Uint8Array
  /** `count` bytes now lie at the start of the buffer that was given last. */
  received(count: number): void
  /** Everything written has been handed to the system. */
  drained(): void
  /** The connection is over; `error` when it did not end by a normal close. Called exactly once. */
  closed(error: Error | undefined): void
}

export interface Socket {
  readonly remoteHost: string
  readonly remotePort: number
  /** The address the peer connected to: what `advertised.listeners` falls back on. */
  readonly localHost: string
  readonly localPort: number
  /** Begins to read. Nothing is read before. */
  start(events: SocketEvents): void
  /** Stops and resumes reading. */
  pause(): void
  resume(): void
  /**
   * Sends all chunks with one `writev`. They must not change until `sent` has run (or `closed`).
   * @returns the count of bytes that wait inside the process, this write included.
   */
  write(chunks: readonly Uint8Array[], sent?: () => void): number
  /** Bytes of all writes that have not been handed to the system yet. It falls while a slow peer
   *  reads, also in the middle of a write. */
  waitingBytes(): number
  /** Closes after everything written has left. */
  end(): void
  /** Closes at once. */
  destroy(): void
}
