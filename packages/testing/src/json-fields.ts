import { TestingError } from './errors.ts';

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws TestingError `protocol-error` when the field is missing or not an object; so do the others here. */
export function objectField(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  if (!isObject(value)) throw missing(key, 'object');
  return value;
}

export function stringField(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== 'string') throw missing(key, 'string');
  return value;
}

export function objectsField(object: JsonObject, key: string): readonly JsonObject[] {
  const value: unknown = object[key];
  if (!Array.isArray(value) || !value.every(isObject)) throw missing(key, 'array of objects');
  return value;
}

function missing(key: string, kind: string): TestingError {
  return new TestingError('protocol-error', `The browser's answer has no ${kind} "${key}"`);
}
