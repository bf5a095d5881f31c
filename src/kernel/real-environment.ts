import type { Environment } from './environment.ts'
import { realClock, realRandom, realTimers } from './real-clock.ts'
import { realDisk } from './real-disk.ts'
import { realNetwork } from './real-network.ts'

/** The machine this process runs on. `main` builds it once; nothing else reaches for it. */
export function realEnvironment(): Environment {
  return {
    clock: realClock,
    timers: realTimers(realClock),
    random: realRandom,
    disk: realDisk,
    network: realNetwork,
  }
}
