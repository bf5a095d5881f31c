/** Prints every difference between our protocol declarations and Kafka's published ones, and every
 *  captured frame or stored record that does not survive decoding and encoding. Exit code 1 when
 *  there is any. */
import { allMessages, definitionDifferences, missingReference } from './protocol-definitions.ts'
import { storedDifferences, storedRecords } from './protocol-stored.ts'
import { wireDifferences, wireFrames } from './protocol-wire.ts'

if (missingReference !== undefined) {
  console.log(`check-protocol ${missingReference}`)
} else {
  const frames = wireFrames()
  const records = storedRecords()
  const differences = [
    ...definitionDifferences(),
    ...frames.flatMap(wireDifferences),
    ...records.flatMap(storedDifferences),
  ]
  for (const difference of differences) console.log(difference)
  const messages = allMessages.length
  const compared = `${messages} messages, ${frames.length} frames, ${records.length} records`
  console.log(`${compared} compared: ${differences.length} differences`)
  process.exitCode = differences.length === 0 ? 0 : 1
}
