import { PushClientError } from './push-client-error.ts';
import type { PushClientContext } from './push-client-context.ts';

/**
 * Tells the server of devices that are not their user's any more. Answers why it could not be told; what it was not told stays
 * in the record.
 */
export async function leaveDevices(
  { records, server }: PushClientContext,
  scope: string,
): Promise<PushClientError | null> {
  try {
    for (const device of (await records.get(scope))?.leaving ?? []) {
      await server.leave(device);
      await records.update(
        scope,
        (record) =>
          record && {
            ...record,
            leaving: record.leaving.filter(({ deviceSecret }) => deviceSecret !== device.deviceSecret),
          },
      );
    }
    return null;
  } catch (error) {
    return PushClientError.from(error);
  }
}
