export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object whose fields may be read by name: no array, no null. */
export function isRecord(value: unknown): value is Fields {
  return Object(value) === value && !Array.isArray(value);
}

/** The fields of a value; what is no object has none. */
export function fieldsOf(value: unknown): Fields {
  return Object(value);
}

/** Undefined for what is no text, or only white space. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() ? value : undefined;
}
