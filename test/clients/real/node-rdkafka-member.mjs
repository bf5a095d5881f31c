/* node-rdkafka in groups, behind the line protocol of groups/member-process.ts.
 * Arguments: the directory it is installed in, the protocol (classic, consumer). */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [home, protocol] = process.argv.slice(2)
const rdkafka = createRequire(join(home, 'package.json'))('node-rdkafka')
const { ERR__ASSIGN_PARTITIONS, ERR__TRANSPORT, ERR__ALL_BROKERS_DOWN, ERR__RESOLVE } =
  rdkafka.CODES.ERRORS

const takenAtOnce = 500
const textOf = (bytes) => bytes?.toString('base64') ?? null
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

/** A call that ends in a callback, as a promise. */
const called = (start) =>
  new Promise((resolve, reject) =>
    start((error, result) => (error ? reject(error) : resolve(result))),
  )

class Member {
  constructor(name, { bootstrap, options }) {
    this.name = name
    this.options = options
    this.positions = new Map()
    this.running = true
    this.taking = Promise.resolve()
    this.owned = 0
    const rebalance_cb = (error, places) => void this.rebalance(error, places)
    const offset_commit_cb = (error, places) => {
      if (!error) this.tellCommitted(places.filter((p) => p.offset >= 0))
    }
    const classic = {
      'session.timeout.ms': options.sessionTimeoutMs ?? 10_000,
      'heartbeat.interval.ms': 200,
      'partition.assignment.strategy': options.cooperative ? 'cooperative-sticky' : 'range',
    }
    this.consumer = new rdkafka.KafkaConsumer(
      {
        'metadata.broker.list': bootstrap,
        'group.id': options.groupId,
        'group.protocol': protocol,
        'enable.auto.commit': options.commits === 'automatic',
        'auto.commit.interval.ms': 50,
        'fetch.wait.max.ms': 50,
        'topic.metadata.refresh.interval.ms': 500,
        'reconnect.backoff.max.ms': 200,
        rebalance_cb,
        offset_commit_cb,
        ...(protocol === 'classic' && classic),
        ...(options.instanceId !== undefined && { 'group.instance.id': options.instanceId }),
      },
      { 'auto.offset.reset': options.reset === 'none' ? 'error' : options.reset },
    )
    this.consumer.setDefaultConsumeTimeout(20)
    this.consumer.on('event.error', (error) => {
      if (error.isFatal || /fenced|unreleased/i.test(error.message)) this.fail(error)
    })
  }

  async open() {
    await called((done) => this.consumer.connect({}, done))
    const { topics } = this.options
    this.consumer.subscribe(topics.map((t) => (t.startsWith('^') ? new RegExp(t) : t)))
    this.looping = this.loop().catch((error) => this.fail(error))
  }

  /** librdkafka waits until it is told to take the partitions on, or to give them up. */
  async rebalance(error, places) {
    const incremental = this.consumer.rebalanceProtocol() === 'COOPERATIVE'
    if (error.code === ERR__ASSIGN_PARTITIONS) {
      this.owned += places.length
      this.tellOf('assigned', places)
      if (incremental) this.consumer.incrementalAssign(places)
      else this.consumer.assign(places)
      return
    }
    this.resting = Promise.withResolvers()
    await this.taking
    const lost = this.consumer.assignmentLost?.() ?? false
    for (const { topic, partition } of places) this.positions.delete(`${topic} ${partition}`)
    this.tellOf(lost ? 'lost' : 'revoked', places)
    this.owned -= places.length
    try {
      if (incremental) this.consumer.incrementalUnassign(places)
      else this.consumer.unassign()
    } finally {
      this.resting.resolve()
      this.resting = undefined
    }
  }

  async loop() {
    while (this.running) {
      await this.resting?.promise
      this.taking = this.take()
      await this.taking
    }
  }

  async take() {
    const batch = await called((done) => this.consumer.consume(takenAtOnce, done)).catch(passing)
    if (batch.length === 0) return
    const records = batch.map((message) => ({
      topic: message.topic,
      partition: message.partition,
      offset: message.offset,
      key: textOf(message.key),
      value: textOf(message.value),
      headers: (message.headers ?? []).flatMap((h) =>
        Object.entries(h).map(([name, value]) => [name, textOf(value)]),
      ),
    }))
    this.tell('records', { records })
    for (const { topic, partition, offset } of records)
      this.positions.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1 })
    if (this.options.commits === 'always') this.commit()
  }

  commit() {
    const offsets = [...this.positions.values()]
    if (offsets.length === 0) return
    this.consumer.commitSync(offsets)
    this.tellCommitted(offsets)
  }

  pause({ topic, partition }) {
    this.consumer.pause([{ topic, partition }])
  }

  resume({ topic, partition }) {
    this.consumer.resume([{ topic, partition }])
  }

  async seek({ topic, partition, offset }) {
    await called((done) => this.consumer.seek({ topic, partition, offset }, 5000, done))
  }

  async close() {
    this.running = false
    await this.looping
    if (this.failed) return
    await called((done) => this.consumer.disconnect(done))
  }

  fail(error) {
    if (this.failed) return
    this.failed = true
    this.running = false
    this.tell('failed', { error: `${error.message ?? error}` })
  }

  tellOf(type, places) {
    if (places.length > 0) this.tell(type, { places: places.map((p) => [p.topic, p.partition]) })
  }

  tellCommitted(places) {
    this.tell('committed', { offsets: places.map((p) => [p.topic, p.partition, p.offset]) })
  }

  /** The time is that of the machine's monotonic clock. */
  tell(type, content) {
    const event = { type, atMs: Number(process.hrtime.bigint()) / 1e6, ...content }
    write({ member: this.name, event })
  }
}

/** That a broker is away is no reason to stop. */
function passing(error) {
  if ([ERR__TRANSPORT, ERR__ALL_BROKERS_DOWN, ERR__RESOLVE].includes(error.code)) return []
  throw error
}

const members = new Map()
async function carryOut({ call, arguments: asked }) {
  if (call === 'open') members.set(asked.member, new Member(asked.member, asked))
  await members.get(asked.member)[call](asked)
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  carryOut(request).then(
    () => write({ id: request.id, result: null }),
    (error) => write({ id: request.id, error: `${error.message ?? error}` }),
  )
}
process.exit()
