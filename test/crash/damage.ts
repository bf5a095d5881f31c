/** What a crash may do to the files of a partition that were not forced to the disk: bytes too many,
 *  bytes too few. Only the ends of the newest files are touched, as only they can be unflushed. */

import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A kind of damage. `losesRecords`: the end of the log itself is gone. */
export interface Damage {
  readonly name: string
  readonly losesRecords: boolean
  /** @returns what was done, or undefined where there was nothing to do it to. */
  readonly apply: (
    directory: string,
    below: (limit: number) => number,
  ) => Promise<string | undefined>
}

const largestAppend = 5000

const append =
  (extension: string, bytes: (file: Buffer, below: Below) => Buffer): Damage['apply'] =>
  async (directory, below) => {
    const file = await newest(directory, extension)
    if (file === undefined) return undefined
    const extra = bytes(await readFile(file), below)
    await writeFile(file, extra, { flag: 'a' })
    return `${extra.length} bytes behind ${file}`
  }

const cut =
  (extension: string, most: number): Damage['apply'] =>
  async (directory, below) => {
    const file = await newest(directory, extension)
    if (file === undefined) return undefined
    const { size } = await stat(file)
    const gone = Math.min(size, 1 + below(Math.min(most, size || 1)))
    await truncate(file, size - gone)
    return `${gone} of ${size} bytes cut from ${file}`
  }

const remove =
  (extension: string): Damage['apply'] =>
  async (directory) => {
    const file = await newest(directory, extension)
    if (file !== undefined) await rm(file)
    return file && `${file} removed`
  }

type Below = (limit: number) => number

const noise = (_: Buffer, below: Below): Buffer =>
  Buffer.from(Array.from({ length: 1 + below(largestAppend) }, () => below(256)))
const zeros = (_: Buffer, below: Below): Buffer => Buffer.alloc(1 + below(largestAppend))
/** The beginning of the first batch of the file: a plausible header, an offset from long ago. */
const tornBatch = (file: Buffer, below: Below): Buffer =>
  Buffer.from(file.subarray(0, 1 + below(Math.min(file.length, 200))))

const index = (apply: (extension: string) => Damage['apply'], what: string): Damage[] =>
  ['.index', '.timeindex', '.snapshot'].map((extension) => ({
    name: `${what} ${extension}`,
    losesRecords: false,
    apply: apply(extension),
  }))

export const damages: readonly Damage[] = [
  { name: 'noise behind the log', losesRecords: false, apply: append('.log', noise) },
  { name: 'zeros behind the log', losesRecords: false, apply: append('.log', zeros) },
  { name: 'half a batch behind the log', losesRecords: false, apply: append('.log', tornBatch) },
  { name: 'the end of the log cut', losesRecords: true, apply: cut('.log', 20_000) },
  ...index((extension) => append(extension, noise), 'noise behind'),
  ...index((extension) => cut(extension, 200), 'the end cut from'),
  ...index(remove, 'without'),
]

/** The file of one kind with the highest offset in its name, an empty one only where all are. */
async function newest(directory: string, extension: string): Promise<string | undefined> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(extension)).toSorted()
  const files = names.map((name) => join(directory, name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return files.findLast((_, i) => (sizes[i] ?? 0) > 0) ?? files.at(-1)
}
