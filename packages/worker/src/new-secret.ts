import type { PushWorkerDeps } from './push-worker-deps.ts';

/** A device secret: 32 random bytes in base64url, unpadded. */
export const newSecret = (deps: PushWorkerDeps): string =>
  btoa(String.fromCharCode(...deps.scope.crypto.getRandomValues(Uint8Array.from({ length: 32 }))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace('=', '');
