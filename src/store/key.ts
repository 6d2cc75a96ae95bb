/** What the key of every entry of this action begins with, of whatever version. */
export const ownPrefix = 'gobuild-test-';

/** The version of the keys and of what their entries hold: another one shares nothing with this. */
const prefix = `${ownPrefix}2`;

/** What a set's key is made of, in its order. */
export interface KeyParts {
  readonly os: string;
  readonly arch: string;
  readonly goVersion: string;
  readonly shape: string;
  readonly name: string;
  readonly content: string;
  /** `<run id>.<attempt>` */
  readonly run: string;
}

/** The parts that do not wait for the content. */
export type ShapeParts = Omit<KeyParts, 'content' | 'run'>;

export interface SetKeys {
  /** What the keys of all sets of this shape and name begin with. */
  readonly prefix: string;
  /** Up to the content: an entry whose key continues it with a dash is an exact set. */
  readonly primary: string;
  /** For a look-up: prefixes, the first that has an entry wins, of its entries the newest. */
  readonly restore: readonly [string, string];
  /** The whole key to save the set under. */
  readonly save: string;
  /** The whole key of a set that no warm has completed: found by the wider prefix, never taken for exact. */
  readonly unwarmed: string;
}

/**
 * `gobuild-test-2-<os>-<arch>-<go version>-<shape>-<name>-<content>-<run id>.<attempt>`
 *
 * Dashes part the fields, and no field holds one: so the prefix of the name `a` never matches a key of `a-b`.
 * The result is under 512 characters for any name that the inputs allow, and has no comma (the service's limits).
 */
export function setKeys(parts: KeyParts): SetKeys {
  const named = shapePrefix(parts);
  const primary = `${named}${field(parts.content)}`;
  return {
    prefix: named,
    primary,
    restore: [`${primary}-`, named],
    save: `${primary}-${parts.run}`,
    unwarmed: `${unwarmedPrefix(named)}${parts.run}`,
  };
}

/** What the key of every set of a shape and a name begins with. */
export function shapePrefix({ os, arch, goVersion, shape, name }: ShapeParts): string {
  return `${[prefix, ...[os, arch, goVersion, shape, name].map(field)].join('-')}-`;
}

/** What the keys of those sets begin with that no warm has completed; `shape` is a shape's prefix. */
export function unwarmedPrefix(shape: string): string {
  return `${shape}unwarmed-`;
}

/** Whether a key that a look-up matched is that of an exact set. */
export function isExact(keys: SetKeys, matched: string): boolean {
  return matched.startsWith(`${keys.primary}-`);
}

/** Which set a layer is of, and of which base. */
export interface LayerParts {
  /** What the keys of all sets of the shape and name begin with. */
  readonly prefix: string;
  /** A hash of the base's files, 64 hex digits; where that key is taken by a broken base, of something else. */
  readonly identity: string;
}

/**
 * The key of a base: `gobuild-test-2-base-<os>-…-<name>-<16 digits of its identity>`. No system is called `base`, so no
 * look-up for a set finds one.
 */
export function baseKey({ prefix: shape, identity }: LayerParts): string {
  return `${basePrefix(shape)}${idOf(identity)}`;
}

/** What the keys of all bases of a shape and a name begin with. */
export function basePrefix(shape: string): string {
  return `${prefix}-base-${shape.slice(prefix.length + 1)}`;
}

/**
 * The key of a top: that of a set, with a field for the base before the run. So it is found as the set is, and a set of a
 * content is exact whatever it lies on.
 *
 * @param key of the set without layers, `save` or `unwarmed` of its keys
 */
export function topKey(key: string, { identity }: Pick<LayerParts, 'identity'>): string {
  const run = key.lastIndexOf('-');
  return `${key.slice(0, run)}-${idOf(identity)}${key.slice(run)}`;
}

/** The same of a base that is there. */
export function topKeyOn(base: string, key: string): string {
  return topKey(key, { identity: base.slice(base.lastIndexOf('-') + 1) });
}

/** The key of the base that a top lies on; undefined of all other keys. */
export function baseKeyOf(key: string): string | undefined {
  const [, shape, id] = topForm.exec(key) ?? [];
  return shape === undefined || id === undefined ? undefined : baseKey({ prefix: shape, identity: id });
}

/** Five fields of the shape and name, the content, the base, the run. */
const topForm = new RegExp(`^(${prefix}-(?!base-)(?:[^-]+-){5})[^-]+-([0-9a-f]{16})-[^-]+$`);

function idOf(identity: string): string {
  return identity.slice(0, 16);
}

/**
 * The keys of the module cache: by go.sum first, else the newest of this Go version, which shares most modules.
 * Each run that has more modules of the same go.sum saves under its own key, so that an entry that lacks some heals.
 */
export function moduleKeys(parts: {
  readonly os: string;
  readonly goVersion: string;
  readonly sums: string;
  readonly run: string;
}): { readonly primary: string; readonly restore: readonly [string, string]; readonly save: string } {
  const named = [prefix, 'modules', field(parts.os), field(parts.goVersion)].join('-');
  const primary = `${named}-${field(parts.sums)}`;
  return { primary, restore: [`${primary}-`, `${named}-`], save: `${primary}-${parts.run}` };
}

/** The keys of the helpers: the same content first, else the newest of the same shape, of which Go links again what has changed. */
export function helperKeys(parts: Omit<KeyParts, 'name'>): {
  readonly prefix: string;
  readonly primary: string;
  readonly restore: readonly [string, string];
  readonly save: string;
} {
  const { os, arch, goVersion, shape, content, run } = parts;
  const named = `${[prefix, 'helpers', ...[os, arch, goVersion, shape].map(field)].join('-')}-`;
  const primary = `${named}${field(content)}`;
  return { prefix: named, primary, restore: [`${primary}-`, named], save: `${primary}-${run}` };
}

/**
 * A field without a dash or a comma. A dash becomes `~`, which a name cannot hold, so two names never become one;
 * a development version of Go has spaces and more, which become `_`.
 */
function field(text: string): string {
  return text.replaceAll('-', '~').replace(/[^A-Za-z0-9._~]/g, '_');
}
