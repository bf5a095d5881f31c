import type { Environment, Random } from '../../src/kernel/environment.ts'
import { Requester } from '../../src/network/requester.ts'
import { KafkaError } from '../../src/protocol/errors.ts'
import type { Api, RequestInput, ResponseOf } from '../../src/protocol/schema.ts'
import { BROKER_HOST, BROKER_PORT } from './machine.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

const REQUEST_TIMEOUT_MS = 8_000
const LONGEST_PAUSE_MS = 300

/** One connection to the broker, and in which of its times it was made. */
export interface Connection {
  readonly life: number
  readonly powerCuts: number
  ask<A extends Api>(api: A, version: number, request: RequestInput<A>): Promise<ResponseOf<A>>
  tell<A extends Api>(api: A, version: number, request: RequestInput<A>): Promise<void>
}

/**
 * A client of the simulation: connects, does its work until the connection is lost, and begins again.
 * What it throws besides a lost connection ends the run.
 */
export abstract class Actor {
  readonly name: string
  readonly world: World
  readonly random: Random
  readonly environment: Environment
  #requester: Requester | undefined

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
    this.random = world.random()
    this.environment = world.simulation.host(name).environment()
  }

  /** Works on one connection until there is nothing more to do. */
  protected abstract work(connection: Connection): Promise<void>

  /** Runs until the world is over. */
  async run(): Promise<void> {
    while (!this.world.isOver) {
      try {
        await this.work(await this.#connect())
      } catch (error) {
        if (!isLost(error)) {
          this.world.fail(error instanceof Error ? error : new Violation(String(error)))
          return
        }
      }
      await this.sleep(this.random.below(LONGEST_PAUSE_MS))
    }
    this.drop()
  }

  /** Closes the connection; what is on its way may arrive or not. */
  drop(): void {
    this.#requester?.close()
    this.#requester = undefined
  }

  note(what: string): void {
    this.world.trace.note(this.name, what)
  }

  sleep(ms: number): Promise<void> {
    const { clock, timers } = this.environment
    return new Promise((resolve) => timers.at(clock.monotonic() + ms, resolve))
  }

  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[this.random.below(choices.length)]
  }

  async #connect(): Promise<Connection> {
    this.drop()
    const requester = await Requester.connect(BROKER_HOST, BROKER_PORT, {
      environment: this.environment,
      clientId: this.name,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
    })
    this.#requester = requester
    const { life, powerCuts } = this.world.machine
    return {
      life,
      powerCuts,
      ask: (api, version, request) => requester.send(api, version, request),
      tell: (api, version, request) => requester.sendWithoutAnswer(api, version, request),
    }
  }
}

/** Whether an error only says that a connection has ended. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof KafkaError &&
    (error.error === 'NETWORK_EXCEPTION' || error.error === 'REQUEST_TIMED_OUT')
  )
}
