/**
 * Memory of the broker per idle connection:
 * `node bench/clients/idle-connections.ts --bootstrap H:P --pid N --connections N`.
 * Prints figures as JSON. A first hundred connections come and go before, so that what the broker
 * needs once is not counted.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { residentBytes } from '../process-figures.ts'
import { openMany } from './many.ts'

const WARM_UP_CONNECTIONS = 100
/** For the broker to be done with what came before. */
const SETTLE_MS = 2000

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    pid: { type: 'string', default: '' },
    connections: { type: 'string', default: '1000' },
  },
})
const pid = Number(values.pid)
const count = Number(values.connections)

for (const connection of await openMany(values.bootstrap, WARM_UP_CONNECTIONS)) connection.close()
await delay(SETTLE_MS)
const before = residentBytes(pid)
const connections = await openMany(values.bootstrap, count)
await delay(SETTLE_MS)
const after = residentBytes(pid)
const open = connections.filter(({ isOpen }) => isOpen).length
if (open < count) throw new Error(`the broker closed ${count - open} of ${count} connections`)
for (const connection of connections) connection.close()
console.log(JSON.stringify({ kilobytesPerConnection: (after - before) / count / 1000 }))
