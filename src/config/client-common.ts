import { clientSecurityKeys } from './client-security.ts'
import { boolean, className, int, list, long, oneOf, string } from './declare.ts'

/** Settings that producers, consumers and administrators share; each states apart what differs. */

const connectionKeys = {
  'client.dns.lookup': oneOf(['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'], {
    default: 'use_all_dns_ips',
    status: 'accepted',
    doc: 'How names are resolved; the runtime tries all addresses of a name by itself.',
  }),
  'request.timeout.ms': int({
    default: 30_000,
    min: 0,
    doc: 'What a request has for its answer before its connection is given up.',
  }),
  'send.buffer.bytes': int({
    default: 131_072,
    min: -1,
    status: 'not-needed',
    doc: 'Send buffer of the system for each connection, which the runtime leaves to the system.',
  }),
  'socket.connection.setup.timeout.ms': long({
    default: 10_000,
    doc: 'What a connection has to be made, at first; it doubles with each failure.',
  }),
  'socket.connection.setup.timeout.max.ms': long({
    default: 30_000,
    doc: 'The most that a connection has to be made.',
  }),
}

const retryKeys = {
  'reconnect.backoff.ms': long({
    default: 50,
    min: 0,
    importance: 'low',
    doc: 'Wait before a lost broker is tried again, doubled with each failure.',
  }),
  'reconnect.backoff.max.ms': long({
    default: 1_000,
    min: 0,
    importance: 'low',
    doc: 'Longest wait before a lost broker is tried again.',
  }),
  'retry.backoff.ms': long({
    default: 100,
    min: 0,
    importance: 'low',
    doc: 'Wait before a failed request is sent again, doubled with each failure.',
  }),
  'retry.backoff.max.ms': long({
    default: 1_000,
    min: 0,
    importance: 'low',
    doc: 'Longest wait before a failed request is sent again.',
  }),
}

const metadataKeys = {
  'metadata.max.age.ms': long({
    default: 300_000,
    min: 0,
    importance: 'low',
    doc: 'Age after which metadata are asked for again though nothing seems wrong.',
  }),
  'metadata.recovery.strategy': oneOf(['rebootstrap', 'none'], {
    default: 'rebootstrap',
    ignoreCase: true,
    importance: 'low',
    doc: 'Whether a client that reaches no broker it knows starts again from bootstrap.servers.',
  }),
  'metadata.recovery.rebootstrap.trigger.ms': long({
    default: 300_000,
    min: 0,
    importance: 'low',
    status: 'accepted',
    doc: 'Time without metadata after which a client starts again from bootstrap.servers.',
  }),
}

const metricKeys = {
  'enable.metrics.push': boolean({
    default: true,
    importance: 'low',
    status: 'accepted',
    doc: 'Whether metrics are pushed to the cluster when it asks for them (KIP-714).',
  }),
  'metric.reporters': list({
    default: ['org.apache.kafka.common.metrics.JmxReporter'],
    nullable: false,
    importance: 'low',
    status: 'not-needed',
    doc: 'Java classes that are given the metrics.',
  }),
  'metrics.num.samples': int({
    default: 2,
    min: 1,
    importance: 'low',
    status: 'accepted',
    doc: 'Samples that make up a metric.',
  }),
  'metrics.recording.level': oneOf(['INFO', 'DEBUG', 'TRACE'], {
    default: 'INFO',
    importance: 'low',
    status: 'accepted',
    doc: 'How much is measured.',
  }),
  'metrics.sample.window.ms': long({
    default: 30_000,
    min: 0,
    importance: 'low',
    status: 'accepted',
    doc: 'Time that one sample covers.',
  }),
}

/** What every client has, in the form in which producers have it. */
export const clientKeys = {
  'bootstrap.servers': list({
    default: [],
    empty: 'refused',
    nullable: false,
    importance: 'high',
    required: true,
    doc: 'Addresses as host:port at which the first broker is looked for.',
  }),
  'client.id': string({
    default: '',
    doc: 'Name told with every request, for logs, metrics and quotas of the broker.',
  }),
  'config.providers': list({
    default: [],
    importance: 'low',
    status: 'not-needed',
    doc: 'Names of Java plug-ins that resolve values.',
  }),
  'connections.max.idle.ms': long({
    default: 540_000,
    doc: 'A connection without traffic is closed after it; negative: never.',
  }),
  'receive.buffer.bytes': int({
    default: 32_768,
    min: -1,
    status: 'not-needed',
    doc: 'Receive buffer of the system for each connection, left to the system.',
  }),
  ...connectionKeys,
  ...retryKeys,
  ...metadataKeys,
  ...metricKeys,
  ...clientSecurityKeys,
}

/** What consumers and producers have and administrators do not. */
export const interceptorKeys = {
  'interceptor.classes': list({
    default: [],
    importance: 'low',
    status: 'not-needed',
    doc: 'Java classes that see every record; functions are given in the option interceptors.',
  }),
}

/** How long a call of an application may take that states no time of its own. */
export const apiTimeoutKeys = {
  'default.api.timeout.ms': int({
    default: 60_000,
    min: 0,
    doc: 'What a call has that states no time of its own, retries included.',
  }),
}

/** The receive buffer of clients that mostly read. */
export const largeReceiveKeys = {
  'receive.buffer.bytes': int({
    default: 65_536,
    min: -1,
    status: 'not-needed',
    doc: 'Receive buffer of the system for each connection, left to the system.',
  }),
}

/** A Java class that reads or writes keys and values; in TypeScript an object does. */
export const serdeKey = (doc: string) =>
  className({ default: null, importance: 'high', required: true, doc })
