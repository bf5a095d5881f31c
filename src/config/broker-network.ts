import { int, list, long, string } from './declare.ts'
import { INT_MAX } from './value-text.ts'

/** Listeners, connections, and the limits of requests. */
export const brokerNetworkKeys = {
  listeners: list({
    default: ['PLAINTEXT://:9092'],
    empty: 'refused',
    importance: 'high',
    update: 'per-broker',
    doc: 'Addresses to listen on, as NAME://host:port; an empty host listens on all interfaces.',
  }),
  'advertised.listeners': list({
    default: null,
    empty: 'refused',
    importance: 'high',
    doc: 'Addresses told to clients; without it they are told the address they connected to.',
  }),
  'listener.security.protocol.map': string({
    default: 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    importance: 'low',
    update: 'per-broker',
    doc: 'Security protocol of each listener name, as NAME:PROTOCOL pairs.',
  }),
  'early.start.listeners': list({
    default: null,
    importance: 'high',
    status: 'not-needed',
    doc: 'Listeners that open before the authorizer has loaded its rules.',
  }),
  'socket.listen.backlog.size': int({
    default: 50,
    min: 1,
    doc: 'Connections the system may hold ready before the broker has accepted them.',
  }),
  'socket.receive.buffer.bytes': int({
    default: 102_400,
    importance: 'high',
    status: 'accepted',
    doc: 'Receive buffer of a socket; -1 leaves it to the system.',
  }),
  'socket.send.buffer.bytes': int({
    default: 102_400,
    importance: 'high',
    status: 'accepted',
    doc: 'Send buffer of a socket; -1 leaves it to the system.',
  }),
  'socket.request.max.bytes': int({
    default: 104_857_600,
    min: 1,
    importance: 'high',
    doc: 'Largest request; a frame that announces more closes its connection.',
  }),
  'socket.connection.setup.timeout.ms': long({
    default: 10_000,
    status: 'accepted',
    doc: 'First time limit for opening a connection to another broker.',
  }),
  'socket.connection.setup.timeout.max.ms': long({
    default: 30_000,
    status: 'accepted',
    doc: 'Largest time limit for opening a connection, after doublings.',
  }),
  'connections.max.idle.ms': long({
    default: 600_000,
    doc: 'A connection without traffic for this long is closed.',
  }),
  'max.connections': int({
    default: INT_MAX,
    min: 0,
    update: 'cluster-wide',
    doc: 'Most connections of the broker; beyond it new ones are closed at once, idle ones stay.',
  }),
  'max.connections.per.ip': int({
    default: INT_MAX,
    min: 0,
    update: 'cluster-wide',
    doc: 'Most connections from one address; more are closed at once.',
  }),
  'max.connections.per.ip.overrides': string({
    default: '',
    update: 'cluster-wide',
    doc: 'Other limits for single addresses, as address:count pairs; of names only localhost is known.',
  }),
  'max.connection.creation.rate': int({
    default: INT_MAX,
    min: 0,
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Most new connections per second; more are delayed.',
  }),
  'queued.max.requests': int({
    default: 500,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Requests that may wait for a worker before reading stops.',
  }),
  'queued.max.request.bytes': long({
    default: -1,
    doc: 'Bytes of requests in work before reading stops; -1 for no limit.',
  }),
  'num.network.threads': int({
    default: 3,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    status: 'not-needed',
    doc: 'Threads that read and write sockets.',
  }),
  'num.io.threads': int({
    default: 8,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    status: 'not-needed',
    doc: 'Threads that work on requests.',
  }),
}
