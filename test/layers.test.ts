/** The shape of the source: who may import whom, and that only the kernel touches the outside world. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const foundation = ['kernel', 'protocol', 'records', 'config']
const middle = [...foundation, 'network', 'log', 'metadata', 'security', 'quota', 'metrics']
const upper = [...middle, 'replication', 'controller', 'coordinator']
const application = ['kernel', 'protocol', 'records', 'config', 'client']

/** One row per folder of `src`. A new arrow is an architecture decision: record it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  protocol: ['kernel'],
  records: ['kernel', 'protocol'],
  config: ['protocol'],
  network: foundation,
  log: foundation,
  metadata: foundation,
  security: foundation,
  quota: foundation,
  metrics: foundation,
  replication: middle,
  controller: middle,
  coordinator: [...middle, 'replication'],
  group: [...middle, 'coordinator'],
  share: [...middle, 'coordinator'],
  transaction: [...middle, 'coordinator'],
  broker: [...upper, 'group', 'share', 'transaction'],
  client: [...foundation, 'network', 'metrics'],
  testing: [...upper, 'broker', 'client'],
  registry: application,
  rest: application,
  connect: application,
  streams: application,
  sql: application,
  mirror: application,
  monitor: application,
  mqtt: application,
  cli: [...upper, 'broker', 'client', '../package.json'],
}

/** Files whose purpose is to reach outside memory. Everything else is handed an `Environment`. */
const outside = [
  /^src\/kernel\/real-/,
  /^src\/cli\//,
  /\.test\.ts$/,
  /-for-test\.ts$/,
  /-contract\.ts$/,
]

const forbidden: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'environment.clock.now()'],
  [/\bperformance\.now\(/, 'environment.clock.monotonic()'],
  [/\b(setTimeout|setInterval|setImmediate)\(/, 'environment.timers'],
  [/\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, 'environment.random'],
  [
    /from 'node:(fs|fs\/promises|net|dgram|tls|http|https|dns|timers|child_process)'/,
    'environment',
  ],
  [/\bprocess\.env\b/, 'a setting handed in by main'],
]

/** How the lint calls its rules about the same. */
const OUTSIDE_RULES = /noRestrictedImports|noRestrictedGlobals|plugin/

const sources = globSync('src/**/*.ts').map((file) => file.split(path.sep).join('/'))
/** The folder of `src` that a path is in; for other paths, the way there from `src`. */
const folderOf = (file: string): string =>
  file.startsWith('src/') ? (file.split('/')[1] ?? '') : path.posix.relative('src', file)
const imports = (text: string): string[] =>
  [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '')

test('every import between folders of src follows the layer table', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const from = folderOf(file)
    const allowed = mayImport[from]
    assert.ok(allowed, `src/${from} has no row in the layer table`)
    for (const target of imports(readFileSync(file, 'utf8'))) {
      const to = folderOf(path.posix.join(path.posix.dirname(file), target))
      if (to !== from && !allowed.includes(to)) wrong.push(`${file} imports ${to}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('only the kernel and the command line reach clocks, timers, randomness, files and sockets', () => {
  const wrong: string[] = []
  for (const file of sources) {
    if (outside.some((pattern) => pattern.test(file))) continue
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    for (const [pattern, instead] of forbidden) {
      const found = text.match(pattern)
      if (found) wrong.push(`${file}: ${found[0]} (use ${instead})`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the lint refuses in source what the environment stands for, and allows it where it is made', (t) => {
  const ways = ["import 'node:fs'", "import 'node:net'", 'setTimeout(run, 1)', 'performance.now()']
  ways.push('Date.now()', 'new Date()', 'Math.random()')
  const project = mkdtempSync(path.join(tmpdir(), 'moldau-lint-'))
  t.after(() => rmSync(project, { recursive: true }))
  for (const file of ['biome.json', 'scripts/outside.grit']) cpSync(file, path.join(project, file))
  const refusals = (file: string): number => {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true })
    writeFileSync(path.join(project, file), ways.join('\n'))
    const biome = path.resolve('node_modules/@biomejs/biome/bin/biome')
    const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', file]
    const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
    const report: unknown = JSON.parse(stdout)
    assert.ok(typeof report === 'object' && report && 'diagnostics' in report, stdout)
    assert.ok(Array.isArray(report.diagnostics))
    return report.diagnostics.filter(({ category }) => OUTSIDE_RULES.test(category)).length
  }
  assert.equal(refusals('src/log/example.ts'), ways.length)
  assert.equal(refusals('src/kernel/real-example.ts'), 0)
})

test('no two source files import each other, directly or through others', () => {
  const edges = new Map<string, string[]>()
  for (const file of sources) {
    const valueImports = readFileSync(file, 'utf8').replace(/import type[\s\S]*?from '[^']+'/g, '')
    edges.set(
      file,
      imports(valueImports).map((to) => path.posix.join(path.posix.dirname(file), to)),
    )
  }
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(file), `cycle: ${[...trail, file].join(' -> ')}`)
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
})
