/**
 * Java's `.properties` format, in which Kafka's `server.properties` is written: `key=value`,
 * `key: value` or `key value`, comments behind `#` or `!`, a backslash at the end of a line joins
 * the next one, and `\t`, `\n`, `\f`, `\r`, `\uXXXX` stand for characters.
 */

/** One setting and where it stands. */
export interface Property {
  readonly key: string
  readonly value: string
  /** Line it begins on, from 1. */
  readonly line: number
}

/**
 * Reads a file's text. A key may come more than once; the last one counts, as in Java, so callers
 * that make a map of it get that by order. A broken `\u` escape reads as its letters: Java refuses
 * the file, and a setting with a wrong letter says more.
 */
export function parseProperties(text: string): readonly Property[] {
  const lines = text.split(/\r\n|\r|\n/)
  const properties: Property[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let logical = (lines[at] ?? '').replace(LEADING_SPACE, '')
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue
    while (continues(logical)) {
      at++
      logical = logical.slice(0, -1) + (lines[at] ?? '').replace(LEADING_SPACE, '')
    }
    properties.push({ ...split(logical), line })
  }
  return properties
}

const LEADING_SPACE = /^[ \t\f]+/
/** A key ends at the first unescaped white space, `=` or `:`; one of the latter may follow. */
const PARTS = /^((?:\\[\s\S]|[^\\=: \t\f])*)(?:[ \t\f]*[=:])?[ \t\f]*([\s\S]*)$/
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|([\s\S])|$)/g
const escaped: Readonly<Record<string, string>> = { t: '\t', n: '\n', f: '\f', r: '\r' }

/** An odd number of backslashes at the end: the last one is not itself escaped. */
function continues(line: string): boolean {
  const backslashes = line.length - line.replace(/\\+$/, '').length
  return backslashes % 2 === 1
}

function split(line: string): { readonly key: string; readonly value: string } {
  const [, key = '', value = ''] = PARTS.exec(line) ?? []
  return { key: plain(key), value: plain(value) }
}

function plain(text: string): string {
  return text.replace(ESCAPE, (_, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return letter === undefined ? '' : (escaped[letter] ?? letter)
  })
}
