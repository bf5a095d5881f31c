/** Cases whose load comes from the programs in `bench/clients`. */

import { bothBrokers, type Case, type Round, runClient, withBroker } from './case.ts'

/** Beyond the time that a client is to take. */
const SLACK_MS = 90_000
const CONNECTIONS = 1000
const RATES: readonly number[] = [1000, 20_000]

interface Times {
  readonly 'warm-up-seconds': number
  readonly seconds: number
}

/** The first seconds are not measured: the JVM compiles what it runs often. */
const times = ({ isQuick }: Round): Times =>
  isQuick ? { 'warm-up-seconds': 3, seconds: 5 } : { 'warm-up-seconds': 10, seconds: 20 }

const limitMs = (round: Round): number => {
  const { 'warm-up-seconds': warmUpSeconds, seconds } = times(round)
  return (warmUpSeconds + seconds) * 1000 + SLACK_MS
}

export const ownClientCases: readonly Case[] = [
  ...RATES.map(
    (rate): Case => ({
      name: `latency-${rate}`,
      brokers: bothBrokers,
      run: (round) =>
        withBroker(round, ({ bootstrap }) =>
          runClient(round, 'latency.ts', { bootstrap, rate, ...times(round) }, limitMs(round)),
        ),
    }),
  ),
  {
    name: 'idle-connections',
    brokers: bothBrokers,
    run: (round) =>
      withBroker(round, ({ bootstrap, pid }) => {
        const options = { bootstrap, pid, connections: CONNECTIONS }
        return runClient(round, 'idle-connections.ts', options, limitMs(round))
      }),
  },
  {
    name: 'slow-producers',
    brokers: bothBrokers,
    run: (round) =>
      withBroker(round, ({ bootstrap }) => {
        const options = { bootstrap, producers: CONNECTIONS, ...times(round) }
        return runClient(round, 'slow-producers.ts', options, limitMs(round))
      }),
  },
]
