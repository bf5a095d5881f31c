/** What the repository promises of itself: pages that name what is there, and a lock file that every
 *  platform and registry can install from. */

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

/** Paths below the root, whatever the directory that the tests are run in. */
const root = path.join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const pages = globSync('{*.md,docs/**/*.md,bench/*.md}', { cwd: root })
const files = globSync('{src,test,scripts,bench,bin}/**/*.*', { cwd: root })

for (const page of pages) {
  test(`the links of ${page} lead somewhere`, () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
    const broken = links.flatMap(([, target = '']) => {
      const file = path.join(root, path.dirname(page), target)
      return existsSync(file) ? [] : [target]
    })
    assert.deepEqual(broken, [])
  })

  test(`the source files that ${page} names exist`, () => {
    const names = [...read(page).matchAll(/`([\w./-]+\.(?:ts|cjs))`/g)].map(([, name = '']) => name)
    const unknown = names.filter(
      (name) => !name.includes('NN-') && !files.some((file) => `/${file}`.endsWith(`/${name}`)),
    )
    // `x.ts` stands for any file.
    assert.deepEqual(
      unknown.filter((name) => !/^x(\.test)?\.ts$/.test(name)),
      [],
    )
  })
}

test('the README can be read in one go', () => {
  assert.ok(read('README.md').trimEnd().split('\n').length <= 120)
})

/** What npm notes of one installed package. */
interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

function lockedPackages(): Readonly<Record<string, LockedPackage>> {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(read('package-lock.json'))
  return lock.packages
}

test('the lock file names no registry', () => {
  const packages = Object.entries(lockedPackages())
  const named = packages.filter(([, { resolved }]) => resolved !== undefined)
  assert.deepEqual(named, [])
})

test('the lock file has every optional package of every platform, with its checksum', () => {
  const packages = lockedPackages()
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => packages[installedFor(place, name, packages)]?.integrity === undefined)
      .map((name) => `${place}: ${name}`),
  )
  assert.deepEqual(missing, [])
})

/** Where Node finds `name` from the package in `place`: below it, or below what it lies in. */
function installedFor(
  place: string,
  name: string,
  packages: Readonly<Record<string, LockedPackage>>,
): string {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    const candidate = path.posix.join(from, 'node_modules', name)
    if (packages[candidate] !== undefined || from === '') return candidate
  }
}
