/**
 * Memory of the broker per idle connection:
 * `node bench/clients/idle-connections.ts --bootstrap H:P --pid N --connections N`.
 * Prints figures as JSON. It is what as many connections add to as many that are open already: the
 * first ones also cost what a broker needs once it is used at all (compiled code, a grown heap).
 */

import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { residentBytes } from '../process-figures.ts'
import { openMany } from './many.ts'

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

const first = await openMany(values.bootstrap, count)
await delay(SETTLE_MS)
const before = residentBytes(pid)
const second = await openMany(values.bootstrap, count)
await delay(SETTLE_MS)
const after = residentBytes(pid)
const all = [...first, ...second]
const closed = all.filter(({ isOpen }) => !isOpen).length
if (closed > 0) throw new Error(`the broker closed ${closed} of ${all.length} connections`)
for (const connection of all) connection.close()
console.log(JSON.stringify({ kilobytesPerConnection: (after - before) / count / 1000 }))
