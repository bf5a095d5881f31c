import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api, Fields, Write } from '../../../src/protocol/schema.ts'
import { RawConnection } from '../raw/connection.ts'

/** How long an answer that the other broker has given is waited for. */
const laterMs = 3000
/** After which a request that neither has answered counts as one that waits. */
const waitsMs = 100
const pollMs = 10
/** How Kafka's member ids end. */
const uuid = /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** One request to both brokers. */
export interface Asked {
  readonly what: string
  /** Of a JoinGroup: what the member id is called that it may be given. */
  readonly symbol: string | undefined
  /** Kafka's, and that of the broker under test. */
  readonly answers: [object | undefined, object | undefined]
}

/**
 * A real Kafka and the broker under test, which are asked the same at the same time. They give out
 * different member ids; a request names a member by a symbol, and answers are compared with symbols.
 */
export class Twins {
  readonly #bootstraps: readonly [string, string]
  readonly #connections = new Map<string, readonly [RawConnection, RawConnection]>()
  /** By symbol, in either broker. */
  readonly #ids: readonly [Map<string, string>, Map<string, string>] = [new Map(), new Map()]
  readonly #symbols = new Map<string, string>()

  constructor(kafka: string, tested: string) {
    this.#bootstraps = [kafka, tested]
  }

  /**
   * Asks both, and waits a little while for the answers.
   * @param connection name of the connection: a request that waits holds up those behind it.
   * @param request what to ask, given what a symbol stands for.
   */
  async ask<Q extends Fields, A extends Fields>(
    connection: string,
    api: Api<Q, A>,
    version: number,
    request: (idOf: (symbol: string) => string) => Write<Q>,
    asked: { readonly what: string; readonly symbol?: string },
  ): Promise<Asked> {
    const result: Asked = {
      what: asked.what,
      symbol: asked.symbol,
      answers: [undefined, undefined],
    }
    const pair = await this.#connected(connection)
    for (const side of [0, 1] as const) {
      const idOf = (symbol: string) => this.#ids[side].get(symbol) ?? symbol
      pair[side].ask(api, version, request(idOf)).then(
        (answer) => (result.answers[side] = answer),
        () => {},
      )
    }
    for (let ms = 0; ms < waitsMs && !isAnswered(result); ms += pollMs) await sleep(pollMs)
    return result
  }

  /** Gives the slower broker its time. @returns whether both have answered, or neither. */
  async agreeToWait({ answers }: Asked): Promise<boolean> {
    const isOdd = () => (answers[0] === undefined) !== (answers[1] === undefined)
    for (let ms = 0; ms < laterMs && isOdd(); ms += pollMs) await sleep(pollMs)
    return !isOdd()
  }

  /** Both answers, with symbols. Learns the id that a JoinGroup was given. */
  read({ answers, symbol }: Asked): readonly [unknown, unknown] {
    for (const side of [0, 1] as const) {
      const id = new Map(Object.entries(answers[side] ?? {})).get('memberId')
      if (symbol === undefined || typeof id !== 'string') continue
      if (id === '' || this.#symbols.has(id) || !uuid.test(id)) continue
      this.#symbols.set(id, symbol)
      this.#ids[side].set(symbol, id)
    }
    return [this.#withSymbols(answers[0]), this.#withSymbols(answers[1])]
  }

  /** Ends a connection to both: what waits on it is not answered any more. */
  drop(connection: string): void {
    for (const one of this.#connections.get(connection) ?? []) one.close()
    this.#connections.delete(connection)
  }

  close(): void {
    for (const connection of [...this.#connections.keys()]) this.drop(connection)
  }

  async #connected(name: string): Promise<readonly [RawConnection, RawConnection]> {
    const [kafka, tested] = this.#bootstraps
    const pair =
      this.#connections.get(name) ??
      ([await RawConnection.open(kafka), await RawConnection.open(tested)] as const)
    this.#connections.set(name, pair)
    return pair
  }

  /** Members come in no order that means anything. */
  #withSymbols(value: unknown): unknown {
    if (typeof value === 'string') return this.#symbols.get(value) ?? value.replace(uuid, '-?')
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#withSymbols(item))
      return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, this.#withSymbols(item)]),
    )
  }
}

function isAnswered({ answers }: Asked): boolean {
  return answers[0] !== undefined && answers[1] !== undefined
}

/** Fails with both answers and what led to them. */
export function mustEqual(tested: unknown, kafka: unknown, story: readonly string[]): void {
  assert.deepEqual(tested, kafka, `${story.slice(-20).join('\n')}\n${JSON.stringify(tested)}`)
}
