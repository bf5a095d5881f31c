/** What a broker costs that nobody uses. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Broker } from '../broker.ts'
import { startMoldau } from '../moldau.ts'
import { cpuSeconds, residentBytes, voluntarySwitches } from '../process-figures.ts'
import { bothBrokers, type Case, type Figures, type Round, withBroker } from './case.ts'

/** For what a start leaves to be done. */
const SETTLE_MS = 5000
const WATCH_MS = 20_000
const QUICK_WATCH_MS = 5000

export const idleCases: readonly Case[] = [
  { name: 'idle', brokers: bothBrokers, run: (round) => withBroker(round, watch(round)) },
  {
    name: 'idle-packed',
    brokers: ['moldau'],
    needs: 'packedCommand',
    run: (round) =>
      withBroker(round, watch(round), ({ tools }, options) =>
        startMoldau(options, tools.packedCommand ?? []),
      ),
  },
]

const watch =
  ({ isQuick }: Round) =>
  async ({ pid }: Broker): Promise<Figures> => {
    await delay(SETTLE_MS)
    const look = () => ({
      seconds: performance.now() / 1000,
      cpu: cpuSeconds(pid),
      wakeUps: voluntarySwitches(pid),
    })
    const from = look()
    await delay(isQuick ? QUICK_WATCH_MS : WATCH_MS)
    const to = look()
    const seconds = to.seconds - from.seconds
    return {
      residentMegabytes: residentBytes(pid) / 1e6,
      cpuPercent: ((to.cpu - from.cpu) / seconds) * 100,
      wakeUpsPerSecond: (to.wakeUps - from.wakeUps) / seconds,
    }
  }
