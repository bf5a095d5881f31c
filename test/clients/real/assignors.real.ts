import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assignors } from '../../../src/group/assignors/all.ts'
import type { Assignor, AssignorResult } from '../../../src/group/assignors/assignor.ts'
import {
  inputOf,
  type Layout,
  newLayout,
  nextLayout,
  recorded,
} from '../../../src/group/assignors/layout-fixtures-for-test.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { noOracle } from '../oracle.ts'
import { runJava } from './java.ts'

const skip = await noOracle()
/** Each seed is one group that changes four times after its first assignment. */
const seeds = 80
const steps = 5

interface Case {
  readonly where: string
  readonly layout: Layout
  readonly result: AssignorResult
}

describe("assignments are those of Kafka's own assignors", { skip }, () => {
  for (const assignor of Object.values(assignors)) {
    test(`${assignor.name}, for ${seeds * steps} groups`, async () => {
      const cases = [...groups(assignor)]
      const lines = await runJava(
        'Assignments.java',
        cases.map(({ layout }) => JSON.stringify(asked(assignor, layout))),
      )
      assert.equal(lines.length, cases.length)
      for (const [index, { where, layout, result }] of cases.entries()) {
        const theirs = resultOf(layout, JSON.parse(lines[index]!))
        assert.deepEqual(comparable(layout, result), comparable(layout, theirs), where)
      }
    })
  }
})

/** What happens to a group rests on what happened before: ours goes on with our own results. */
function* groups(assignor: Assignor): Generator<Case> {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = seededRandom(seed)
    let layout = seed % 8 === 0 ? newLayout(random, 150, 3) : newLayout(random)
    for (let step = 0; step < steps; step++) {
      const result = assignor.assign(inputOf(layout))
      yield { where: `seed ${seed} step ${step}`, layout, result }
      layout = nextLayout(random, layout, result)
    }
  }
}

function asked(assignor: Assignor, { topics, members, isHomogeneous }: Layout): object {
  return {
    assignor: assignor.name,
    isHomogeneous,
    topics: Object.fromEntries(topics),
    members: [...members].map(([memberId, { topicIds, assigned, ...rest }]) => ({
      memberId,
      ...rest,
      topicIds: [...topicIds],
      assigned: [...assigned],
    })),
  }
}

/** Kafka leaves out members when nobody subscribes to anything. */
function resultOf(
  { members }: Layout,
  answer: Record<string, [string, number[]][]>,
): AssignorResult {
  return new Map([...members.keys()].map((id) => [id, new Map(answer[id] ?? [])]))
}

/** What is recorded of a result. All orders count except that of the members. */
function comparable(layout: Layout, result: AssignorResult): object {
  return Object.fromEntries([...recorded(layout, result)].map(([id, own]) => [id, [...own]]))
}
