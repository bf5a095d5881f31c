/** Prints every difference between our protocol declarations and Kafka's published ones, and every
 *  captured frame that does not survive decoding and encoding. Exit code 1 when there is any. */
import { allMessages, definitionDifferences, missingReference } from './protocol-definitions.ts'
import { wireDifferences, wireFrames } from './protocol-wire.ts'

if (missingReference !== undefined) {
  console.log(`check-protocol ${missingReference}`)
} else {
  const frames = wireFrames()
  const differences = [...definitionDifferences(), ...frames.flatMap(wireDifferences)]
  for (const difference of differences) console.log(difference)
  const compared = `${allMessages.length} messages and ${frames.length} frames compared`
  console.log(`${compared}: ${differences.length} differences`)
  process.exitCode = differences.length === 0 ? 0 : 1
}
