/** IPv4 in the form that a socket open to both families tells it in. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const GROUP_COUNT = 8

/**
 * The host of a client as Kafka stores and shows it: Java's text of an address without a name. A
 * slash, then IPv4 as usual, or all eight groups of IPv6 without leading zeros.
 */
export function clientHost(remoteHost: string): string {
  const mapped = MAPPED_IPV4.exec(remoteHost)?.[1]
  if (mapped !== undefined) return `/${mapped}`
  return remoteHost.includes(':') ? `/${wholeIpv6(remoteHost)}` : `/${remoteHost}`
}

function wholeIpv6(address: string): string {
  const [text = '', zone] = address.split('%')
  const [head = '', tail] = text.split('::')
  const groupsOf = (part: string | undefined) => (part ? part.split(':') : [])
  const before = groupsOf(head)
  const after = groupsOf(tail)
  const zeros = Array.from({ length: GROUP_COUNT - before.length - after.length }, () => '0')
  const groups = [...before, ...zeros, ...after].map((group) => {
    return Number.parseInt(group, 16).toString(16)
  })
  return groups.join(':') + (zone === undefined ? '' : `%${zone}`)
}
