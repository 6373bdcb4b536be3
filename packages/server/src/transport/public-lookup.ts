import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

/** A host is not a push service's: it leads to an address that none can have, or is not on the list. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';

  constructor() {
    super('The host is no push service with a public address');
  }
}

/** As much of `dns.lookup` as is needed here. */
export type LookupAll = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * DNS for connections to push services: it answers public addresses only. Checked here, at connect time, because a name
 * that was public when the subscription was saved may point to 127.0.0.1 by now (DNS rebinding).
 */
export function createPublicLookup(lookup: LookupAll = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first, ...others] = addresses.filter(({ address }) => !isPrivateAddress(address));
      if (first === undefined) return callback(new RefusedAddressError(), []);
      if (options.all === true) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };
}
