import { brokerSaslKeys as sasl } from './broker-sasl.ts'
import { brokerSecurityKeys as security } from './broker-security.ts'
import {
  boolean,
  double,
  type Importance,
  type Key,
  oneOf,
  password,
  short,
  string,
} from './declare.ts'
import type { Value } from './value-text.ts'

/** The same key in the hands of a client, which reads its settings once. */
function of<T extends Value>(key: Key<T>, importance: Importance = key.importance): Key<T> {
  return { ...key, importance, update: 'read-only' }
}

/** TLS as a client is told of it; what the names mean is what they mean to a broker. */
const tlsKeys = {
  'ssl.cipher.suites': of(security['ssl.cipher.suites'], 'low'),
  'ssl.enabled.protocols': of(security['ssl.enabled.protocols']),
  'ssl.endpoint.identification.algorithm': of(security['ssl.endpoint.identification.algorithm']),
  'ssl.engine.factory.class': of(security['ssl.engine.factory.class']),
  'ssl.key.password': of(security['ssl.key.password'], 'high'),
  'ssl.keymanager.algorithm': of(security['ssl.keymanager.algorithm'], 'low'),
  'ssl.keystore.certificate.chain': of(security['ssl.keystore.certificate.chain'], 'high'),
  'ssl.keystore.key': of(security['ssl.keystore.key'], 'high'),
  'ssl.keystore.location': of(security['ssl.keystore.location'], 'high'),
  'ssl.keystore.password': of(security['ssl.keystore.password'], 'high'),
  'ssl.keystore.type': of(security['ssl.keystore.type']),
  'ssl.protocol': of(security['ssl.protocol']),
  'ssl.provider': of(security['ssl.provider']),
  'ssl.secure.random.implementation': of(security['ssl.secure.random.implementation']),
  'ssl.trustmanager.algorithm': of(security['ssl.trustmanager.algorithm'], 'low'),
  'ssl.truststore.certificates': of(security['ssl.truststore.certificates'], 'high'),
  'ssl.truststore.location': of(security['ssl.truststore.location'], 'high'),
  'ssl.truststore.password': of(security['ssl.truststore.password'], 'high'),
  'ssl.truststore.type': of(security['ssl.truststore.type']),
}

/** Refreshing a login: a client's bounds are narrower than a broker's. */
const loginKeys = {
  'sasl.login.refresh.buffer.seconds': short({
    default: 300,
    min: 0,
    max: 3600,
    importance: 'low',
    status: 'accepted',
    doc: 'Time before the end of a credential that its refresh keeps free.',
  }),
  'sasl.login.refresh.min.period.seconds': short({
    default: 60,
    min: 0,
    max: 900,
    importance: 'low',
    status: 'accepted',
    doc: 'Least time between two refreshes of a credential.',
  }),
  'sasl.login.refresh.window.factor': {
    ...double({
      default: 0.8,
      min: 0.5,
      max: 1,
      importance: 'low',
      status: 'accepted',
      doc: 'Part of the life of a credential after which it is refreshed.',
    }),
    valid: '[0.5,...,1.0]',
  },
  'sasl.login.refresh.window.jitter': {
    ...double({
      default: 0.05,
      min: 0,
      max: 0.25,
      importance: 'low',
      status: 'accepted',
      doc: 'Random part of the life of a credential added to that time.',
    }),
    valid: '[0.0,...,0.25]',
  },
}

const saslKeys = {
  'sasl.client.callback.handler.class': of(sasl['sasl.client.callback.handler.class']),
  'sasl.jaas.config': password({
    status: 'accepted',
    doc: 'Login of the client in the format of JAAS.',
  }),
  'sasl.kerberos.kinit.cmd': of(sasl['sasl.kerberos.kinit.cmd'], 'low'),
  'sasl.kerberos.min.time.before.relogin': of(sasl['sasl.kerberos.min.time.before.relogin'], 'low'),
  'sasl.kerberos.service.name': of(sasl['sasl.kerberos.service.name']),
  'sasl.kerberos.ticket.renew.jitter': of(sasl['sasl.kerberos.ticket.renew.jitter'], 'low'),
  'sasl.kerberos.ticket.renew.window.factor': of(
    sasl['sasl.kerberos.ticket.renew.window.factor'],
    'low',
  ),
  'sasl.login.callback.handler.class': of(sasl['sasl.login.callback.handler.class']),
  'sasl.login.class': of(sasl['sasl.login.class']),
  'sasl.login.connect.timeout.ms': of(sasl['sasl.login.connect.timeout.ms']),
  'sasl.login.read.timeout.ms': of(sasl['sasl.login.read.timeout.ms']),
  'sasl.login.retry.backoff.max.ms': of(sasl['sasl.login.retry.backoff.max.ms']),
  'sasl.login.retry.backoff.ms': of(sasl['sasl.login.retry.backoff.ms']),
  'sasl.mechanism': string({
    default: 'GSSAPI',
    status: 'accepted',
    doc: 'SASL mechanism with which the client logs in.',
  }),
}

type OauthName = Extract<keyof typeof sasl, `sasl.oauthbearer.${string}`>

/** All keys of OAUTHBEARER: a client's are those of a broker. */
function oauthKeys(): Pick<typeof sasl, OauthName> {
  const own = Object.entries(sasl).filter(([name]) => name.startsWith('sasl.oauthbearer.'))
  // The filter keeps exactly the names that `OauthName` picks.
  return Object.fromEntries(own.map(([name, key]) => [name, of<Value>(key)])) as Pick<
    typeof sasl,
    OauthName
  >
}

/** How a client proves who it is and hides what it says. */
export const clientSecurityKeys = {
  'security.protocol': oneOf(['SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'], {
    default: 'PLAINTEXT',
    ignoreCase: true,
    doc: 'How connections are secured; only PLAINTEXT is offered, others are refused.',
  }),
  'security.providers': of(security['security.providers']),
  ...tlsKeys,
  ...saslKeys,
  ...loginKeys,
  ...oauthKeys(),
  'sasl.oauthbearer.header.urlencode': boolean({
    default: false,
    status: 'accepted',
    importance: 'low',
    doc: 'Whether id and secret are encoded as URLs in the header that asks for a token.',
  }),
}
