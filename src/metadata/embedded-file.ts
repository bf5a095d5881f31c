import type { Disk } from '../kernel/environment.ts'

/** Where LMDB's first page keeps what is looked at here; its numbers are little-endian. */
const MAGIC_AT = 24
const VERSION_AT = 28
const PAGE_SIZE_AT = 48
const HEAD_BYTES = 52

/** As the `lmdb` package writes them. */
const MAGIC = 0xbeefc0de
const VERSION = 2

/**
 * Looks at the head of an LMDB file before LMDB does, because LMDB ends the whole process over a
 * file that is none of its own or was cut off. It does not see damage further inside.
 * @returns what is wrong, or undefined for a file that may be opened: a good head, empty or absent.
 */
export function fileProblem(disk: Disk, path: string): string | undefined {
  const stat = disk.stat(path)
  if (stat === undefined || (stat.type === 'file' && stat.sizeBytes === 0)) return undefined
  if (stat.type === 'directory') return 'it is a directory'
  const head = new Uint8Array(HEAD_BYTES)
  const file = disk.open(path, 'read')
  const count = file.readSync(head, 0)
  file.close()
  const view = new DataView(head.buffer)
  if (count < HEAD_BYTES || view.getUint32(MAGIC_AT, true) !== MAGIC) {
    return 'it is damaged or no metadata file'
  }
  const version = view.getUint32(VERSION_AT, true)
  if (version !== VERSION) return `its LMDB format is ${version}; this version reads ${VERSION}`
  // The smallest store is two pages.
  const leastBytes = 2 * view.getUint32(PAGE_SIZE_AT, true)
  if (stat.sizeBytes < leastBytes) return `it ends after ${stat.sizeBytes} of ${leastBytes} bytes`
  return undefined
}
