/**
 * How far the handling of one partition has come when several records are handled at a time: what may
 * be committed is where the first unfinished record begins, however many behind it are done. A record
 * is then never lost by a restart; those behind an unfinished one may be handled again.
 */
export class Progress {
  /** Given out and not finished, in order, each with whether it is done behind an unfinished one. */
  readonly #open = new Map<number, boolean>()
  /** Behind everything that was given out. */
  #givenEnd: number
  #committable: number

  /** @param position where handling begins. */
  constructor(position: number) {
    this.#givenEnd = position
    this.#committable = position
  }

  /** The next record to be handled after a restart: what is to be committed. */
  get committable(): number {
    return this.#committable
  }

  /** Records that were given out and are not done. */
  get unfinished(): number {
    let count = 0
    for (const isDone of this.#open.values()) if (!isDone) count += 1
    return count
  }

  /**
   * Records were given out for handling.
   * @param offsets growing, none below what was given out before.
   * @param nextOffset behind them; offsets between that nobody is given count as done.
   * @throws RangeError otherwise.
   */
  given(offsets: Iterable<number>, nextOffset: number): void {
    for (const offset of offsets) {
      this.#forward(offset)
      this.#open.set(offset, false)
      this.#givenEnd = offset + 1
    }
    this.#forward(nextOffset)
    this.#givenEnd = nextOffset
    this.#advance()
  }

  /** A record is done. Offsets that are not open, as after a seek, change nothing. */
  done(offset: number): void {
    if (this.#open.get(offset) !== false) return
    this.#open.set(offset, true)
    this.#advance()
  }

  #forward(offset: number): void {
    if (offset >= this.#givenEnd) return
    throw new RangeError(`offset ${offset} was given out already, up to ${this.#givenEnd}`)
  }

  #advance(): void {
    for (const [offset, isDone] of this.#open) {
      if (!isDone) {
        this.#committable = Math.max(this.#committable, offset)
        return
      }
      this.#open.delete(offset)
    }
    this.#committable = this.#givenEnd
  }
}
