/** node-rdkafka's own tests against a broker, as far as they are about consumers. Left out: what they
 *  try with headers and nulls, which our own tests do, and `groups.spec.js`, which ends its process
 *  with SIGSEGV, against a real Kafka too. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Stage } from '../groups/scene.ts'
import { mochaOf, nodeRdkafkaHome } from './install.ts'

const specs = ['consumer', 'both', 'admin']
const leftOut = 'header value|headers|empty|null key'
/** The tests have topics of these names, one partition each. */
const topics = ['test', 'test2', 'test3', 'test4', 'test5', 'test6']
const suiteLimitMs = 180_000

const home = await nodeRdkafkaHome()
const mocha = typeof home === 'string' ? await mochaOf(home) : home

/** What mocha's JSON reporter tells. */
interface Report {
  readonly passes: readonly { readonly fullTitle: string }[]
  readonly failures: readonly {
    readonly fullTitle: string
    readonly err: { readonly message?: string }
  }[]
}

if (typeof home !== 'string' || typeof mocha !== 'string')
  test("node-rdkafka's own tests", { skip: nothingOf(home, mocha) }, () => {})
else
  describe("node-rdkafka's own tests", () => {
    let stage: Stage
    before(async () => {
      stage = await Stage.open()
      for (const topic of topics) await stage.named(topic, 1)
    })
    after(() => stage?.close())

    for (const spec of specs)
      test(`${spec}.spec.js passes`, async () => {
        const { report, printed } = await runSpec(home, mocha, spec, stage.broker.bootstrap)
        assert.deepEqual(
          report.failures.map((f) => `${f.fullTitle}: ${f.err.message}`),
          [],
          printed,
        )
        assert.notEqual(report.passes.length, 0)
      })
  })

function nothingOf(...found: readonly (string | { readonly missing: string })[]): string {
  return found.map((f) => (typeof f === 'string' ? '' : f.missing)).join(' ')
}

async function runSpec(home: string, mocha: string, spec: string, bootstrap: string) {
  const module = join(home, 'node_modules/node-rdkafka')
  const choice = [
    '--timeout',
    '30000',
    '--grep',
    leftOut,
    '--invert',
    '--reporter',
    'json',
    '--exit',
  ]
  const child = spawn(process.execPath, [mocha, ...choice, join(module, `e2e/${spec}.spec.js`)], {
    cwd: module,
    env: { ...process.env, KAFKA_HOST: bootstrap },
    timeout: suiteLimitMs,
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  const ending = await new Promise((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  )
  const start = output.indexOf('{\n')
  assert.ok(start >= 0, `${spec}.spec.js ended with ${ending} and reported nothing\n${errors}`)
  const report: Report = JSON.parse(output.slice(start))
  return { report, printed: `${output.slice(0, start)}\n${errors}` }
}
