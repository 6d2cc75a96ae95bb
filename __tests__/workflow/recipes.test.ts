import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Files, smallModule } from '../bundle/small-module.ts';
import { ActRepository, noAct, type Pushed } from './act.ts';
import { recorded, recordingGo } from './recorded-go.ts';

/** The recipes that need neither a container nor another machine, as they are written, twice each. */

const recipe = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, `../../docs/recipes/${name}.yml`), 'utf8');

/** One repository for all: a module at its root, and two below it for those who have several. */
const files: Files = {
  ...smallModule(),
  'tests/smoke/tagged_test.go':
    '//go:build integration\n\npackage smoke\n\nimport "testing"\n\nfunc TestTagged(*testing.T) {}\n',
  ...moduleAt('api'),
  ...moduleAt('worker'),
};

const unit =
  'example.com/small/cmd/tool example.com/small/core example.com/small/leaf example.com/small/plainlib';
const twoPasses = [`test -cover ${unit}`, 'test ./tests/...'];
const each = ['core', 'leaf', 'tests/smoke'].map((name) => `example.com/small/${name}`);

/** The commands by which the jobs of a recipe test, all of which may compile. */
const recipes: readonly (readonly [name: string, commands: readonly string[]])[] = [
  ['one-job', ['vet ./...', 'test ./...']],
  ['coverage-by-package', each.map((name) => `test -coverpkg=${name} ${name}`)],
  ['integration-tests', [`test -tags=integration -cover ${unit}`, 'test -tags=integration ./tests/...']],
  ['monorepo', ['test -cover ./...', 'test -cover ./...']],
  ['seeder-and-readers', twoPasses],
];

// Each compiles the standard library once more, in a shape of its own: on a busy machine that takes minutes.
describe.skipIf(noAct !== undefined)(noAct ?? 'with act', { timeout: 900_000 }, () => {
  let repository: ActRepository;
  beforeAll(async () => {
    repository = await ActRepository.start({ files, programs: { go: recordingGo() } });
  });
  afterAll(async () => repository.remove());

  /** The jobs' own commands, of a run in which nothing was compiled, by a warm neither. */
  function allCached(run: Pushed): string[] {
    expect(run.exitCode, run.log).toBe(0);
    const all = recorded(run);
    for (const { command, compiled } of all) expect([command, compiled]).toEqual([command, []]);
    return all.filter(({ warm }) => !warm).map(({ command }) => command);
  }

  test.each(recipes)(
    '%s: the warm compiles all that the job needs, once for all runs',
    async (name, commands) => {
      const before = repository.setKeys();
      const first = await repository.push(recipe(name));
      expect(first.exitCode, first.log).toBe(0);
      const warmed = recorded(first).filter(({ warm }) => warm);
      const own = recorded(first).filter(({ warm }) => !warm);
      expect(warmed.flatMap(({ compiled }) => compiled)).not.toEqual([]);
      for (const { command, compiled } of own) expect([command, compiled]).toEqual([command, []]);
      expect(repository.setKeys()).toHaveLength(before.length + 1);
      const second = await repository.push(recipe(name));
      expect(allCached(second).sort()).toEqual([...commands].sort());
      expect(repository.setKeys()).toHaveLength(before.length + 1);
    },
  );

  test('seeder-and-readers: on a pull request the readers wait for nothing', async () => {
    const done = await repository.pullRequest(recipe('seeder-and-readers'));
    expect(allCached(done).sort()).toEqual(twoPasses);
    expect(recorded(done).filter(({ warm }) => warm)).toEqual([]);
  });

  test('github-enterprise-server: the same seeder, written out', async () => {
    const done = await repository.push(recipe('github-enterprise-server'));
    expect(allCached(done).sort()).toEqual(twoPasses);
    expect(done.log).toContain('an exact set: ');
  });
});

/** A module of one package, `example.com/<name>`. */
function moduleAt(name: string): Files {
  return {
    [`${name}/go.mod`]: `module example.com/${name}\n\ngo 1.24\n`,
    [`${name}/${name}.go`]: `package ${name}\n\nfunc Name() string { return "${name}" }\n`,
    [`${name}/${name}_test.go`]: `package ${name}\n\nimport "testing"\n\nfunc TestName(t *testing.T) {\n\tif Name() != "${name}" {\n\t\tt.Fatal(Name())\n\t}\n}\n`,
  };
}
