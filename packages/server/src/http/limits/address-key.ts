import { isIP } from 'node:net';

/**
 * What a client's address is counted by: an IPv4 address, or the first 64 bits of an IPv6 address, as that is what one customer has
 * at least, and may change within at will (RFC 6177). Undefined where it is no address.
 */
export function addressKey(clientAddress: string | undefined): string | undefined {
  const [address = ''] = (clientAddress ?? '').split('%');
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return ofIPv6(new URL(`http://[${address}]`).hostname.slice(1, -1));
    default:
      return undefined;
  }
}

/** @param address in its canonical form (RFC 5952), IPv4 within it as two groups */
function ofIPv6(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [head.split(':').filter(Boolean), tail.split(':').filter(Boolean)];
  const groups = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last];
  const mapped = /^0:0:0:0:0:ffff:(?<high>[0-9a-f]+):(?<low>[0-9a-f]+)$/v.exec(groups.join(':'))?.groups;
  if (mapped === undefined) return groups.slice(0, 4).join(':');
  // ::ffff:192.0.2.1, as a socket that listens on both has it.
  const bytes = [mapped['high'], mapped['low']].map((group) => Number.parseInt(group ?? '', 16));
  return bytes.flatMap((pair) => [pair >> 8, pair & 255]).join('.');
}
