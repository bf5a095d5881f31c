import { type Change, CoordinationError } from './coordination.ts'

/** Changes that wait for one reader. Beyond it the reader is told to read everything again. */
const MAX_WAITING_CHANGES = 10_000

/** Hands the changes of a store to everyone who watches it. */
export class ChangeFeed {
  readonly #readers = new Set<Reader>()

  /** Whether anyone watches. */
  get watched(): boolean {
    return this.#readers.size > 0
  }

  /** Passes on one change. Changes come in the order of their revisions. */
  publish(change: Change): void {
    for (const reader of this.#readers) reader.offer(change)
  }

  /**
   * Begins to watch now.
   * @param missed the changes between the reader's revision and the feed's, oldest first;
   *   undefined when the store no longer has them.
   */
  watch(
    prefix: string,
    missed: readonly Change[] | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Change> {
    const reader = new Reader(prefix, () => {
      this.#readers.delete(reader)
      signal.removeEventListener('abort', reader.end)
    })
    if (signal.aborted) reader.end()
    else if (missed === undefined)
      reader.fail(new CoordinationError('compacted', 'history is gone'))
    else {
      this.#readers.add(reader)
      signal.addEventListener('abort', reader.end)
      for (const change of missed) reader.offer(change)
    }
    return reader
  }

  /** Ends every watch with the reason `compacted`: changes were lost between them and the store. */
  lost(): void {
    this.#failAll(new CoordinationError('compacted', 'changes were dropped before they were told'))
  }

  /** Ends every watch with the reason `closed`. */
  close(): void {
    this.#failAll(new CoordinationError('closed', 'the metadata store was closed'))
  }

  #failAll(error: CoordinationError): void {
    for (const reader of [...this.#readers]) reader.fail(error)
  }
}

/** One watch: a queue between the store and whoever iterates. Changes that came before the end are
 *  still delivered. */
class Reader implements AsyncIterable<Change>, AsyncIterator<Change, undefined> {
  readonly #prefix: string
  readonly #leave: () => void
  #waiting: Change[] = []
  #wake: (() => void) | undefined
  #over = false
  #error: CoordinationError | undefined

  constructor(prefix: string, leave: () => void) {
    this.#prefix = prefix
    this.#leave = leave
  }

  offer(change: Change): void {
    const all = change.entries
    const entries = this.#prefix === '' ? all : all.filter((e) => e.key.startsWith(this.#prefix))
    if (entries.length === 0) return
    if (this.#waiting.length >= MAX_WAITING_CHANGES) {
      const behind = `a watch of ${this.#prefix} fell ${MAX_WAITING_CHANGES} changes behind`
      this.fail(new CoordinationError('compacted', behind))
      return
    }
    this.#waiting.push(entries === all ? change : { revision: change.revision, entries })
    this.#wake?.()
  }

  fail(error: CoordinationError): void {
    this.#error = error
    this.end()
  }

  readonly end = (): void => {
    this.#over = true
    this.#leave()
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<Change, undefined>> {
    while (this.#waiting.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const value = this.#waiting.shift()
    if (value !== undefined) return { done: false, value }
    if (this.#error !== undefined) throw this.#error
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<Change, undefined>> {
    this.#waiting = []
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): AsyncIterator<Change, undefined> {
    return this
  }
}
