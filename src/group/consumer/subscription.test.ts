import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Joining, TestCoordinator } from './coordinator-for-test.ts'
import { isHomogeneous } from './subscription.ts'

const groups: readonly [rule: string, members: readonly Joining[], isHomogeneous: boolean][] = [
  ['the same names', [{ topics: ['books'] }, { topics: ['books'] }], true],
  ['other names', [{ topics: ['books'] }, { topics: ['books', 'films'] }], false],
  ['no names at all', [{ topics: [] }, { topics: [] }], true],
  [
    'the same pattern',
    [
      { topics: [], regex: 'b.*' },
      { topics: [], regex: 'b.*' },
    ],
    true,
  ],
  ['a pattern and nothing', [{ topics: [], regex: 'b.*' }, { topics: [] }], false],
  [
    'two patterns',
    [
      { topics: [], regex: 'b.*' },
      { topics: [], regex: 'bo.*' },
    ],
    false,
  ],
  ['the same names and patterns', [{ regex: 'b.*' }, { regex: 'b.*' }], false],
]

for (const [rule, members, expected] of groups) {
  test(`members with ${rule} ${expected ? 'all' : 'do not all'} read the same`, () => {
    const coordinator = new TestCoordinator({ books: 1, films: 1 })
    members.forEach((member, index) => {
      coordinator.join(`m${index}`, member)
    })
    assert.equal(isHomogeneous(coordinator.group!), expected)
  })
}
