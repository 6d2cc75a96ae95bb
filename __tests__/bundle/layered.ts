import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { objectRules, outputNameOf, parseRecord } from '../../src/gocache/layout.ts';
import { scan } from '../../src/gocache/scan.ts';
import { keepsRules } from '../../src/pack/rules.ts';
import { baseKeyOf } from '../../src/store/key.ts';
import { repack } from '../helpers/repack.ts';
import { type JobOptions, Scenario, visible } from './scenario.ts';

/** Jobs on caches whose sets are in layers. */

/** Another content of the small module. */
export const commit = (scenario: Scenario, value: number): void =>
  scenario.write({ 'leaf/leaf.go': `package leaf\n\nfunc One() int { return ${value} - ${value - 1} }\n` });

/** A job that must succeed, compile nothing after its warm, and have no wrong object in GOCACHE, whatever goes wrong. */
export async function soundJob(
  scenario: Scenario,
  { between, ...options }: JobOptions & { readonly between?: (work: string) => Promise<void> | void } = {},
) {
  const job = scenario.job({ token: scenario.server.apiToken('write'), ...options });
  const main = await job.main();
  expect(main.exitCode, main.log).toBe(0);
  expect(await job.tests()).toEqual([]);
  await between?.(join(main.outputs['report'] ?? '', '..'));
  const post = await job.post();
  expect(post.exitCode, post.log).toBe(0);
  expect(wrongObjects(job.gocache)).toEqual([]);
  return { job, main, post, report: post.report, said: [...visible(main), ...visible(post)].join('\n') };
}

/** The run after: it restores what was saved, exact and whole, in layers or not. */
export async function expectHealed(scenario: Scenario, saved: string | null, options: JobOptions = {}) {
  const { report, main, post } = await soundJob(scenario, { cold: true, ...options });
  expect(saved).not.toBe(null);
  expect(report.restore).toMatchObject({
    ...{ outcome: 'exact', matchedKey: saved, reason: null },
    baseKey: baseKeyOf(saved ?? '') ?? null,
  });
  expect(report.reuse?.compiled.objects).toBe(0);
  expect([...main.annotations, ...post.annotations]).toEqual([]);
  return report;
}

/** Objects that are not what their names say, and records whose output is not there. */
export function wrongObjects(gocache: string): string[] {
  const objects = scan(gocache);
  const there = new Set(objects.map(({ name }) => name));
  return objects.flatMap(({ name, file, kind }) => {
    const path = file === undefined ? name : `${name}/${file}`;
    const content = readFileSync(join(gocache, path));
    if (!keepsRules(path, content, objectRules)) return [name];
    const record = kind === 'record' ? parseRecord(content.toString('latin1'), name) : undefined;
    return record !== undefined && !there.has(outputNameOf(record.outputId))
      ? [`${name} without output`]
      : [];
  });
}

/** The id of an entry, which is in the path of its download. */
export function idOf({ server }: Scenario, key: string): number {
  return server.entries().find((entry) => entry.key === key)?.id ?? Number.NaN;
}

/** The bytes of a stored entry. */
export async function bytesIn({ server }: Scenario, key: string): Promise<Buffer> {
  let found: Buffer = Buffer.alloc(0);
  await server.corrupt(key, (bytes) => {
    found = bytes;
    return bytes;
  });
  return found;
}

type Manifest = Record<string, unknown> & { readonly base?: Readonly<Record<string, unknown>> };

/** Changes the manifest of a stored pack. */
export function withManifest(change: (manifest: Manifest) => object): (bytes: Buffer) => Buffer {
  return (bytes) =>
    repack(bytes, (pack) => {
      const path = join(pack, 'manifest.json');
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
    });
}

/** Removes a file of a stored pack. */
export function without(name: string): (bytes: Buffer) => Buffer {
  return (bytes) => repack(bytes, (pack) => rmSync(join(pack, name)));
}

/** What a cache can hold, each in a copy of its own: take a fork of it. */
export interface Stages {
  /** A base, and a top that holds nothing, of the first commit. */
  readonly first: Scenario;
  /** On the same base a top of the second commit, with deltas. */
  readonly delta: Scenario;
  /** On the same base a top that needs none: of the first commit with a build more. */
  readonly plain: Scenario;
  /** The keys. */
  readonly base: string;
  readonly top: Readonly<Record<'first' | 'delta' | 'plain', string>>;
}

/** The build that is in `plain`. */
export const build = ['build', '-gcflags=example.com/...=-N', './...'] as const;

/** Runs three jobs. @param finished `afterAll` */
export async function stagesOf(finished: (clean: () => Promise<void>) => void): Promise<Stages> {
  const first = await Scenario.start({ finished });
  commit(first, 1);
  const saved = await soundJob(first);
  const base = saved.report.save.base?.key ?? '';
  const plain = await first.fork({ finished });
  const more = plain.job({ cold: true, token: plain.server.apiToken('write') });
  await more.main();
  await more.tests();
  expect((await more.go(...build)).exitCode).toBe(0);
  const ofPlain = (await more.post()).report.save;
  const delta = await first.fork({ finished });
  commit(first, 2);
  const ofDelta = (await soundJob(delta, { cold: true })).report.save;
  const keys = [saved.report.save.key, ofDelta.key, ofPlain.key].map((key) => key ?? '');
  const [ofFirst = '', deltaKey = '', plainKey = ''] = keys;
  expect(keys.map(baseKeyOf)).toEqual([base, base, base]);
  for (const stage of [plain, delta]) expect(stage.baseKeys()).toEqual([base]);
  expect([plain.setKeys(), delta.setKeys()]).toEqual([[plainKey], [deltaKey]]);
  const manifest = async (stage: Scenario, key: string): Promise<Manifest> => {
    const options = { input: await bytesIn(stage, key), encoding: 'utf8' } as const;
    return JSON.parse(execFileSync('tar', ['--zstd', '-xO', 'gobuild-test-pack/manifest.json'], options));
  };
  const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : Number.NaN);
  expect(countOf((await manifest(delta, deltaKey))['deltas'])).toBeGreaterThan(0);
  const inPlain = await manifest(plain, plainKey);
  expect([countOf(inPlain['deltas']), countOf(inPlain['parts']) > 0]).toEqual([0, true]);
  return { first, delta, plain, base, top: { first: ofFirst, delta: deltaKey, plain: plainKey } };
}

/** Adds a package of so many random bytes, which do not compress to less than half: the file is hexadecimal. */
export function addLarge(scenario: Scenario, seed: string, bytes: number): void {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, at) => hash('sha256', `${seed} ${at}`));
  scenario.write({
    'large/data.txt': blocks.join('').slice(0, bytes * 2),
    'large/large.go': 'package large\n\nimport _ "embed"\n\n//go:embed data.txt\nvar Data string\n',
  });
}
