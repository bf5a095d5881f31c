/** A fetch that waits for records. */
export interface Parked {
  /** Makes it answer now with what there is. */
  end(): void
}

/** The fetches that wait, so that a broker that stops can end them all. */
export class ParkedFetches {
  readonly #parked = new Set<Parked>()
  #hasEnded = false

  get size(): number {
    return this.#parked.size
  }

  /** Notes one that begins to wait. After `end` it is ended at once. */
  add(parked: Parked): void {
    if (this.#hasEnded) parked.end()
    else this.#parked.add(parked)
  }

  /** One has been answered. */
  remove(parked: Parked): void {
    this.#parked.delete(parked)
  }

  /** Ends all, and those to come. */
  end(): void {
    this.#hasEnded = true
    for (const parked of [...this.#parked]) parked.end()
  }
}
