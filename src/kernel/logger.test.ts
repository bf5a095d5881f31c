import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { collectingLogger, silentLogger, textLine } from './logger.ts'

test('a line for people holds time, level, sentence and fields, and is one line', () => {
  const cause = new Error('disk full', { cause: new Error('ENOSPC') })
  const fields = { topic: 'a-b', count: 3, note: 'two words', list: [1n, 'x'], error: cause }
  const line = textLine({ level: 'warn', message: 'Did\nthis.', fields }, 0)
  assert.equal(
    line,
    '1970-01-01 00:00:00.000 WARN  Did this. topic=a-b count=3 note="two words"' +
      ' list=["1","x"] error="disk full: ENOSPC"',
  )
})

test('text of a peer cannot start a line of its own', () => {
  const fields = { clientId: 'x\n1970-01-01 ERROR forged' }
  assert.ok(!textLine({ level: 'info', message: 'm', fields }, 0).includes('\n'))
})

test('a child adds its fields to its lines, and the collecting logger keeps them', () => {
  const logger = collectingLogger()
  logger.child({ broker: 1 }).child({ topic: 't' }).info({ partition: 0 }, 'Opened.')
  silentLogger.error({}, 'Unheard.')
  assert.deepEqual(logger.entries, [
    { level: 'info', message: 'Opened.', fields: { broker: 1, topic: 't', partition: 0 } },
  ])
})

for (const format of ['text', 'json'] as const) {
  test(`the process's logger writes ${format} to standard error, from its level on`, () => {
    const script = `
      import { processLogger } from ${JSON.stringify(import.meta.resolve('./logger.ts'))}
      const logger = processLogger({ level: 'info', format: '${format}' }).child({ id: 7 })
      logger.debug({}, 'Dropped.')
      logger.warn({ error: new Error('why') }, 'Kept.')`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script])
    assert.equal(run.stdout.toString(), '')
    const lines = run.stderr.toString().trim().split('\n')
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /Kept\..*/)
    assert.match(lines[0]!, /why/)
    if (format === 'json') assert.equal(JSON.parse(lines[0]!).id, 7)
  })
}
