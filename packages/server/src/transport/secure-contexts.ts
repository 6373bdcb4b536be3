import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * One TLS context for each certificate authority, and one for the system's: to make one takes 0.2 ms of CPU, which
 * each attempt to connect to a dead host would pay anew. A server that asks a client to renegotiate again and again (TLS 1.2)
 * would have it do a handshake each time, so that is off; TLS 1.3 has none.
 */
export function secureContexts(): (certificateAuthority: string | undefined) => SecureContext {
  const made = new Map<string | undefined, SecureContext>();
  return (ca) => {
    const known = made.get(ca) ?? createSecureContext({ ca, secureOptions: constants.SSL_OP_NO_RENEGOTIATION });
    made.set(ca, known);
    return known;
  };
}
