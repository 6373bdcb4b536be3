import type { OutgoingHttpHeaders } from 'node:http';
import type { AcceptedPush } from './persona.ts';

/** What RFC 8030 §5 has a 201 say. Each persona says it: of none is it known that its service leaves any of it out. */
export function createdHeaders({ location, ttlSeconds }: AcceptedPush): OutgoingHttpHeaders {
  return { location, ttl: String(ttlSeconds), 'content-length': '0' };
}
