import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import { type ClassicCommitter, checkClassicCommit, classicCommitEffects } from './commit-check.ts'
import { type PerPhase, rowsOf, type Scene, sceneIn } from './phases-for-test.ts'

type Verdict = ErrorName | 'accepted'

function verdictOn({ coordinator }: Scene, by: ClassicCommitter): Verdict {
  try {
    checkClassicCommit(coordinator.group!, by)
    return 'accepted'
  } catch (error) {
    if (error instanceof KafkaError) return error.error
    throw error
  }
}

const nobody = {
  memberId: '',
  instanceId: null,
  generation: -1,
  isTransactional: false,
  apiVersion: 9,
} satisfies ClassicCommitter

const committers = {
  member: ({ leader, generation }) => ({ ...nobody, memberId: leader, generation }),
  'member of an older generation': ({ leader, generation }) => ({
    ...nobody,
    memberId: leader,
    generation: generation - 1,
  }),
  'member without a generation': ({ leader }) => ({ ...nobody, memberId: leader }),
  stranger: ({ generation }) => ({ ...nobody, memberId: 'stranger', generation }),
  'stranger with an instance id': () => ({ ...nobody, memberId: 'm', instanceId: 'i' }),
  nobody: () => nobody,
} satisfies Record<string, (scene: Scene) => ClassicCommitter>

/** For each committer: outside a transaction, and within one where that differs. */
type Row = Readonly<Record<keyof typeof committers, Verdict | readonly [Verdict, Verdict]>>

const running: Row = {
  member: 'accepted',
  'member of an older generation': 'ILLEGAL_GENERATION',
  'member without a generation': 'ILLEGAL_GENERATION',
  stranger: 'UNKNOWN_MEMBER_ID',
  'stranger with an instance id': 'UNKNOWN_MEMBER_ID',
  nobody: ['UNKNOWN_MEMBER_ID', 'accepted'],
}

const commits: PerPhase<Row> = {
  empty: {
    member: 'UNKNOWN_MEMBER_ID',
    'member of an older generation': 'UNKNOWN_MEMBER_ID',
    'member without a generation': 'accepted',
    stranger: 'UNKNOWN_MEMBER_ID',
    'stranger with an instance id': 'accepted',
    nobody: 'accepted',
  },
  'preparing-rebalance': running,
  'completing-rebalance': { ...running, member: ['REBALANCE_IN_PROGRESS', 'accepted'] },
  stable: running,
  dead: {
    member: 'COORDINATOR_NOT_AVAILABLE',
    'member of an older generation': 'COORDINATOR_NOT_AVAILABLE',
    'member without a generation': 'COORDINATOR_NOT_AVAILABLE',
    stranger: 'COORDINATOR_NOT_AVAILABLE',
    'stranger with an instance id': 'COORDINATOR_NOT_AVAILABLE',
    nobody: 'COORDINATOR_NOT_AVAILABLE',
  },
}

for (const [phase, row] of rowsOf(commits)) {
  // Object.entries forgets that the keys of a record are its key type.
  for (const [who, expected] of Object.entries(row) as [keyof Row, Row[keyof Row]][]) {
    const [plain, transactional] = typeof expected === 'string' ? [expected, expected] : expected
    test(`a commit of a ${who} in ${phase}: ${plain}, in a transaction ${transactional}`, () => {
      const scene = sceneIn(phase)
      const by = committers[who](scene)
      assert.equal(verdictOn(scene, by), plain)
      assert.equal(verdictOn(scene, { ...by, isTransactional: true }), transactional)
    })
  }
}

test('a commit is a sign of life while a member may commit', () => {
  for (const [phase, isSign] of rowsOf({
    empty: false,
    'preparing-rebalance': true,
    'completing-rebalance': false,
    stable: true,
    dead: false,
  })) {
    const { coordinator, leader } = sceneIn(phase)
    const effects = classicCommitEffects(coordinator.group!, leader, coordinator.world)
    assert.equal(effects.length, isSign ? 1 : 0, phase)
  }
  const { coordinator, leader } = sceneIn('stable')
  coordinator.advance(9000)
  coordinator.carryOut(classicCommitEffects(coordinator.group!, leader, coordinator.world))
  coordinator.advance(9999)
  assert.deepEqual([...coordinator.group!.members.keys()], [leader])
})
