import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Socket, SocketEvents } from './environment.ts'
import { MemoryDisk } from './memory-disk.ts'
import { seededRandom } from './seeded-random.ts'
import { Simulation } from './simulated-environment.ts'

test('time passes only when told to, and timers see exactly their due time', async () => {
  const simulation = new Simulation(1)
  const { clock, timers } = simulation.host('a').environment()
  const seen: number[] = []
  timers.at(3_600_000, () => seen.push(clock.monotonic()))
  timers.at(10, () => {
    seen.push(clock.monotonic())
    timers.at(clock.monotonic() + 5, () => seen.push(clock.monotonic()))
  })
  await simulation.advance(14)
  assert.deepEqual(seen, [10])
  await simulation.advance(3_600_000)
  assert.deepEqual(seen, [10, 15, 3_600_000])
  assert.equal(clock.monotonic(), 3_600_014)
})

test('a promise is waited for in simulated time, and one that nothing can settle is an error', async () => {
  const simulation = new Simulation(1)
  const { clock, timers } = simulation.host('a').environment()
  const later = new Promise<string>((resolve) => timers.at(86_400, () => resolve('done')))
  assert.equal(await simulation.until(later), 'done')
  assert.equal(clock.monotonic(), 86_400)
  await assert.rejects(simulation.until(new Promise(() => {})), /not settled/)
  await assert.rejects(simulation.until(Promise.reject(new Error('why'))), /why/)
})

test('a wall clock may jump without touching the monotonic one', () => {
  const host = new Simulation(1).host('a')
  const { clock } = host.environment()
  const before = clock.now()
  host.wallOffsetMs = -5_000
  assert.equal(clock.now(), before - 5_000)
  assert.equal(clock.monotonic(), 0)
})

test('hosts that are cut apart hear each other again when joined, and lose nothing', async () => {
  const simulation = new Simulation(7, { splitReads: true })
  const [client, server] = await connection(simulation, 'a', 'b')
  simulation.network.cut('a', 'b')
  client.socket.write([Uint8Array.of(1, 2, 3)])
  await simulation.advance(60_000)
  assert.deepEqual(server.bytes, [])
  simulation.network.join('b', 'a')
  await simulation.advance(10)
  assert.deepEqual(server.bytes, [1, 2, 3])
})

test('a muted host hears and is not heard', async () => {
  const simulation = new Simulation(7)
  const [client, server] = await connection(simulation, 'a', 'b')
  simulation.network.mute('b', 'a')
  client.socket.write([Uint8Array.of(1)])
  server.socket.write([Uint8Array.of(2)])
  await simulation.advance(60_000)
  assert.deepEqual([server.bytes, client.bytes], [[1], []])
  simulation.network.join('a', 'b')
  await simulation.advance(10)
  assert.deepEqual(client.bytes, [2])
})

test('a crash resets connections, silences timers and forgets only what was not synced', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const simulation = new Simulation(seed)
    const host = simulation.host('b')
    const [client] = await connection(simulation, 'a', 'b')
    const { disk, timers, clock } = host.environment()
    const file = disk.open('/log', 'create')
    disk.syncDirectory('/')
    file.writeSync([new Uint8Array(5_000).fill(1)], 0)
    await simulation.until(file.sync())
    file.writeSync([new Uint8Array(5_000).fill(2)], 5_000)
    timers.at(clock.monotonic() + 1, () => assert.fail('a timer of a dead process'))
    host.crash()
    await simulation.advance(10)
    assert.equal(client.error, 'ECONNRESET')
    assert.throws(() => file.sizeBytes(), { code: 'EIO' })
    const found = host.environment().disk.readFile('/log')
    assert.ok(found.length >= 5_000 && found.length <= 10_000, `seed ${seed}`)
    assert.ok(
      found.subarray(0, 5_000).every((byte) => byte === 1),
      `seed ${seed}`,
    )
    assert.ok(
      found.subarray(5_000).every((byte) => byte === 2 || byte === 0),
      `seed ${seed}`,
    )
  }
})

const AT_PORT_1 = { host: '', port: 1, backlog: 1 }

test('a killed process leaves what it wrote, and a power cut behind it still loses what was not synced', async () => {
  const lost = new Set<boolean>()
  for (let seed = 1; seed <= 30; seed++) {
    const host = new Simulation(seed).host('b')
    const { disk, network } = host.environment()
    const file = disk.open('/log', 'create')
    disk.syncDirectory('/')
    file.writeSync([Uint8Array.of(1, 2, 3)], 0)
    disk.lock('/lock')
    host.kill()
    assert.throws(() => file.writeSync([Uint8Array.of(4)], 3), { code: 'EIO' })
    assert.throws(() => disk.list('/'), { code: 'EIO' })
    assert.deepEqual(host.disk.readFile('/log'), Uint8Array.of(1, 2, 3))
    void network.listen(AT_PORT_1, () => {})
    await host.environment().network.listen(AT_PORT_1, () => {}) // the dead process does not
    assert.ok(host.disk.lock('/lock'), 'the lock went with its process')
    host.crash()
    lost.add(host.disk.readFile('/log').length < 3)
  }
  assert.deepEqual(lost, new Set([true, false]))
})

test('crashes of a disk show every kind of loss that a real one may', () => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= 300; seed++) {
    const disk = new MemoryDisk({ crashable: true })
    disk.makeDirectory('/d')
    disk.syncDirectory('/')
    const file = disk.open('/d/a', 'create')
    for (let at = 0; at < 8; at++) file.writeSync([new Uint8Array(4_096).fill(9)], at * 4_096)
    disk.replaceFile('/d/synced', Uint8Array.of(1))
    disk.open('/d/new', 'create').close()
    disk.rename('/d/synced', '/d/renamed')
    const after = disk.crash(seededRandom(seed))
    const names = [...after.list('/d')].sort().join()
    assert.ok(['a,synced', 'a,new,synced', 'a,new,renamed'].includes(names), names)
    const content = after.readFile('/d/a')
    const hole = content.some((byte) => byte === 0) ? 'with holes' : 'without holes'
    kinds.add(names).add(`${content.length === 32_768 ? 'whole' : 'short'} ${hole}`)
    if (content.length === 0) kinds.add('empty')
    if (content.length % 4_096 !== 0) kinds.add('torn')
  }
  const expected = ['a,new,renamed', 'a,new,synced', 'a,synced', 'empty', 'short with holes']
  expected.push('short without holes', 'torn', 'whole with holes', 'whole without holes')
  assert.deepEqual([...kinds].sort(), expected.sort())
})

test('a file moved between directories is never found twice', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const disk = new MemoryDisk({ crashable: true })
    for (const path of ['/a', '/b']) disk.makeDirectory(path)
    disk.syncDirectory('/')
    disk.open('/a/f', 'create').close()
    disk.rename('/a/f', '/b/f')
    disk.syncDirectory('/b')
    const after = disk.crash(seededRandom(seed))
    assert.deepEqual([[...after.list('/a')], [...after.list('/b')]], [[], ['f']])
  }
})

test('faults hit the calls they name, and a failed write has begun', async () => {
  const disk = new MemoryDisk()
  const file = disk.open('/a', 'create')
  const end = disk.faults.add({
    operation: 'write',
    path: /^\/a$/,
    after: 1,
    times: 1,
    code: 'EIO',
  })
  file.writeSync([Uint8Array.of(1, 1)], 0)
  assert.throws(() => file.writeSync([Uint8Array.of(2, 2), Uint8Array.of(2, 2)], 2), {
    code: 'EIO',
  })
  assert.equal(file.sizeBytes(), 4)
  file.writeSync([Uint8Array.of(3)], 2)
  end()
  disk.faults.add({ operation: 'sync', code: 'EIO' })
  await assert.rejects(file.sync(), { code: 'EIO' })
})

test('a full disk refuses, and has room again when files are removed', () => {
  const disk = new MemoryDisk({ capacityBytes: 1_000 })
  const file = disk.open('/a', 'create')
  file.writeSync([new Uint8Array(900)], 0)
  assert.deepEqual(disk.space('/'), { totalBytes: 1_000, usableBytes: 100 })
  assert.throws(() => file.writeSync([new Uint8Array(101)], 900), { code: 'ENOSPC' })
  file.writeSync([new Uint8Array(900).fill(1)], 0)
  assert.throws(() => disk.replaceFile('/b', new Uint8Array(101)), { code: 'ENOSPC' })
  disk.remove('/a')
  file.close()
  disk.replaceFile('/b', new Uint8Array(1_000))
  assert.equal(disk.space('/').usableBytes, 0)
})

test('a slow sync ends later, and promises nothing when a crash comes first', async () => {
  const simulation = new Simulation(3)
  const host = simulation.host('a')
  host.disk.faults.add({ operation: 'sync', delayMs: 50 })
  const { disk, clock } = host.environment()
  const file = disk.open('/a', 'create')
  await simulation.until(file.sync())
  assert.equal(clock.monotonic(), 50)
  const lost = file.sync().then(
    () => assert.fail('a sync of a dead process'),
    () => {},
  )
  host.crash()
  await simulation.advance(100)
  void lost
})

test('the same seed gives the same numbers', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 100 }, () => random.below(10))
  }
  assert.deepEqual(draw(5), draw(5))
  assert.notDeepEqual(draw(5), draw(6))
  assert.deepEqual([...new Set(draw(5))].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

interface End {
  readonly socket: Socket
  readonly bytes: number[]
  error: string | undefined
}

async function connection(simulation: Simulation, from: string, to: string): Promise<[End, End]> {
  const accepted = Promise.withResolvers<Socket>()
  const options = { host: '', port: 9_092, backlog: 1 }
  await simulation.network.of(to).listen(options, accepted.resolve)
  const { signal } = new AbortController()
  const client = simulation.network.of(from).connect(to, 9_092, signal)
  return [ended(await simulation.until(client)), ended(await accepted.promise)]
}

function ended(socket: Socket): End {
  const end: End = { socket, bytes: [], error: undefined }
  const buffer = new Uint8Array(64)
  const events: SocketEvents = {
    buffer: () => buffer,
    received: (count) => void end.bytes.push(...buffer.subarray(0, count)),
    drained() {},
    closed(error) {
      end.error = error && 'code' in error ? String(error.code) : 'none'
    },
  }
  socket.start(events)
  return end
}
