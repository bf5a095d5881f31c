/** Whole-broker tests: a broker in a process of its own, and unmodified clients that talk to it. This
 *  file is where they get that broker from. */

import type { Broker, BrokerOptions } from './broker.ts'
import { startMoldau } from './moldau-process.ts'
import { startOracle } from './oracle.ts'

/**
 * What the tests run against, from `MOLDAU_TEST_BOOTSTRAP`: unset, this project's broker; `oracle`,
 * a real Kafka from ../shared/lab, started and killed in the same way; `host:port`, a broker that
 * runs already, which can be neither configured nor killed.
 */
export const target = process.env.MOLDAU_TEST_BOOTSTRAP ?? 'moldau'

/** A reason why tests that start or kill the broker cannot run, or false. */
export const noControl: string | false =
  target.includes(':') && `${target} was not started by the tests, so they cannot stop or kill it`

/** Starts the broker under test and waits until it serves. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  if (target === 'moldau') return await startMoldau(options)
  if (target === 'oracle') return await startOracle(options)
  return running(target)
}

function running(bootstrap: string): Broker {
  const refuse = (): never => {
    throw new Error(`${bootstrap} was not started by the tests`)
  }
  return {
    name: bootstrap,
    bootstrap,
    dataDirectory: undefined,
    endsWithProcess: false,
    output: () => '',
    stop: refuse,
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: async () => {},
  }
}
