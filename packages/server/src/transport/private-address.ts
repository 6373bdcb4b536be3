import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that is not globally reachable (IANA's special-purpose registry, RFC 6890), multicast, and what was set aside for
 * 6to4 relays. All of it is left out, also what has no route today: a network of one's own may use it.
 */
const PRIVATE_IPV4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/**
 * IPv6: all but global unicast, 2000::/3, and of that what carries an IPv4 address that could be private (Teredo, 6to4) or is
 * for protocols and documents. NAT64 (64:ff9b::/96) is outside it, and carries one too.
 */
const PRIVATE_IPV6 = blockList('ipv6', [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

/** IPv4 in IPv6's clothes: judged by what it carries. */
const MAPPED = blockList('ipv6', [['::ffff:0.0.0.0', 96]]);

function blockList(
  family: 'ipv4' | 'ipv6',
  networks: readonly (readonly [network: string, prefix: number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}

/** Whether an IP address is loopback, private, link-local, multicast or otherwise not a public push service's. */
export function isPrivateAddress(text: string): boolean {
  // A zone (RFC 4007 §11) is only for addresses of this link, and BlockList does not read it.
  const [address = '', zone] = text.split('%');
  switch (isIP(address)) {
    case 4:
      return PRIVATE_IPV4.check(address, 'ipv4');
    case 6:
      // BlockList looks inside mapped addresses itself.
      if (MAPPED.check(address, 'ipv6')) return PRIVATE_IPV4.check(address, 'ipv6');
      return zone !== undefined || PRIVATE_IPV6.check(address, 'ipv6');
    default:
      return true;
  }
}

/** Whether a URL's host name says by itself that it leads to this machine or network. */
export function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? /(^|\.)(localhost|local|internal)\.?$/i.test(hostname) : isPrivateAddress(address);
}
