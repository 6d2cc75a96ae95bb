import { messageOf } from '../errors.ts';
import { PackError, shown } from './pack-error.ts';

/** The fields of an object of `manifest.json`, each judged as it is read. All throw PackErrors that name what is wrong. */

export type Fields = Record<string, unknown>;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PackError(`manifest.json is not JSON: ${messageOf(error)}`);
  }
}

export function objectOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PackError(`manifest.json: ${what} is not an object`);
  }
  return { ...value };
}

export function checkKeys(
  fields: Fields,
  known: readonly string[],
  what: string,
  optional: readonly string[] = [],
): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key) && !optional.includes(key));
  if (unknown !== undefined)
    throw new PackError(`manifest.json: ${what} has an unknown field ${shown(unknown)}`);
  const missing = known.find((key) => !Object.hasOwn(fields, key));
  if (missing !== undefined) throw new PackError(`manifest.json: ${what} has no ${missing}`);
}

export function countOf(fields: Fields, key: string, what: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new PackError(`manifest.json: ${key} of ${what} is not a count`);
  }
  return value;
}

export function listOf(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw new PackError(`manifest.json: ${key} is not a list`);
  return value;
}

/** Text of a form that the whole of it must have. */
export function textOf(fields: Fields, key: string, { what, form }: { what: string; form: RegExp }): string {
  const value = fields[key];
  if (typeof value !== 'string' || form.exec(value)?.[0] !== value) {
    throw new PackError(`manifest.json: ${key} of ${what} has not the form that it should have`);
  }
  return value;
}
