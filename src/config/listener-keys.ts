import { brokerConfig } from './broker.ts'
import type { Key } from './declare.ts'
import { brokerQuotaConfig } from './quota.ts'

/** `listener.name.<listener>.<key>`, or `listener.name.<listener>.<mechanism>.<key>`. */
const LISTENER_KEY = /^listener\.name\.[^.]*\.(.*)$/

/** Keys that stand behind a SASL mechanism in the name. */
const mechanismKeys = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
]

/** The key that a listener's key is about (`ssl.keystore.location`); undefined for other names. */
export function listenerBase(name: string): string | undefined {
  const base = LISTENER_KEY.exec(name)?.[1]
  return base === undefined ? undefined : (mechanismKeys.find((key) => base.endsWith(key)) ?? base)
}

/** The declaration behind any name a broker may be given, listener's keys and quotas included. */
export function brokerKey(name: string): Key | undefined {
  return (
    brokerConfig.find(name) ??
    brokerQuotaConfig.find(name) ??
    brokerConfig.find(listenerBase(name) ?? '')
  )
}
