/** Lines kept for the end of a failed run. */
const KEPT_LINES = 5_000

/** What happened in one run, for people: a line per event with its simulated time. */
export class Trace {
  readonly #now: () => number
  readonly #print: ((line: string) => void) | undefined
  #lines: string[] = []
  #count = 0
  #fingerprint = 0

  /** @param print told of every line at once. */
  constructor(now: () => number, print?: (line: string) => void) {
    this.#now = now
    this.#print = print
  }

  /** The same for two runs exactly when they went the same way. */
  get fingerprint(): string {
    return `${this.#count}-${(this.#fingerprint >>> 0).toString(16)}`
  }

  note(who: string, what: string): void {
    const line = `${this.#now().toFixed(3).padStart(12)}  ${who.padEnd(12)} ${what}`
    this.#count += 1
    for (let at = 0; at < line.length; at++) {
      this.#fingerprint = (Math.imul(this.#fingerprint, 31) + line.charCodeAt(at)) | 0
    }
    this.#print?.(line)
    this.#lines.push(line)
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES)
  }

  /** The last lines. */
  tail(count: number): string {
    return this.#lines.slice(-count).join('\n')
  }
}
