import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as net from 'node:net'
import { test } from 'node:test'
import { readInt32, writeInt32 } from '../kernel/bytes.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { realEnvironment } from '../kernel/real-environment.ts'
import type { HandleRequest } from './connection.ts'
import type { NetworkLimits } from './limits.ts'
import { NetworkServer } from './server.ts'

/** The same server as in `server.test.ts`, over the sockets of this machine. */

const LIMITS: NetworkLimits = {
  requestMaxBytes: 100_000_000,
  queuedRequestMaxBytes: Number.POSITIVE_INFINITY,
  maxConnections: 1_000,
  maxConnectionsPerHost: 1_000,
  maxConnectionsByHost: new Map(),
  idleMs: 600_000,
  firstRequestMs: 10_000,
  firstRequestMaxBytes: 65_536,
  slowReaderMs: 30_000,
  responseQueueMaxBytes: 4_000_000,
  maxInFlight: 64,
}

/** Answers with the request's own bytes. */
const mirror: HandleRequest = (frame, _connection, respond) => {
  const size = new Uint8Array(4)
  writeInt32(size, 0, frame.length)
  respond([size, frame])
}

async function withServer(
  handle: HandleRequest,
  inside: (port: number, server: NetworkServer, lines: () => string[]) => Promise<void>,
  limits: Partial<NetworkLimits> = {},
): Promise<void> {
  const logger = collectingLogger()
  const server = new NetworkServer({
    environment: realEnvironment(),
    logger,
    listeners: [
      {
        name: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        host: '',
        port: 0,
      },
    ],
    backlog: 50,
    limits: { ...LIMITS, ...limits },
    handle,
  })
  await server.open()
  const keepAlive = setInterval(() => {}, 1_000)
  const lines = () => logger.entries.map(({ message }) => message)
  try {
    await inside(server.listeners[0]!.port, server, lines)
  } finally {
    await server.close(0)
    clearInterval(keepAlive)
  }
  assert.deepEqual([server.connectionCount, server.requestBytes], [0, 0])
}

function requestOf(id: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(4 + sizeBytes).fill(id)
  writeInt32(bytes, 0, sizeBytes)
  writeInt32(bytes, 4, 0)
  writeInt32(bytes, 8, id)
  return bytes
}

/** Reads until `count` bytes are there. */
async function receive(socket: net.Socket, count: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  while (length < count) {
    const [part]: Buffer[] = await once(socket, 'data')
    parts.push(part!)
    length += part!.length
  }
  return Buffer.concat(parts)
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !holds(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.ok(holds())
}

test('a thousand pipelined frames of many sizes come back whole and in order', () =>
  withServer(mirror, async (port) => {
    const socket = net.connect(port, '127.0.0.1')
    const sizes = Array.from({ length: 1_000 }, (_, id) =>
      id % 50 === 0 ? 300_000 : 8 + (id % 9_000),
    )
    const all = Buffer.concat(sizes.map((size, id) => requestOf(id, size)))
    const answers = receive(socket, all.length)
    socket.write(all)
    assert.ok((await answers).equals(all))
    socket.destroy()
  }))

test('frames that arrive byte by byte come back whole', () =>
  withServer(mirror, async (port) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    const all = Buffer.concat([requestOf(1, 8), requestOf(2, 40), requestOf(3, 9)])
    const answers = receive(socket, all.length)
    for (const byte of all) {
      socket.write(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok((await answers).equals(all))
    socket.destroy()
  }))

test('a client that writes without reading does not fill the memory, and gets all in the end', () =>
  withServer(
    mirror,
    async (port, server) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.pause()
      const all = Buffer.concat(Array.from({ length: 400 }, (_, id) => requestOf(id, 200_000)))
      socket.write(all)
      await until(() => server.connectionCount === 1)
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.ok(socket.writableLength > 0)
      const answers = receive(socket, all.length)
      socket.resume()
      assert.ok((await answers).equals(all))
      socket.destroy()
    },
    { maxInFlight: 4 },
  ))

test('a browser is closed at once and the log says so', () =>
  withServer(mirror, async (port, _server, lines) => {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
    assert.match(lines()[0] ?? '', /HTTP/)
  }))

test('a half-closed connection ends, its parked request too', () => {
  const aborted: boolean[] = []
  const park: HandleRequest = (_frame, connection, respond) => {
    connection.signal.addEventListener('abort', () => {
      aborted.push(true)
      respond([new Uint8Array(8)])
    })
  }
  return withServer(park, async (port, server) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(requestOf(1, 20))
    await until(() => server.requestBytes === 20)
    socket.end()
    await until(() => server.connectionCount === 0)
    assert.deepEqual(aborted, [true])
    socket.destroy()
  })
})

test('resets in the middle of frames and answers leave nothing behind', () =>
  withServer(mirror, async (port, server) => {
    for (let round = 0; round < 50; round++) {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.write(requestOf(1, 3_000_000))
      socket.write(requestOf(2, 3_000_000).subarray(0, round * 50_000))
      await new Promise((resolve) => setTimeout(resolve, round % 5))
      socket.resetAndDestroy()
    }
    await until(() => server.connectionCount === 0)
    assert.equal(server.requestBytes, 0)
  }))

for (const closes of [true, false]) {
  test(`a stop is soon over when idle peers ${closes ? 'close' : 'do not close'} their side`, () =>
    withServer(mirror, async (port, server) => {
      const peers = await Promise.all(
        Array.from({ length: 3 }, async () => {
          const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: !closes })
          socket.write(requestOf(1, 8))
          await receive(socket, 12)
          return socket
        }),
      )
      const stopped = server.close(60_000)
      peers[0]?.write(requestOf(2, 8)) // left out, and no reason to reset the connection
      const beginMs = performance.now()
      await stopped
      assert.ok(performance.now() - beginMs < 1_000)
      for (const socket of peers) socket.destroy()
    }))
}

test('a process ends by itself once its server has stopped, and not before', async () => {
  const script = `
    import { realEnvironment } from './src/kernel/real-environment.ts'
    import { collectingLogger } from './src/kernel/logger.ts'
    import { NetworkServer } from './src/network/server.ts'
    const limits = ${JSON.stringify({ ...LIMITS, queuedRequestMaxBytes: 1e9 })}
    const server = new NetworkServer({
      environment: realEnvironment(), logger: collectingLogger(), backlog: 5,
      listeners: [{ name: 'A', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 0 }],
      limits: { ...limits, maxConnectionsByHost: new Map() },
      handle: (frame, connection, respond) => {
        respond([new Uint8Array([0, 0, 0, 1, 7])])
        server.close(60_000).then(() => console.log('stopped'))
      },
    })
    await server.open()
    console.log(server.listeners[0].port)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  const [port]: Buffer[] = await once(child.stdout, 'data')
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  const socket = net.connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  socket.write(requestOf(1, 8))
  await once(child, 'close')
  assert.equal(said, 'stopped\n')
  socket.destroy()
})

test('an idle connection is closed after its time', () =>
  withServer(
    mirror,
    async (port, server) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.write(requestOf(1, 8))
      await receive(socket, 12)
      await once(socket, 'close')
      await until(() => server.connectionCount === 0)
    },
    { idleMs: 50 },
  ))

test('a connection knows the address that its peer came to, IPv4 or IPv6', async (context) => {
  const tell: HandleRequest = (frame, connection, respond) => {
    const { localHost, localPort } = connection
    const text = Buffer.from(`    ${String(readInt32(frame, 4))} ${localHost} ${localPort}`)
    respond([text])
  }
  await withServer(tell, async (port) => {
    const addresses = (await hasIpv6()) ? ['127.0.0.1', '::1'] : ['127.0.0.1']
    if (addresses.length === 1) context.diagnostic('no IPv6 here: only IPv4 was tried')
    for (const address of addresses) {
      const socket = net.connect(port, address)
      socket.write(requestOf(1, 8))
      const [answer]: Buffer[] = await once(socket, 'data')
      assert.equal(answer?.toString(), `    1 ${address} ${port}`)
      socket.destroy()
    }
  })
})

test('a port that is taken, and an address that is not ours, are said clearly', () =>
  withServer(mirror, async (port) => {
    const listen = (host: string, onPort: number) => {
      const listener = { name: 'A', securityProtocol: 'PLAINTEXT', host, port: onPort } as const
      return new NetworkServer({
        environment: realEnvironment(),
        logger: collectingLogger(),
        listeners: [listener],
        backlog: 1,
        limits: LIMITS,
        handle: mirror,
      }).open()
    }
    await assert.rejects(
      listen('', port),
      new RegExp(`A: port ${port} is taken by another process`),
    )
    await assert.rejects(listen('192.0.2.1', 0), /192\.0\.2\.1:0 is no address of this machine/)
  }))

async function hasIpv6(): Promise<boolean> {
  const server = net.createServer().listen(0, '::1')
  const [event] = await Promise.race([
    once(server, 'listening').then(() => ['listening']),
    once(server, 'error').catch((error) => [error]),
  ])
  server.close()
  return event === 'listening'
}
