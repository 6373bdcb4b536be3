/**
 * Which of the endpoint origins a request was made to; undefined for any other. The name that the client used decides,
 * because that is what its VAPID token is for: `:authority`, or `Host` over HTTP/1.1.
 */
export function requestOrigin(authority: string | undefined, origins: readonly string[]): string | undefined {
  const url = `https://${authority ?? ''}`;
  // Parsed, so that a default port that is spelled out is no other origin.
  const origin = URL.canParse(url) ? new URL(url).origin : undefined;
  return origins.find((one) => one === origin);
}
