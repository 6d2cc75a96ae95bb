import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Passes } from '../config/inputs.ts';
import { flagValue, isOn, splitFlags } from '../flags.ts';
import type { WarmedShape } from '../go/missed.ts';
import type { Survey } from './survey.ts';
import { flagsOf, type Unit } from './units.ts';

/** What the warm compiles, for post to explain by why the job compiled something else. */
export function warmedShape(
  units: readonly Unit[],
  { steps, lists }: Pick<Survey, 'steps' | 'lists'>,
): WarmedShape {
  const goEnv = units[0]?.goEnv ?? {};
  const flags = units.flatMap((unit) => [
    ...splitFlags(unit.goEnv['GOFLAGS'] ?? ''),
    ...flagsOf(unit.compile),
    ...(unit.compile.kind === 'passes' ? coverpkgFlag(unit.compile.cover) : []),
  ]);
  const race = isOn(flags, 'race');
  const measures = steps.some(({ args }) => args.some((arg) => /^-cover/.test(arg)));
  const compile = units[0]?.compile;
  return {
    ...{ goVersion: goEnv['GOVERSION'] ?? '', target: `${goEnv['GOOS']}/${goEnv['GOARCH']}` },
    ...{ race, trimpath: isOn(flags, 'trimpath'), flags },
    coverMode: measures ? (flagValue(flags, 'covermode') ?? (race ? 'atomic' : 'set')) : undefined,
    coverShape: compile?.kind === 'passes' ? compile.cover.kind : 'commands',
    measured: lists.cover,
    plain: lists.plain,
    // Go says either, by the PWD of the job.
    directories: [...new Set(units.flatMap(({ path }) => [path, realpathSync(path)]))],
    goModCache: goEnv['GOMODCACHE'] ?? '',
    files: lists.files,
  };
}

function coverpkgFlag(cover: Passes['cover']): string[] {
  return cover.kind === 'coverpkg' ? [`-coverpkg=${cover.patterns.join(',')}`] : [];
}

const file = (work: string): string => join(work, 'warmed.json');

export function writeWarmed(work: string, shape: WarmedShape): void {
  writeFileSync(file(work), JSON.stringify({ ...shape, files: Object.fromEntries(shape.files) }));
}

/** What main wrote; undefined where the job has removed it: that costs the reasons alone. */
export function readWarmed(work: string): WarmedShape | undefined {
  if (!existsSync(file(work))) return undefined;
  const { files, ...shape }: Omit<WarmedShape, 'files'> & { files: Record<string, string[]> } = JSON.parse(
    readFileSync(file(work), 'utf8'),
  );
  return { ...shape, files: new Map(Object.entries(files)) };
}
