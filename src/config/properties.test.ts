import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseProperties } from './properties.ts'

const read = (text: string) => parseProperties(text).map(({ key, value }) => [key, value])

const rows: readonly [rule: string, text: string, expected: readonly (readonly string[])[]][] = [
  ['key and value are split at =', 'a=1', [['a', '1']]],
  ['or at :', 'a: 1', [['a', '1']]],
  ['or at white space', 'a 1', [['a', '1']]],
  ['white space around the separator does not count', ' a \t=  1', [['a', '1']]],
  ['white space behind the value does', 'a=1 ', [['a', '1 ']]],
  ['only the first separator counts', 'a==:b', [['a', '=:b']]],
  ['a key alone has an empty value', 'a', [['a', '']]],
  ['comments and blank lines are no properties', '# a=1\n  ! b=2\n\n \t\nc=3', [['c', '3']]],
  ['a backslash joins lines and drops their indent', 'a=1,\\\n   2', [['a', '1,2']]],
  [
    'two backslashes are one, and join nothing',
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  ['a comment does not continue', '# a\\\nb=2', [['b', '2']]],
  ['a joined line is no comment', 'a=1\\\n#2', [['a', '1#2']]],
  ['a backslash at the end of the file joins nothing', 'a=1\\', [['a', '1']]],
  ['separators may be escaped in keys', 'a\\=b\\:c\\ d=1', [['a=b:c d', '1']]],
  ['escapes stand for characters', 'a=\\t\\n\\u00e9\\q', [['a', '\t\n\u00e9q']]],
  [
    'all three line ends are known',
    'a=1\r\nb=2\rc=3',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [
    'doubles are kept in order',
    'a=1\na=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
]
for (const [rule, text, expected] of rows)
  test(`${rule}`, () => assert.deepEqual(read(text), expected))

test('a property knows the line it begins on', () => {
  assert.deepEqual(
    parseProperties('# x\na=1\\\n2\nb=3').map(({ line }) => line),
    [2, 4],
  )
})

test('every key and value survives being written with escapes and read back', () => {
  const write = (text: string) => text.replace(/[^a-z0-9]/g, (c) => `\\u${hex(c)}`)
  const hex = (c: string) => c.charCodeAt(0).toString(16).padStart(4, '0')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string(), (key, value) => {
      assert.deepEqual(read(`${write(key)}=${write(value)}`), [[key, value]])
    }),
  )
})

test('any text is read without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseProperties(text)))
})
