import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logFileName, parseLogFileName } from './log-files.ts'

test('a name says what the file is, and back', () => {
  const name = '00000000000000000042.timeindex'
  assert.equal(logFileName(42, '.timeindex'), name)
  assert.deepEqual(parseLogFileName(name), { name, offset: 42, suffix: '.timeindex', state: '' })
  const deleted = parseLogFileName('00000000000000000042.log.deleted')
  assert.deepEqual([deleted?.suffix, deleted?.state], ['.log', '.deleted'])
})

test('other names are nobody’s', () => {
  const names = ['42.log', 'leader-epoch-checkpoint', '00000000000000000042.txt', '.lock', '']
  names.push('00000000000000000000-0000000000.checkpoint', '99999999999999999999.log')
  for (const name of names) assert.equal(parseLogFileName(name), undefined, name)
})
