import { spawnSync } from 'node:child_process';
import { splitFields } from '../src/flags.ts';
import type { Command, Lab } from './warm-lab.ts';

/** What the rows about compiles are measured on, where every test binary is linked. */
export const area = { cover: './modules/caddyhttp/...', plain: './modules/caddyhttp/templates/...' };
/** The job's commands compile and link; their tests may need what is not here. */
export const noTest = '-run=^$';
/** For `go list -f`: the import paths of packages with tests. */
export const isTested = '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}';

interface Shape {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The job's own, after `go`. */
  readonly commands: readonly Command[];
  readonly race?: boolean;
}

async function shapes(
  lab: Lab,
  gocache: string,
): Promise<Record<'self' | 'each', Shape> & { others: Shape[] }> {
  const plainOnes = await lab.list(gocache, [area.plain]);
  const isMeasured = (path: string) => !plainOnes.includes(path);
  const measured = (await lab.list(gocache, [area.cover])).filter(isMeasured);
  const tested = (await lab.list(gocache, ['-f', isTested, area.cover])).filter(isMeasured);
  const passes = { 'cover-packages': area.cover, 'plain-packages': area.plain };
  const racing = ['-race', '-covermode=atomic'];
  const test = (...words: string[]): Command => ['test', noTest, ...words];
  const replay = (lines: readonly string[], commands: readonly Command[], race = false): Shape => ({
    ...{ name: `test-commands: ${lines.join('; ')}`, inputs: { 'test-commands': lines.join('\n') } },
    ...{ commands, race },
  });
  return {
    self: { name: 'self', inputs: passes, commands: [test('-cover', ...measured), test(area.plain)] },
    each: {
      name: 'cover-shape: each',
      inputs: { ...passes, 'cover-shape': 'each' },
      commands: [...tested.map((path) => test(`-coverpkg=${path}`, path)), test(area.plain)],
    },
    others: [
      {
        name: 'coverpkg: ./...',
        inputs: { ...passes, coverpkg: './...' },
        commands: [test('-coverpkg=./...', ...measured), test(area.plain)],
      },
      {
        name: `build-flags: ${racing.join(' ')}`,
        inputs: { ...passes, 'build-flags': racing.join(' ') },
        commands: [test('-cover', ...racing, ...measured), test('-race', area.plain)],
        race: true,
      },
      replay([`go test ${area.cover}`], [test(area.cover)]),
      replay([`gotestsum --format=dots -- -race ${area.cover}`], [test('-json', '-race', area.cover)], true),
      replay(
        [`go test -coverpkg=./... -coverprofile=cover.out ${area.cover}`, `go vet ${area.cover}`],
        [test('-coverpkg=./...', '-coverprofile=cover.out', area.cover), ['vet', area.cover]],
      ),
    ],
  };
}

/**
 * Packages that the job's commands compile after main's warm, by -debug-actiongraph; they link for real. Each warm
 * starts from a GOCACHE that has the standard library and the dependencies, and post's sweep then leaves what that
 * warm has used or made and nothing else: so no shape finds what another has compiled.
 */
export async function compileAfter(lab: Lab, base: string): Promise<void> {
  const { self, each, others } = await shapes(lab, base);
  const compiler = await hasCompiler(lab, base);
  let raced = base;
  for (const { name, race = false, inputs, commands } of [self, each, ...others]) {
    const title = `compiles in the job after the warm, ${name}`;
    if (race && !compiler) {
      console.log(`| ${title} | skipped: no C compiler | | | | 0 |`);
      continue;
    }
    const gocache = lab.gocache(race ? raced : base);
    const compiled = await compiles(lab, gocache, inputs, commands);
    console.log(`| ${title} | ${compiled} | | | | 0 |`);
    if (race && raced === base) raced = gocache;
    else lab.drop(gocache);
  }
  // Why `each` exists: what `self` makes does not do for commands that measure each package by itself.
  const gocache = lab.gocache(base);
  const compiled = await compiles(lab, gocache, self.inputs, each.commands);
  console.log(`| compiles in the job of each after the warm of self | ${compiled} | | | | |`);
}

async function compiles(
  lab: Lab,
  gocache: string,
  inputs: Shape['inputs'],
  commands: readonly Command[],
): Promise<number> {
  await lab.warmAlone(gocache, inputs);
  let compiled = 0;
  for (const command of commands) compiled += await lab.compiled(gocache, command);
  return compiled;
}

async function hasCompiler(lab: Lab, gocache: string): Promise<boolean> {
  const [compiler] = splitFields(await lab.go(gocache, ['env', 'CC']));
  return compiler !== undefined && spawnSync(compiler.text, ['--version']).status === 0;
}
