/** A field of a JSON object as text; empty where there is no such thing. */
export function jsonField(body: string, name: string): string {
  // Most answers have no body, and an exception for each would cost more than all else that is done with them.
  if (body === '') return '';
  try {
    const value: unknown = JSON.parse(body);
    const field = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
    return typeof field === 'string' || typeof field === 'number' ? String(field) : '';
  } catch {
    return '';
  }
}
