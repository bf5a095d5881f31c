/** Real input: the texts that come with the installed packages, line by line. */

import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { projectDirectory } from '../clients/support.ts'

/** JSON first, as there is no end to it in the world; the rest brings long lines and odd characters. */
const kinds = ['.json', '.md', '.map', '.ts', '.js']

/**
 * The lines, without their ends, of files below `node_modules`, the same in every run of one tree.
 * @param limitBytes no file is read once there are so many bytes.
 * @param emptyLines whether lines with nothing in them are kept.
 */
export async function realLines(limitBytes: number, emptyLines: boolean): Promise<Buffer[]> {
  const root = join(projectDirectory, 'node_modules')
  const files = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const lines: Buffer[] = []
  let size = 0
  for (const kind of kinds)
    for (const file of files.filter((name) => extname(name) === kind)) {
      if (size >= limitBytes) return lines
      const content = await readFile(file)
      size += content.length
      for (const line of splitLines(content)) if (emptyLines || line.length > 0) lines.push(line)
    }
  return lines
}

/** Views of the bytes between line feeds. What follows the last one counts when it is not empty. */
function splitLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let at = 0
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, at)) {
    lines.push(content.subarray(at, end))
    at = end + 1
  }
  if (at < content.length) lines.push(content.subarray(at))
  return lines
}
