import { coordinationContract } from './coordination-contract.ts'
import { MemoryCoordination } from './memory-coordination.ts'
import { VirtualTime } from './virtual-time-fixtures-for-test.ts'

coordinationContract('MemoryCoordination', async () => {
  const time = new VirtualTime()
  const coordination = new MemoryCoordination({ clock: time, timers: time })
  return {
    coordination,
    passTime: async (ms) => time.pass(ms),
    close: () => coordination.close(),
  }
})
