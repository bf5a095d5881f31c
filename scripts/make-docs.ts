/**
 * Writes the generated pages of `docs/`. With `--check` it writes nothing and exits with 1 when a
 * page is not what the code says: run `npm run docs` and commit the result.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { renderConfiguration } from '../src/config/document.ts'
import { renderCompatibility } from './compatibility.ts'

/** A page and the code it is made from. */
interface Page {
  /** From the root of the repository. */
  readonly path: string
  render(): string
}

const pages: readonly Page[] = [
  { path: 'docs/configuration.md', render: renderConfiguration },
  { path: 'docs/compatibility.md', render: renderCompatibility },
]

const check = process.argv.includes('--check')
const root = new URL('../', import.meta.url)
for (const { path, render } of pages) {
  const file = new URL(path, root)
  const text = render()
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  if (check) {
    console.error(`${path} is stale: run npm run docs`)
    process.exitCode = 1
  } else {
    writeFileSync(file, text)
    console.log(`${path} written`)
  }
}
