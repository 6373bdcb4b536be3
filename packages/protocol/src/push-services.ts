/** Hosts of the push services that browsers use today; a leading `*.` stands for one or more labels. */
export const PUSH_SERVICE_HOSTS: readonly string[] = [
  '*.push.apple.com',
  'fcm.googleapis.com',
  // Chromium builds outside Google's release channels.
  'jmt17.google.com',
  'updates.push.services.mozilla.com',
  '*.notify.windows.com',
];

/** Whether a host name (no port) is on a list of names and `*.` patterns. */
export function isPushServiceHost(host: string, hosts: readonly string[] = PUSH_SERVICE_HOSTS): boolean {
  return hosts.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern));
}
