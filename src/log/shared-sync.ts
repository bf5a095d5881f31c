/**
 * Syncs one at a time, each for everybody who asked before it began: who asks while one runs waits for the
 * next, since the one that runs may not cover what he has written. Many writers cost few syncs.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(sync: () => Promise<void>) {
    this.#sync = sync
  }

  /** Resolves when what was written before the call is synced. @throws (rejects) as the sync does. */
  run(): Promise<void> {
    if (this.#next) return this.#next
    if (!this.#running) return this.#start()
    const next = this.#running
      .catch(() => {}) // whoever started it is told
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    this.#next = next
    return next
  }

  #start(): Promise<void> {
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}
