/** A broker that goes on where a real Kafka left off: the log directory of the reference data, which
 *  lies outside of the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Disk } from '../kernel/environment.ts'
import { T0, TestBroker } from './broker-fixtures-for-test.ts'

/** What Apache Kafka was asked and answered, and the log directory that it left behind. */
export const REFERENCE = path.join(import.meta.dirname, '../../../shared/reference/kafka')

/** Why tests that need it are left out; false: it is there. */
export const noReference = existsSync(REFERENCE) ? false : 'there is no ../shared/reference/kafka'

/** When the data was written: its records' times are refused by an earlier clock. */
const CAPTURED_MS = 1_795_244_200_000

/** Starts a broker on a copy of Kafka's directory, without metadata. */
export async function startOnKafkasDirectory(): Promise<TestBroker> {
  const b = await TestBroker.start()
  await b.stop()
  b.host.wallOffsetMs = CAPTURED_MS - T0
  const { disk } = b.host
  for (const name of disk.list('/data')) {
    if (disk.stat(`/data/${name}`)?.type === 'file') disk.remove(`/data/${name}`)
  }
  copyTree(path.join(REFERENCE, 'fixtures/log-dir'), '/data', disk)
  b.forgetMetadata()
  await b.start()
  return b
}

function copyTree(from: string, to: string, disk: Disk): void {
  disk.makeDirectory(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), `${to}/${entry.name}`]
    if (entry.isDirectory()) copyTree(source, target, disk)
    else disk.replaceFile(target, readFileSync(source))
  }
}
