const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/**
 * Bytes: a number and a unit, as in `2GiB`, `1.5 GB` or `500MB`; undefined for an empty text. A number alone is refused:
 * whoever writes 2 does not mean bytes.
 *
 * @throws Error that says what would be right
 */
export function parseSize(text: string): number | undefined {
  if (text === '') return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new Error(
      'must be a size with a unit (kB, MB, GB, KiB, MiB, GiB), as in 2GiB, or empty for no limit',
    );
  }
  return bytes;
}
