/** The rules every store behind `Coordination` keeps, as tests run against each of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Change,
  type Coordination,
  type CoordinationFailure,
  UNTIL_CLOSE,
} from './coordination.ts'

/** One store under test and the time it lives in. */
export interface Subject {
  readonly coordination: Coordination
  /** Lets `ms` pass as the store sees it. */
  passTime(ms: number): Promise<void>
  close(): Promise<void>
}

/**
 * Declares the suite.
 * @param name of the implementation, at the head of each test's name.
 * @param open makes an empty store; each test gets its own.
 */
export function coordinationContract(name: string, open: () => Promise<Subject>): void {
  const rule = (sentence: string, body: (store: Coordination, subject: Subject) => Promise<void>) =>
    test(`${name}: ${sentence}`, async () => {
      const subject = await open()
      try {
        await body(subject.coordination, subject)
      } finally {
        await subject.close()
      }
    })
  declareCommitRules(rule)
  declareWatchRules(rule)
  declareLeaseRules(rule)
}

type Rule = (
  sentence: string,
  body: (store: Coordination, subject: Subject) => Promise<void>,
) => void

function declareCommitRules(rule: Rule): void {
  rule('an empty store has revision 0 and no entries', async (store) => {
    assert.deepEqual(await store.read(''), { entries: [], revision: 0 })
  })

  rule(
    'a put is read back with the revisions of its creation and its last change',
    async (store) => {
      await put(store, 'a', '1')
      await put(store, 'b', '2')
      await put(store, 'a', 'schön ☃')
      assert.deepEqual(await store.read('').then(plain), {
        entries: [
          { key: 'a', value: 'schön ☃', createRevision: 1, modRevision: 3 },
          { key: 'b', value: '2', createRevision: 2, modRevision: 2 },
        ],
        revision: 3,
      })
    },
  )

  rule('a read returns what begins with the prefix, ordered by key', async (store) => {
    for (const key of ['/b/2', '/b', '/b/10', '/c', '/b/', '/a/1']) await put(store, key, 'x')
    const { entries } = await store.read('/b/')
    assert.deepEqual(
      entries.map((entry) => entry.key),
      ['/b/', '/b/10', '/b/2'],
    )
  })

  rule('a key made again after a delete has a new create revision', async (store) => {
    await put(store, 'a', '1')
    await store.commit({ deletes: ['a'] })
    await put(store, 'a', '2')
    const { entries } = await store.read('')
    assert.equal(entries[0]?.createRevision, 3)
  })

  rule('all of a commit happens at one revision', async (store) => {
    await put(store, 'old', 'x')
    await put(store, '/p/1', 'x')
    await put(store, '/p/2', 'x')
    const outcome = await store.commit({
      puts: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
      deletes: ['old', 'never there'],
      deletePrefixes: ['/p/'],
    })
    assert.deepEqual(outcome, { committed: true, revision: 4 })
    const { entries } = await store.read('')
    assert.deepEqual(
      entries.map(({ key, modRevision }) => [key, modRevision]),
      [
        ['a', 4],
        ['b', 4],
      ],
    )
  })

  rule('a commit that changes nothing does not raise the revision', async (store) => {
    await put(store, 'a', '1')
    const outcome = await store.commit({ deletes: ['x'], expect: { a: { modRevision: 1 } } })
    assert.deepEqual(outcome, { committed: true, revision: 1 })
  })

  rule('a commit whose expectation fails changes nothing and tells the revision', async (store) => {
    await put(store, 'a', '1')
    await put(store, 'a', '2')
    const wrong = [
      { a: { modRevision: 1 } },
      { a: { modRevision: 0 } },
      { a: { createRevision: 2 } },
      { a: { createRevision: 0 } },
      { absent: { modRevision: 1 } },
      { absent: { createRevision: 1 } },
      { a: { modRevision: 2 }, absent: { modRevision: 2 } },
    ]
    for (const expect of wrong) {
      const outcome = await store.commit({
        puts: [{ key: 'b', value: 'x' }],
        deletes: ['a'],
        expect,
      })
      assert.deepEqual(outcome, { committed: false, revision: 2 }, JSON.stringify(expect))
    }
    assert.equal((await store.read('')).entries.length, 1)
    const expect = { a: { modRevision: 2 }, absent: { createRevision: 0 } }
    assert.equal((await store.commit({ deletes: ['a'], expect })).committed, true)
  })

  rule('of two racing commits with the same expectation exactly one wins', async (store) => {
    for (let round = 0; round < 20; round++) {
      const key = `race-${round}`
      const expect = { [key]: { modRevision: 0 } }
      const outcomes = await Promise.all(
        ['x', 'y', 'z'].map((value) => store.commit({ puts: [{ key, value }], expect })),
      )
      const winners = outcomes.map((outcome) => outcome.committed)
      assert.equal(winners.filter((won) => won).length, 1)
      const { entries } = await store.read(key)
      assert.equal(entries[0]?.value, ['x', 'y', 'z'][winners.indexOf(true)])
    }
  })

  rule('a commit at the limits is taken, one beyond them refused as a whole', async (store) => {
    const { operations, keyBytes, commitBytes } = store.limits
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 'v' }))
    await store.commit({ puts: many(operations) })
    assert.equal((await store.read('')).entries.length, operations)
    await put(store, 'x'.repeat(keyBytes), 'v')
    const before = await store.read('')
    await refused('limit', store.commit({ puts: many(operations + 1) }))
    await refused('limit', put(store, 'x'.repeat(keyBytes + 1), 'v'))
    await refused('limit', put(store, 'big', 'x'.repeat(commitBytes)))
    assert.equal((await store.read('')).revision, before.revision)
  })
}

function declareWatchRules(rule: Rule): void {
  rule(
    'a watch tells every commit after its revision, past and coming, in order',
    async (store) => {
      await put(store, '/a/1', '1')
      await put(store, '/a/2', '2')
      const changes = collect(store, '/a/', 1, 4)
      await put(store, '/b', 'not below the prefix')
      await store.commit({ puts: [{ key: '/a/1', value: '3' }], deletes: ['/a/2'] })
      await store.commit({ puts: [{ key: '/b', value: 'x' }], deletePrefixes: ['/a/'] })
      await put(store, '/a/1', 'again')
      assert.deepEqual((await changes).map(plainChange), [
        { revision: 2, entries: [['/a/2', '2']] },
        {
          revision: 4,
          entries: [
            ['/a/1', '3'],
            ['/a/2', undefined],
          ],
        },
        { revision: 5, entries: [['/a/1', undefined]] },
        { revision: 6, entries: [['/a/1', 'again']] },
      ])
    },
  )

  rule('a watch carries the revisions of what was put', async (store) => {
    const changes = collect(store, '', 0, 2)
    await put(store, 'a', '1')
    await put(store, 'a', '2')
    const entry = (await changes)[1]?.entries[0]
    assert.deepEqual(entry && plainEntry(entry), {
      key: 'a',
      value: '2',
      createRevision: 1,
      modRevision: 2,
    })
  })

  rule('two watches each get everything', async (store) => {
    const both = [collect(store, '', 0, 30), collect(store, '', 0, 30)]
    for (let i = 0; i < 30; i++) await put(store, `k${i % 7}`, String(i))
    for (const changes of await Promise.all(both)) {
      assert.deepEqual(
        changes.map((change) => change.revision),
        Array.from({ length: 30 }, (_, i) => i + 1),
      )
    }
  })

  rule('a watch ends when its signal fires, and not before', async (store) => {
    const stop = new AbortController()
    const seen: number[] = []
    const watching = (async () => {
      for await (const change of store.watch('', 0, stop.signal)) {
        seen.push(change.revision)
        if (change.revision === 2) stop.abort()
      }
    })()
    await put(store, 'a', '1')
    await put(store, 'a', '2')
    await watching
    assert.deepEqual(seen, [1, 2])
  })

  rule('closing the store ends a watch with the reason closed', async (store) => {
    const watching = collect(store, '', 0, 1)
    await Promise.all([refused('closed', watching), store.close()])
    await refused('closed', put(store, 'a', '1'))
  })
}

function declareLeaseRules(rule: Rule): void {
  rule(
    'keys of a lease that is not kept alive are deleted as one change',
    async (store, subject) => {
      const leaseId = await store.grantLease(2_000)
      await store.commit({
        puts: [
          { key: 'a', value: '1', leaseId },
          { key: 'b', value: '2', leaseId },
          { key: 'c', value: '3' },
        ],
      })
      const changes = collect(store, '', 1, 1)
      await subject.passTime(1_500)
      assert.equal((await store.read('')).entries.length, 3)
      await subject.passTime(2_000)
      assert.deepEqual((await changes).map(plainChange), [
        {
          revision: 2,
          entries: [
            ['a', undefined],
            ['b', undefined],
          ],
        },
      ])
      await refused('lease-not-found', store.keepAlive(leaseId))
      const late = { key: 'd', value: 'x', leaseId }
      await refused('lease-not-found', store.commit({ puts: [late] }))
    },
  )

  rule('a lease that is kept alive keeps its keys', async (store, subject) => {
    const leaseId = await store.grantLease(2_000)
    await store.commit({ puts: [{ key: 'a', value: '1', leaseId }] })
    for (let i = 0; i < 4; i++) {
      await subject.passTime(1_200)
      await store.keepAlive(leaseId)
    }
    assert.equal((await store.read('')).entries.length, 1)
  })

  rule('revoking a lease deletes its keys at once; other leases stay', async (store) => {
    const [one, other] = [await store.grantLease(60_000), await store.grantLease(60_000)]
    assert.notEqual(one, other)
    await store.commit({ puts: [{ key: 'a', value: '1', leaseId: one }] })
    await store.commit({ puts: [{ key: 'b', value: '1', leaseId: other }] })
    await store.revokeLease(one)
    await store.revokeLease(one)
    assert.deepEqual(
      (await store.read('')).entries.map((entry) => entry.key),
      ['b'],
    )
  })

  rule('a put without the lease takes the key out of it', async (store) => {
    const leaseId = await store.grantLease(60_000)
    await store.commit({ puts: [{ key: 'a', value: '1', leaseId }] })
    await put(store, 'a', '2')
    await store.revokeLease(leaseId)
    assert.equal((await store.read('')).entries[0]?.value, '2')
  })

  rule('a lease until close is granted exactly where the limits say so', async (store, subject) => {
    if (!store.limits.leaseUntilClose) {
      await refused('limit', store.grantLease(UNTIL_CLOSE))
      return
    }
    const leaseId = await store.grantLease(UNTIL_CLOSE)
    await store.commit({ puts: [{ key: 'a', value: '1', leaseId }] })
    await subject.passTime(3_600_000)
    assert.equal((await store.read('')).entries.length, 1)
  })
}

function put(store: Coordination, key: string, value: string) {
  return store.commit({ puts: [{ key, value }] })
}

/** The first `count` changes a watch tells. */
async function collect(store: Coordination, prefix: string, revision: number, count: number) {
  const changes: Change[] = []
  for await (const change of store.watch(prefix, revision, new AbortController().signal)) {
    changes.push(change)
    if (changes.length === count) break
  }
  return changes
}

async function refused(reason: CoordinationFailure, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, { name: 'CoordinationError', reason })
}

type AnyEntry = Change['entries'][number]

function plainEntry(entry: AnyEntry) {
  if (entry.value === undefined) return { key: entry.key, value: undefined }
  const { key, value, createRevision, modRevision } = entry
  return { key, value, createRevision, modRevision }
}

function plain(snapshot: { entries: readonly AnyEntry[]; revision: number }) {
  return { entries: snapshot.entries.map(plainEntry), revision: snapshot.revision }
}

/** Order of the keys inside one change is not part of the contract. */
function plainChange(change: Change) {
  const entries = change.entries.map((entry): [string, string | undefined] => [
    entry.key,
    entry.value,
  ])
  return { revision: change.revision, entries: entries.sort((a, b) => (a[0] < b[0] ? -1 : 1)) }
}
