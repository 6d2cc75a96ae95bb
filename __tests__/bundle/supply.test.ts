import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type RolldownOptions, rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';

/** What of others is in dist/, and that it is what package.json and the lock file say. */
const root = resolve(import.meta.dirname, '../..');
const readJson = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const manifest: Manifest = readJson('package.json');
const { packages }: { packages: Record<string, Locked> } = readJson('package-lock.json');
const installed = Object.entries(packages).filter(([path]) => path !== '');

describe('package.json and the lock file', () => {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies };

  it.each(Object.entries(wanted))('%s is wanted in one version: %s', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packages[`node_modules/${name}`]?.version).toBe(version);
  });

  it('agree on what is wanted', () => {
    const { dependencies, devDependencies } = manifest;
    expect(packages['']).toMatchObject({ version: manifest.version, dependencies, devDependencies });
  });

  it('have a hash for every package, and take none from elsewhere than the registry', () => {
    expect(installed.length).toBeGreaterThan(100);
    for (const [path, { integrity, resolved = 'https://registry.npmjs.org/', link }] of installed) {
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/)]);
      expect([path, resolved]).toEqual([path, expect.stringMatching(/^https:\/\/registry\.npmjs\.org\//)]);
      expect([path, link]).toEqual([path, undefined]);
    }
  });

  it('let one package alone run a script when it is installed: the Node that runs the tests', () => {
    expect(manifest.allowScripts).toEqual({ node: true });
  });
});

describe('what is bundled', () => {
  /** By their places in the lock file, told by the bundler's own list of modules. */
  let bundled: readonly string[];

  beforeAll(async () => {
    const config = pathToFileURL(join(root, 'rolldown.config.js')).href;
    const { default: programs }: { default: RolldownOptions[] } = await import(config);
    const places = await Promise.all(programs.map(bundledPackages));
    bundled = [...new Set(places.flat())].sort();
    expect(bundled.length).toBeGreaterThan(manifestNames().length);
  });

  it('comes from the dependencies that package.json names, and of those each is in it', () => {
    for (const path of bundled) expect([path, packages[path]]).toEqual([path, expect.objectContaining({})]);
    // npm marks what only a development dependency needs.
    const others = bundled.filter((path) => packages[path]?.dev || packages[path]?.devOptional);
    expect(others).toEqual([]);
    expect(bundled).toEqual(expect.arrayContaining(manifestNames().map((name) => `node_modules/${name}`)));
  });

  it('is in dist/sbom.json, each package as the lock file has it, and nothing else is', () => {
    const sbom: Sbom = readJson('dist/sbom.json');
    const { components, metadata, ...head } = sbom;
    expect(head).toEqual({
      ...{ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX' },
      ...{ specVersion: '1.6', version: 1 },
    });
    const { name, version, license } = manifest;
    const licenses = [{ expression: license }];
    expect(metadata).toEqual({ component: { type: 'application', name, version, licenses } });
    expect(components).toHaveLength(bundled.length);
    expect(components).toEqual(expect.arrayContaining(bundled.map(componentOf)));
  });

  it('is in dist/licenses.txt, each package with its version, licence and text', () => {
    const licences = readFileSync(join(root, 'dist', 'licenses.txt'), 'utf8');
    const chapters = licences.split(`\n${'-'.repeat(80)}\n\n`);
    const heads = bundled.map((path) => `${nameOf(path)} ${packages[path]?.version}: ${licenceOf(path)}`);
    expect(chapters.map((chapter) => chapter.split('\n')[0]).sort()).toEqual(heads.sort());
    for (const chapter of chapters) {
      const [head, ...text] = chapter.split('\n');
      const said = text.join('\n');
      // Without a text of its own, the author and the place of its sources stand for it.
      expect([head, said]).toEqual([
        head,
        expect.stringMatching(/permission|no text .* source: git\+https:/i),
      ]);
    }
  });
});

describe('npm audit', () => {
  // npm starts the tests, and says where it is itself.
  const npm = process.env['npm_execpath'] ?? '';

  it('finds nothing of high or above in what is bundled (skipped where the registry does not answer)', ({
    skip,
  }) => {
    if (!npm.endsWith('.js')) skip('the tests were not started by npm');
    const args = [npm, 'audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=30000'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    const audit: Audit = JSON.parse(stdout || '{}');
    if (audit.vulnerabilities === undefined)
      skip(`the registry answers no audit: ${audit.message ?? 'no connection'}`);
    const found = Object.values(audit.vulnerabilities ?? {});
    expect(found.filter(({ severity }) => severity === 'high' || severity === 'critical')).toEqual([]);
  });
});

async function bundledPackages({ output, plugins: _, ...input }: RolldownOptions): Promise<string[]> {
  const bundle = await rolldown({ ...input, cwd: root });
  const { output: chunks } = await bundle.generate(Array.isArray(output) ? output[0] : output);
  await bundle.close();
  const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  return modules.flatMap((id) => {
    const [, path] = /[/\\](node_modules[/\\].*)$/.exec(id) ?? [];
    return path === undefined ? [] : [placeOf(path.replaceAll('\\', '/'))];
  });
}

/** `node_modules/a/node_modules/@b/c` of a file in it. */
function placeOf(path: string): string {
  return /^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+/.exec(path)?.[0].slice(0, -1) ?? path;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function manifestNames(): string[] {
  return Object.keys(manifest.dependencies);
}

function licenceOf(path: string): string {
  const { license }: { license: string } = readJson(`${path}/package.json`);
  return license;
}

function componentOf(path: string) {
  const { version, integrity } = packages[path] ?? {};
  const name = nameOf(path);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const content = Buffer.from(integrity?.replace('sha512-', '') ?? '', 'base64').toString('hex');
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version, purl },
    hashes: [{ alg: 'SHA-512', content }],
    licenses: [{ expression: licenceOf(path) }],
  };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: unknown;
}

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

interface Sbom {
  readonly metadata: unknown;
  readonly components: readonly unknown[];
}

interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
  readonly message?: string;
}
