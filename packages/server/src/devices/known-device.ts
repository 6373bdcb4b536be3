import { type PushServiceName, pushServiceOf } from '@belfry/protocol';
import type { Device, DeviceState } from '@belfry/store';

/** What an operator may see of a device: nothing that could be sent to, or proves to be it. Times are ms since 1970. */
export interface KnownDevice {
  /** The id that `POST /subscribe` answered. */
  readonly deviceId: string;
  /** `gone`: its push service says that the subscription is no more; its worker may still bring a new one. */
  readonly state: DeviceState;
  /** `rfc8030` for any that is none of the known ones. */
  readonly pushService: PushServiceName;
  /** Origin of the pages that it serves; this and the next two are null where the browser did not say. */
  readonly pageOrigin: string | null;
  /** IANA name. */
  readonly timeZone: string | null;
  /** BCP 47 tag. */
  readonly lang: string | null;
  /** Since when its messages are accepted and none is reported: long ago, its browser is not there, or shows nothing. */
  readonly silentSince: number | null;
  /** Since when its browser has to subscribe again, which its next page does. See `Device.refusedAt` of the store. */
  readonly refusedAt: number | null;
}

export function toKnownDevice(device: Device): KnownDevice {
  const { publicId, state, endpoint, pageOrigin, timeZone, lang, silentSince, refusedAt } = device;
  return {
    deviceId: publicId,
    state,
    pushService: pushServiceOf(endpoint).name,
    pageOrigin,
    timeZone,
    lang,
    silentSince,
    refusedAt,
  };
}
