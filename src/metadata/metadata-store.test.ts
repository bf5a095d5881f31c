import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger, silentLogger } from '../kernel/logger.ts'
import { type Coordination, CoordinationError } from './coordination.ts'
import type { ClusterImage } from './image.ts'
import { topicKey } from './keys.ts'
import { memoryStore, topicPut } from './metadata-fixtures-for-test.ts'
import { type Decision, MetadataStore } from './metadata-store.ts'

async function open() {
  const parts = memoryStore()
  const store = await MetadataStore.open(parts.coordination, parts.environment, silentLogger)
  return { ...parts, store }
}

/** Creates a topic unless there is one of that name. */
const create =
  (name: string, id: string) =>
  (image: ClusterImage): Decision<string> => {
    const known = image.topics.get(name)
    if (known !== undefined) return { result: known.id }
    return {
      puts: [topicPut(name, id, [1])],
      expect: { [topicKey(name)]: { createRevision: 0 } },
      result: id,
    }
  }

test('once a decision is carried out the image holds it, and listeners were told', async () => {
  const { store } = await open()
  const told: [number, number, string[]][] = []
  store.onChange(({ image, previous, topics }) => {
    told.push([previous.revision, image.revision, [...topics]])
  })
  assert.equal(await store.commit(create('a', 'A')), 'A')
  assert.equal(store.image.topics.get('a')?.id, 'A')
  assert.deepEqual(told, [[0, 1, ['a']]])
  await store.close()
})

test('a listener that was taken off is told nothing', async () => {
  const { store } = await open()
  let told = 0
  const stop = store.onChange(() => {
    told += 1
  })
  await store.commit(create('a', 'A'))
  stop()
  await store.commit(create('b', 'B'))
  assert.equal(told, 1)
  await store.close()
})

test('an opened store has what was there, and follows what others commit', async () => {
  const { coordination, environment, store } = await open()
  await store.commit(create('a', 'A'))
  const other = await MetadataStore.open(coordination, environment, silentLogger)
  assert.equal(other.image.topics.get('a')?.id, 'A')
  await other.commit(create('b', 'B'))
  await store.commit(() => ({ puts: [topicPut('c', 'C', [1])], result: undefined }))
  assert.deepEqual([...store.image.topics.keys()].sort(), ['a', 'b', 'c'])
  await store.close()
  await other.close()
})

test('a decision that lost a race is made again on the newer image', async () => {
  const { coordination, environment, store } = await open()
  const other = await MetadataStore.open(coordination, environment, silentLogger)
  for (let round = 0; round < 50; round++) {
    const ids = await Promise.all([
      store.commit(create(`t${round}`, `first ${round}`)),
      other.commit(create(`t${round}`, `second ${round}`)),
    ])
    assert.equal(ids[0], ids[1])
    assert.equal(store.image.topics.get(`t${round}`)?.id, ids[0])
  }
  await store.close()
  await other.close()
})

test('a decision that writes nothing is answered without a commit', async () => {
  const { store } = await open()
  assert.equal(await store.commit(() => ({ result: 5 })), 5)
  assert.equal(store.image.revision, 0)
  await store.close()
})

test('what a decision throws reaches its caller, and the next decision goes on', async () => {
  const { store } = await open()
  const broken = store.commit(() => {
    throw new RangeError('no')
  })
  const next = store.commit(create('a', 'A'))
  await assert.rejects(broken, RangeError)
  assert.equal(await next, 'A')
  await store.close()
})

test('a decision that loses every race is given up with REQUEST_TIMED_OUT', async () => {
  const { coordination, environment } = memoryStore()
  let commits = 0
  const contended = changed(coordination, {
    commit: async () => {
      commits += 1
      const { revision } = await coordination.read('')
      return { committed: false, revision }
    },
  })
  const store = await MetadataStore.open(contended, environment, silentLogger)
  await assert.rejects(store.commit(create('a', 'A')), { error: 'REQUEST_TIMED_OUT' })
  assert.equal(commits, 20)
  await store.close()
})

test('a store that fails is REQUEST_TIMED_OUT with the cause, one that refuses POLICY_VIOLATION', async () => {
  const { coordination, environment } = memoryStore()
  const failures = { unreachable: 'REQUEST_TIMED_OUT', limit: 'POLICY_VIOLATION' } as const
  for (const [reason, error] of Object.entries(failures)) {
    // Object.entries widens the keys; they are exactly these two reasons.
    const cause = new CoordinationError(reason as keyof typeof failures, 'disk full')
    const failing = changed(coordination, { commit: () => Promise.reject(cause) })
    const store = await MetadataStore.open(failing, environment, silentLogger)
    await assert.rejects(store.commit(create('a', 'A')), { error, cause })
    await store.close()
  }
})

test('more than a thousand waiting decisions are refused', async () => {
  const { store } = await open()
  const waiting = Array.from({ length: 1_000 }, (_, i) => store.commit(create(`t${i}`, `${i}`)))
  await assert.rejects(store.commit(create('one more', 'x')), { error: 'REQUEST_TIMED_OUT' })
  await Promise.all(waiting)
  assert.equal(await store.commit(create('later', 'L')), 'L')
  await store.close()
})

test('after a watch broke off everything is read again, and listeners are told what differs', async () => {
  const { coordination, environment } = memoryStore()
  let breakOff = (_: Error): void => {}
  let watches = 0
  const flaky = changed(coordination, {
    watch: (prefix: string, revision: number, signal: AbortSignal) => {
      watches += 1
      if (watches > 1) return coordination.watch(prefix, revision, signal)
      return (async function* () {
        yield await new Promise<never>((_, reject) => {
          breakOff = reject
        })
      })()
    },
  })
  const logger = collectingLogger()
  const store = await MetadataStore.open(flaky, environment, logger)
  await coordination.commit({ puts: [topicPut('a', 'A', [1])] })
  const told = new Promise<string[]>((resolve) => {
    store.onChange(({ topics }) => resolve([...topics]))
  })
  breakOff(new CoordinationError('compacted', 'history is gone'))
  assert.deepEqual(await told, ['a'])
  assert.equal(logger.entries[0]?.level, 'warn')
  await coordination.commit({ puts: [topicPut('b', 'B', [1])] })
  assert.equal(await store.commit(create('b', 'x')), 'B')
  await store.close()
})

test('a commit that the watch does not tell of is read', async () => {
  const { coordination, environment, time } = memoryStore()
  const deaf = changed(coordination, {
    watch: (_prefix: string, _revision: number, signal: AbortSignal) =>
      coordination.watch('/nothing', 0, signal),
  })
  const store = await MetadataStore.open(deaf, environment, silentLogger)
  const work = store.commit(create('a', 'A'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.image.revision, 0)
  time.pass(1_000)
  assert.equal(await work, 'A')
  assert.equal(store.image.topics.get('a')?.id, 'A')
  await store.close()
})

/** A store that answers some calls in another way. */
function changed(coordination: Coordination, calls: Partial<Coordination>): Coordination {
  return {
    limits: coordination.limits,
    read: (prefix) => coordination.read(prefix),
    commit: (commit) => coordination.commit(commit),
    watch: (prefix, revision, signal) => coordination.watch(prefix, revision, signal),
    grantLease: (ttlMs) => coordination.grantLease(ttlMs),
    keepAlive: (leaseId) => coordination.keepAlive(leaseId),
    revokeLease: (leaseId) => coordination.revokeLease(leaseId),
    close: () => coordination.close(),
    ...calls,
  }
}
