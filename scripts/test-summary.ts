/** A reporter for node:test that says at the end what was skipped, why, and what failed, and closes with
 *  the one line that `.ci/run` adds up. */
import type { TestEvent } from 'node:test/reporters'

export default async function* summary(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failed: string[] = []
  const skipped = new Map<string, number>()
  let passed = 0
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    if (data.details.type === 'suite') continue
    if (data.skip !== undefined && data.skip !== false) {
      const reason = data.skip === true ? 'no reason given' : data.skip
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
    } else if (event.type === 'test:pass') passed += 1
    else failed.push(`${data.file ?? ''}: ${data.name}`)
  }
  for (const [reason, count] of skipped) yield `skipped ${count}: ${reason}\n`
  for (const test of failed) yield `failed: ${test}\n`
  const skips = [...skipped.values()].reduce((sum, count) => sum + count, 0)
  yield `${passed} passed, ${failed.length} failed, ${skips} skipped\n`
}
