import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { TestingError } from '../../errors.ts';
import { type GcmRequest, postGcm } from './post-gcm.ts';
import { parseProtobuf } from './protobuf-fields.ts';
import { fixed64, int, message, text } from './write-field.ts';

/** What a Chromium profile is named at its first check-in, and shows at every request and login after it. */
export interface GcmCredentials {
  readonly androidId: bigint;
  readonly securityToken: bigint;
}

/**
 * The first check-in of a profile: AndroidCheckinRequest, as Chromium 156 sends it.
 *
 * @throws `push-service-unreachable`, `unreadable-frame`
 */
export async function checkIn({ url, signal }: Pick<GcmRequest, 'url' | 'signal'>): Promise<GcmCredentials> {
  const headers = { 'content-type': 'application/x-protobuf' };
  const { status, body } = await postGcm({ url, signal, headers, body: encodeFirstCheckIn() });
  if (status !== 200) {
    throw new TestingError('push-service-unreachable', `The check-in was answered with ${status}: correct checkinUrl`);
  }
  const fields = parseProtobuf(body);
  const [androidId, securityToken] = [fields?.integer(7), fields?.integer(8)];
  if (androidId !== undefined && securityToken !== undefined) return { androidId, securityToken };
  throw new TestingError('unreadable-frame', 'The push service answered the check-in with what is no answer to it');
}

/** With Chromium 156's values on Linux: a digest of nothing, CHROME_BROWSER, LINUX, a build without a channel. */
function encodeFirstCheckIn(): Uint8Array<ArrayBuffer> {
  const writer = text(int(new BinaryWriter(), 2, 0), 3, '1-da39a3ee5e6b4b0d3255bfef95601890afd80709');
  int(text(int(message(int(message(writer, 4), 12, 3), 13), 1, 3), 2, '156.0.8078.79'), 3, 5)
    .join()
    .join();
  return int(int(fixed64(writer, 13, 0n), 14, 3), 22, 0).finish();
}
