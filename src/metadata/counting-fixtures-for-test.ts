/** A process that counts in a store until it is killed: `FILE exclusive|shared`. It prints, after each
 *  commit, how often it has won (`shared`) or the count it wrote (`exclusive`). */
import { writeSync } from 'node:fs'
import { silentLogger } from '../kernel/logger.ts'
import { realEnvironment } from '../kernel/real-environment.ts'
import { EmbeddedCoordination } from './embedded-coordination.ts'

const [file = '', sharing = ''] = process.argv.slice(2)
const store = await EmbeddedCoordination.open(realEnvironment(), silentLogger, {
  path: file,
  sharing: sharing === 'shared' ? 'shared' : 'exclusive',
  pollMs: 10,
})
const leaseId = await store.grantLease(300)
await store.commit({ puts: [{ key: 'bound', value: 'x', leaseId }] })
let wins = 0
for (;;) {
  const { entries } = await store.read('count')
  const [{ value = '0', modRevision = 0 } = {}] = entries
  const next = String(Number(value) + 1)
  const puts = [{ key: 'count', value: next }]
  if (sharing === 'exclusive') puts.push({ key: 'copy', value: next })
  const outcome = await store.commit({ puts, expect: { count: { modRevision } } })
  if (outcome.committed) {
    wins += 1
    writeSync(1, `${sharing === 'shared' ? wins : next}\n`)
  }
  await new Promise((resolve) => setImmediate(resolve))
}
