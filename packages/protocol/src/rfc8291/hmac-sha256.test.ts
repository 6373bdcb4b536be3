import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from './hmac-sha256.ts';

test('it is the HMAC of Node, whatever the key up to a block and the data', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64, size: 'max' }),
      fc.uint8Array({ maxLength: 200, size: 'max' }),
      (key, data) => {
        expect(hmacSha256(key, data).equals(createHmac('sha256', key).update(data).digest())).toBe(true);
      },
    ),
  );
});
