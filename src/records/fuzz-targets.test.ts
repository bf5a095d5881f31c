import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KafkaError } from '../protocol/errors.ts'
import { SEED } from './fixtures-for-test.ts'
import { fuzzTargets } from './fuzz-targets.ts'

for (const { name, samples, run } of fuzzTargets) {
  test(`${name}: samples are right, damaged ones end in KafkaError (seed ${SEED})`, () => {
    for (const sample of samples) run(sample)
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...samples), damage, fc.nat(), (sample, bytes, cut) => {
        const input = cut % 3 === 0 ? sample.slice(0, cut % sample.length) : sample.slice()
        for (const [at, value] of bytes) if (input.length) input[at % input.length] = value
        try {
          const result = run(input)
          // A small input may become a large one, which goes on off the loop; then it may fail too.
          if (result instanceof Promise) result.catch((e) => assert.ok(e instanceof KafkaError))
        } catch (error) {
          assert.ok(error instanceof KafkaError, String(error))
        }
      }),
      { seed: SEED, numRuns: 1_000 },
    )
  })
}
