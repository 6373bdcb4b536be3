import type { Audience } from './audience.ts';

/** An audience as it was written into its message's row. */
export function parseAudience(json: string): Audience {
  const audience: Audience = JSON.parse(json);
  return audience;
}
