/** Where Chromium's push client connects to; @belfry/push-service's `PushService.chromium`. */
export interface ChromiumPushEndpoints {
  /** `http://127.0.0.1:PORT/…` */
  readonly checkinUrl: string;
  /** `http://127.0.0.1:PORT/…` */
  readonly registrationUrl: string;
  /** `https://127.0.0.1:PORT`: with its scheme, or Chromium never connects. */
  readonly mcsEndpoint: string;
  /** base64 of the SHA-256 of the SubjectPublicKeyInfo of the certificate at `mcsEndpoint`. */
  readonly certificateSpkiHash: string;
}

export interface PushSwitchesOptions {
  readonly endpoints: ChromiumPushEndpoints;
  readonly containment: boolean;
  readonly platform?: NodeJS.Platform;
  readonly isRoot?: boolean;
}

/**
 * The command-line switches for a Chromium with a push service of its own, whoever launches it (measured, 156). Playwright's
 * and Puppeteer's own switches do not stand in their way, `--disable-background-networking` included.
 */
export function pushSwitches(options: PushSwitchesOptions): readonly string[] {
  const { endpoints, containment, platform = process.platform, isRoot = process.getuid?.() === 0 } = options;
  return [
    ...(platform === 'linux' && isRoot ? ['--no-sandbox'] : []),
    `--gcm-checkin-url=${endpoints.checkinUrl}`,
    `--gcm-registration-url=${endpoints.registrationUrl}`,
    `--gcm-mcs-endpoint=${endpoints.mcsEndpoint}`,
    `--ignore-certificate-errors-spki-list=${endpoints.certificateSpkiHash}`,
    ...(containment ? [`--host-resolver-rules=${loopbackOnly}`] : []),
  ];
}

/** Holds for addresses as well as for names. */
const loopbackOnly = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1';
