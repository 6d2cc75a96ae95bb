import { messageOf } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import type { Top } from './manifest-top.ts';
import { openPack } from './open-pack.ts';
import { PackError } from './pack-error.ts';

/** Two packs of which the one is a top and the other, as far as their manifests tell, its base. */
export interface Layers {
  readonly base: Manifest;
  readonly top: Manifest;
  /** What the top says of the base. */
  readonly needs: Top;
}

/** @param base the directory, and the key under which it was found. Throws a PackError where they do not belong together */
export async function openLayers(
  topDirectory: string,
  base: { readonly directory: string; readonly key: string },
): Promise<Layers> {
  const top = await openPack(topDirectory);
  if (top.top === null) throw new PackError('the pack is no top: it needs no base');
  const needs = top.top;
  if (needs.base.key !== base.key) throw new PackError('the top was written on a base of another key');
  const found = await openPack(base.directory).catch((error: unknown) => {
    throw new PackError(`the base: ${messageOf(error)}`);
  });
  if (found.top !== null) throw new PackError('the base is a top, which needs a base itself');
  for (const key of ['files', 'bytes'] as const) {
    if (found[key] !== needs.base[key])
      throw new PackError(
        `the base has ${found[key]} ${key}, the top was written on one of ${needs.base[key]}`,
      );
  }
  return { base: found, top, needs };
}
