/** A reporter for node:test that names every skipped test with its reason and every failure, and
 *  ends with the one line that `.ci/run` adds up. */
import type { TestEvent } from 'node:test/reporters'

export default async function* summary(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: string[] = []
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    if (data.details.type === 'suite') continue
    if (data.skip !== undefined) {
      counts.skipped += 1
      yield `\nskipped: ${data.name}: ${data.skip === true ? 'no reason given' : data.skip}`
    } else if (event.type === 'test:pass') counts.passed += 1
    else {
      counts.failed += 1
      failures.push(`${data.file ?? ''}: ${data.name}`)
    }
  }
  for (const failure of failures) yield `\nfailed: ${failure}`
  yield `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`
}
