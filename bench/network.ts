/**
 * What the network layer costs: frames received, requests answered, idle connections.
 * `node bench/network.ts [case…]`; the server is this process, its clients are another one, so on two
 * cores each has its own. The clients are the simplest that can keep up, not Kafka clients.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import * as net from 'node:net'
import { writeInt32 } from '../src/kernel/bytes.ts'
import { silentLogger } from '../src/kernel/logger.ts'
import { realEnvironment } from '../src/kernel/real-environment.ts'
import type { HandleRequest } from '../src/network/connection.ts'
import { FrameReader } from '../src/network/frame-reader.ts'
import { ReceiveMemory } from '../src/network/receive-memory.ts'
import { NetworkServer } from '../src/network/server.ts'

const RUN_MS = 2_000

interface Load {
  readonly name: string
  readonly connections: number
  /** Requests that each connection keeps on their way. */
  readonly depth: number
  readonly requestBytes: number
  readonly responseBytes: number
}

const loads: readonly Load[] = [
  { name: 'ping-pong', connections: 1, depth: 1, requestBytes: 100, responseBytes: 100 },
  { name: '50x5', connections: 50, depth: 5, requestBytes: 100, responseBytes: 100 },
  { name: 'pipelined', connections: 1, depth: 500, requestBytes: 100, responseBytes: 20 },
  { name: 'in-16K', connections: 1, depth: 50, requestBytes: 16_500, responseBytes: 20 },
  { name: 'in-1M', connections: 1, depth: 5, requestBytes: 1_048_576, responseBytes: 20 },
  { name: 'out-1M', connections: 1, depth: 5, requestBytes: 100, responseBytes: 1_048_576 },
]

if (process.send) await clientMain()
else await serverMain(process.argv.slice(2))

async function serverMain(wanted: readonly string[]): Promise<void> {
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)
  for (const size of [100, 1_000, 16_500, 1_048_576]) if (isWanted('reader')) readerAlone(size)
  for (const load of loads) if (isWanted(load.name)) await underLoad(load)
  if (isWanted('idle')) await idle(10_000)
  process.exit(0)
}

/** The frame reader without sockets: what cutting and copying costs by itself. */
function readerAlone(size: number): void {
  let frames = 0
  const reader = new FrameReader(new ReceiveMemory(), {
    begins: () => 'accept',
    frame: () => void frames++,
  })
  const stream = Buffer.concat(Array.from({ length: Math.ceil(4e6 / size) }, () => framed(size)))
  const startMs = performance.now()
  let bytes = 0
  while (performance.now() - startMs < RUN_MS / 2) {
    for (let at = 0; at < stream.length; ) {
      const into = reader.buffer()
      const count = Math.min(into.length, stream.length - at, 262_144)
      into.set(stream.subarray(at, at + count))
      reader.received(count)
      at += count
    }
    bytes += stream.length
  }
  report(`reader ${size} B`, frames, bytes, performance.now() - startMs, 0)
}

async function underLoad(load: Load): Promise<void> {
  const answer = framed(load.responseBytes)
  let requests = 0
  let bytes = 0
  const server = await open((frame, _connection, respond) => {
    requests++
    bytes += frame.length + answer.length
    respond([answer])
  })
  const client = fork(import.meta.filename)
  client.send({ ...load, port: server.listeners[0]!.port })
  await pause(500)
  const [requestsBefore, bytesBefore] = [requests, bytes]
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  await pause(RUN_MS)
  const elapsedMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpuBefore)
  const cpu = (user + system) / 1_000 / elapsedMs
  report(load.name, requests - requestsBefore, bytes - bytesBefore, elapsedMs, cpu)
  await stop(client, server)
}

async function idle(count: number): Promise<void> {
  const answer = framed(20)
  const server = await open((_frame, _connection, respond) => respond([answer]))
  const client = fork(import.meta.filename)
  await pause(500)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const startMs = performance.now()
  const port = server.listeners[0]!.port
  client.send({
    name: 'idle',
    connections: count,
    depth: 1,
    requestBytes: 100,
    responseBytes: 0,
    port,
  })
  while (server.connectionCount < count) await pause(20)
  const connectedMs = performance.now() - startMs
  await pause(1_000)
  globalThis.gc?.()
  const each = (process.memoryUsage.rss() - before) / count / 1_024
  const cpuBefore = process.cpuUsage()
  await pause(RUN_MS)
  const { user, system } = process.cpuUsage(cpuBefore)
  const cpu = ((user + system) / 10 / RUN_MS).toFixed(2)
  const line = `${count} idle after one request each: ${each.toFixed(1)} KB each, ${cpu} % CPU`
  console.log(`${line}, connected in ${connectedMs.toFixed(0)} ms`)
  await stop(client, server)
}

async function open(handle: HandleRequest): Promise<NetworkServer> {
  const unlimited = Number.POSITIVE_INFINITY
  const server = new NetworkServer({
    environment: realEnvironment(),
    logger: silentLogger,
    listeners: [
      {
        name: 'A',
        securityProtocol: 'PLAINTEXT',
        host: '127.0.0.1',
        port: 0,
      },
    ],
    backlog: 511,
    limits: {
      requestMaxBytes: 104_857_600,
      queuedRequestMaxBytes: unlimited,
      maxConnections: unlimited,
      maxConnectionsPerHost: unlimited,
      maxConnectionsByHost: new Map(),
      idleMs: 600_000,
      firstRequestMs: 10_000,
      firstRequestMaxBytes: 1_048_576,
      slowReaderMs: 30_000,
      responseQueueMaxBytes: 67_108_864,
      maxInFlight: 64,
    },
    handle,
  })
  await server.open()
  return server
}

async function stop(client: ReturnType<typeof fork>, server: NetworkServer): Promise<void> {
  const exited = once(client, 'exit')
  client.kill()
  await exited
  await server.close(0)
}

function report(name: string, count: number, bytes: number, elapsedMs: number, cpu: number): void {
  const perSecond = Math.round((count / elapsedMs) * 1_000).toLocaleString('en')
  const rate = (bytes / elapsedMs / 1e6).toFixed(2)
  const each = ((elapsedMs * 1e6) / count).toFixed(0)
  const core = cpu === 0 ? '' : `, ${(cpu * 100).toFixed(0)} % of a core`
  console.log(`${name.padEnd(18)} ${perSecond} frames/s, ${rate} GB/s, ${each} ns each${core}`)
}

async function clientMain(): Promise<void> {
  // The parent sends exactly this.
  const [load] = (await once(process, 'message')) as [Load & { readonly port: number }]
  const request = framed(load.requestBytes)
  const many = Buffer.concat(Array.from({ length: Math.max(1, load.depth) }, () => request))
  for (let index = 0; index < load.connections; index++) {
    await connectAndAsk(load, request, many)
  }
  setInterval(() => {}, 1_000)
}

async function connectAndAsk(load: Load & { port: number }, request: Buffer, many: Buffer) {
  const buffer = Buffer.allocUnsafeSlow(load.connections > 100 ? 4_096 : 1_048_576)
  let answered = 0
  const callback = (count: number): boolean => {
    if (load.responseBytes === 0) return true
    answered += count
    const whole = Math.floor(answered / load.responseBytes)
    answered -= whole * load.responseBytes
    if (whole > 0) socket.write(whole === 1 ? request : many.subarray(0, whole * request.length))
    return true
  }
  const { port } = load
  const socket = net.connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: { buffer, callback },
  })
  await once(socket, 'connect')
  socket.write(many)
}

/** A frame of `size` bytes altogether, of a request no matter which. */
function framed(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  writeInt32(bytes, 0, size - 4)
  writeInt32(bytes, 4, 0)
  return bytes
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
