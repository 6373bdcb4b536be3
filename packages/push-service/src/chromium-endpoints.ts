/** Hosts of the endpoints that Chromium makes of its tokens: builds without a channel (Debian's), and Google Chrome. */
export const CHROMIUM_ENDPOINT_HOSTS = ['jmt17.google.com', 'fcm.googleapis.com'] as const;

/** The values of four of Chromium's command-line flags (measured, 156). */
export interface ChromiumEndpoints {
  /** For `--gcm-checkin-url`, such as 'http://127.0.0.1:8790/checkin'. */
  readonly checkinUrl: string;
  /** For `--gcm-registration-url`, such as 'http://127.0.0.1:8790/register3'. */
  readonly registrationUrl: string;
  /** For `--gcm-mcs-endpoint`, such as 'https://127.0.0.1:8791'. */
  readonly mcsEndpoint: string;
  /** For `--ignore-certificate-errors-spki-list`, which needs a `--user-data-dir`: base64. */
  readonly certificateSpkiHash: string;
}
