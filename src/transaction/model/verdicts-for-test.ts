/** A rule that was broken. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** One transaction as its client sees it. */
export interface Attempt {
  readonly tag: string
  /** What the client asked for, in order; the first may have been lost on its way. */
  readonly asked: Set<'commit' | 'abort'>
  /** What it was told. */
  told: 'commit' | 'abort' | undefined
  /** Partitions that acknowledged its records. */
  readonly acknowledged: Set<number>
}

/** What each partition made of each transaction: the judge of the model. */
export class Verdicts {
  readonly #attempts = new Map<string, Attempt>()
  /** Outcomes by tag, then partition. */
  readonly #outcomes = new Map<string, Map<number, 'commit' | 'abort'>>()
  /** Transactions that ended in at least one partition. */
  get count(): number {
    return this.#outcomes.size
  }

  begin(tag: string): Attempt {
    const attempt: Attempt = { tag, asked: new Set(), told: undefined, acknowledged: new Set() }
    this.#attempts.set(tag, attempt)
    return attempt
  }

  told(attempt: Attempt, outcome: 'commit' | 'abort'): void {
    attempt.told = outcome
    for (const [partition, found] of this.#outcomes.get(attempt.tag) ?? []) {
      if (found !== outcome) throw this.#torn(attempt.tag, partition, found, `told ${outcome}`)
    }
  }

  /** A marker ended a transaction's records in one partition. */
  ended(tag: string, partition: number, outcome: 'commit' | 'abort'): void {
    const attempt = this.#attempts.get(tag)!
    const outcomes = this.#outcomes.get(tag) ?? new Map<number, 'commit' | 'abort'>()
    this.#outcomes.set(tag, outcomes)
    for (const [other, found] of outcomes) {
      if (found !== outcome) throw this.#torn(tag, partition, outcome, `${found} in ${other}`)
    }
    if (attempt.told !== undefined && attempt.told !== outcome) {
      throw this.#torn(tag, partition, outcome, `told ${attempt.told}`)
    }
    if (outcome === 'commit' && !attempt.asked.has('commit')) {
      throw this.#torn(tag, partition, outcome, 'never asked for')
    }
    outcomes.set(partition, outcome)
  }

  /** Everything has come to rest: what was acknowledged has its end. */
  settled(): void {
    for (const { tag, acknowledged, told } of this.#attempts.values()) {
      for (const partition of acknowledged) {
        const outcome = this.#outcomes.get(tag)?.get(partition)
        if (outcome === undefined) throw new Violation(`${tag} hangs in ${partition}`)
        if (told !== undefined && told !== outcome) {
          throw this.#torn(tag, partition, outcome, `told ${told}`)
        }
      }
    }
  }

  #torn(tag: string, partition: number, outcome: string, other: string): Violation {
    return new Violation(`${tag} is torn: ${outcome} in ${partition}, ${other}`)
  }
}
