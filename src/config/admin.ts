import { apiTimeoutKeys, clientKeys, largeReceiveKeys } from './client-common.ts'
import { boolean, config, int, list, long, type Values } from './declare.ts'

/** The settings of an administrator. */
export const adminConfig = config({
  ...clientKeys,
  ...apiTimeoutKeys,
  ...largeReceiveKeys,
  'bootstrap.controllers': list({
    default: [],
    nullable: false,
    importance: 'high',
    status: 'accepted',
    doc: 'Addresses of KRaft controllers to ask instead of brokers.',
  }),
  'bootstrap.servers': list({
    default: [],
    nullable: false,
    importance: 'high',
    doc: 'Addresses as host:port at which the first broker is looked for.',
  }),
  'connections.max.idle.ms': long({
    default: 300_000,
    doc: 'A connection without traffic is closed after it; negative: never.',
  }),
  'enable.metrics.push': boolean({
    default: false,
    importance: 'low',
    status: 'accepted',
    doc: 'Whether metrics are pushed to the cluster when it asks for them (KIP-714).',
  }),
  retries: int({
    default: 2_147_483_647,
    min: 0,
    max: 2_147_483_647,
    importance: 'low',
    doc: 'How often a request is sent again; default.api.timeout.ms ends it earlier.',
  }),
})

/** The values of an administrator's settings. */
export type AdminConfig = Values<typeof adminConfig.keys>
