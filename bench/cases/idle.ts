/** What a broker costs that nobody uses. */

import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds, residentBytes, voluntarySwitches } from '../process-figures.ts'
import { bothBrokers, type Case, withBroker } from './case.ts'

/** For what a start leaves to be done. */
const SETTLE_MS = 5000
const WATCH_MS = 20_000
const QUICK_WATCH_MS = 5000

export const idleCase: Case = {
  name: 'idle',
  brokers: bothBrokers,
  run: (round) =>
    withBroker(round, async ({ pid }) => {
      await delay(SETTLE_MS)
      const look = () => ({
        seconds: performance.now() / 1000,
        cpu: cpuSeconds(pid),
        wakeUps: voluntarySwitches(pid),
      })
      const from = look()
      await delay(round.isQuick ? QUICK_WATCH_MS : WATCH_MS)
      const to = look()
      const seconds = to.seconds - from.seconds
      return {
        residentMegabytes: residentBytes(pid) / 1e6,
        cpuPercent: ((to.cpu - from.cpu) / seconds) * 100,
        wakeUpsPerSecond: (to.wakeUps - from.wakeUps) / seconds,
      }
    }),
}
