/**
 * Bytes of requests in work over all connections (`queued.max.request.bytes`). A frame is counted
 * from its announcement until its answer. Once the limit is reached no further frame is begun; the
 * one that reaches it may exceed it, so that a single large request is never stuck.
 */
export class RequestMemory {
  #maxBytes: number
  #usedBytes = 0
  /** Connections that wait for room, in the order they came. */
  readonly #waiting = new Set<() => void>()
  readonly #afterTurn: (run: () => void) => void

  constructor(maxBytes: number, afterTurn: (run: () => void) => void) {
    this.#maxBytes = maxBytes
    this.#afterTurn = afterTurn
  }

  set maxBytes(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#wakeSoon()
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get isExhausted(): boolean {
    return this.#usedBytes >= this.#maxBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
    this.#wakeSoon()
  }

  /** Calls `resume` once when there is room again. The same function waits only once. */
  wait(resume: () => void): void {
    this.#waiting.add(resume)
  }

  forget(resume: () => void): void {
    this.#waiting.delete(resume)
  }

  /** Not at once: what goes on may give back memory itself, and so on through all that wait. */
  #wakeSoon(): void {
    if (this.#waiting.size > 0 && !this.isExhausted) this.#afterTurn(this.#wake)
  }

  readonly #wake = (): void => {
    for (const resume of [...this.#waiting]) {
      if (this.isExhausted) return
      if (this.#waiting.delete(resume)) resume()
    }
  }
}
