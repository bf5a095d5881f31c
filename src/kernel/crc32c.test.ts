import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c, crc32cByTable, crc32cOf } from './crc32c.ts'

// RFC 3720, appendix B.4, and the usual check value.
const known: readonly (readonly [string, Uint8Array, number])[] = [
  ['nothing', new Uint8Array(0), 0],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 times 255', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0 to 31', new Uint8Array(32).map((_, index) => index), 0x46dd794e],
]
for (const [name, bytes, expected] of known) {
  test(`the CRC-32C of ${name} is the published one`, () => {
    assert.equal(crc32c(bytes), expected)
    assert.equal(crc32cByTable(bytes), expected)
  })
}

test('short and long, in one piece and in several, native and by table agree', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 })
  const check = fc.property(pieces, (chunks) => {
    const all = Buffer.concat(chunks)
    assert.equal(crc32c(all), crc32cByTable(all))
    assert.equal(crc32cOf(chunks), crc32c(all))
  })
  fc.assert(check)
})
