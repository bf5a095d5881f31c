/**
 * Reads the newest megabytes of one partition over and over, in requests of 1 MB, one at a time:
 * `node bench/clients/tail.ts --bootstrap H:P --topic T --from OFFSET --seconds N`.
 * Prints figures as JSON. Records are counted in whole batches and not looked at.
 */

import { parseArgs } from 'node:util'
import { forEachBatch, lastOffset } from '../../src/records/batch.ts'
import { Connection } from './connection.ts'
import { endOffset, fetchedRecords, fetchFrame } from './requests.ts'

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    topic: { type: 'string', default: '' },
    from: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '5' },
  },
})
const from = Number(values.from)
const connection = await Connection.open(values.bootstrap)
const end = (await endOffset(connection, values.topic, 0)) ?? 0
if (from >= end) throw new Error(`${values.topic}-0 ends at ${end}, before ${from}`)

const startMs = performance.now()
const endMs = startMs + Number(values.seconds) * 1000
let bytes = 0
for (let next = from; performance.now() < endMs; ) {
  const records = fetchedRecords(await connection.send(fetchFrame(values.topic, 0, next)))
  bytes += forEachBatch(records, (at) => {
    next = lastOffset(records, at) + 1
  })
  if (next >= end) next = from
}
const seconds = (performance.now() - startMs) / 1000
connection.close()
console.log(JSON.stringify({ megabytesPerSecond: bytes / seconds / 1e6 }))
