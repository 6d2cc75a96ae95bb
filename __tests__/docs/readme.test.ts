import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withTables } from '../../local/docs-tables.ts';
import { restoreAction, saveAction } from '../../local/sub-actions.ts';
import { parseInputs, passDefaults } from '../../src/config/inputs.ts';
import { endingOf } from '../../src/flow/ending.ts';
import { report } from './log-lines.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const readme = read('README.md');
const lines = readme.split('\n');
const action: Action = parse(read('action.yml'));

describe('action.yml', () => {
  it('has the defaults of the code: an input that is left out is as one that is empty', () => {
    const leftOut = parseInputs((name) => action.inputs[name]?.default ?? '', 2);
    const empty = parseInputs(() => '', 2);
    // Of the two lists alone, empty means another thing: no pass.
    const lists = { coverPackages: ['./...'], plainPackages: ['./tests/...'] };
    expect(leftOut).toEqual({ ...empty, compile: { ...empty.compile, ...lists } });
    for (const [name, text] of passDefaults)
      expect([name, action.inputs[name]?.default ?? '']).toEqual([name, text]);
  });

  it('declares every input that the code reads, and no other', () => {
    const asked = new Set<string>();
    for (const commands of ['', 'go test']) {
      parseInputs((name) => {
        asked.add(name);
        return name === 'test-commands' ? commands : '';
      }, 2);
    }
    for (const [, name = ''] of read('src/post.ts').matchAll(/get(?:Input|Secret)\('([\w-]+)'\)/g))
      asked.add(name);
    expect([...asked].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it('declares every output that the code sets, and no other', () => {
    expect(outputsSetIn('src/flow/tell.ts')).toEqual(Object.keys(action.outputs));
  });
});

describe('restore/action.yml and save/action.yml', () => {
  const [restore, save]: Action[] = [parse(read('restore/action.yml')), parse(read('save/action.yml'))];

  it('have what they repeat of action.yml in its words', () => {
    const root = read('action.yml');
    expect(read('restore/action.yml'), 'run npm run docs').toBe(
      restoreAction(read('restore/action.yml'), root),
    );
    expect(read('save/action.yml'), 'run npm run docs').toBe(saveAction(read('save/action.yml'), root));
  });

  it('have its inputs between them, each in one of them; the name is in both', () => {
    const all = [...Object.keys(restore?.inputs ?? {}), ...Object.keys(save?.inputs ?? {})];
    expect(all.sort()).toEqual([...Object.keys(action.inputs), 'name'].sort());
  });

  it('save/ has the inputs that save/ reads', () => {
    const read = new Set<string>();
    const inputs = parseInputs((name) => save?.inputs[name]?.default ?? '', 1);
    const ending = endingOf(inputs, { event: 'push', ref: '', defaultBranch: '' });
    for (const name of [...Object.keys(ending), 'name']) read.add(name);
    expect(
      Object.keys(save?.inputs ?? {})
        .map(camelCase)
        .sort(),
    ).toEqual(
      [...read, 'save', 'token', 'jobStatus']
        .filter((name) => name !== 'policy' && name !== 'isShared')
        .sort(),
    );
  });

  it('declare the outputs that the code sets', () => {
    expect(Object.keys(restore?.outputs ?? {})).toEqual(Object.keys(action.outputs));
    expect(Object.keys(save?.outputs ?? {})).toEqual(outputsSetIn('src/flow/save-now.ts'));
  });
});

describe('README.md', () => {
  it('has the inputs and outputs of action.yml, in its words', () => {
    expect(readme, 'run npm run docs').toBe(
      withTables(readme, {
        action: read('action.yml'),
        save: read('save/action.yml'),
        workflow: read('.github/workflows/gobuild-test.yml'),
      }),
    );
  });

  it.each(['npm ci && npm run try', 'npm ci && npm test', 'npm run try -- DIR'])(
    'has `%s` on a line of its own',
    (command) => {
      expect(lines.filter((line) => line === command)).toHaveLength(1);
    },
  );
});

describe('the examples of README.md', () => {
  const examples = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

  it.each(examples)('%s', (text) => {
    for (const step of stepsIn(parse(text)).filter(({ uses }) => uses === 'OWNER/gobuild-test@v1')) {
      const named = step.with ?? {};
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(named)));
      const { compile } = parseInputs((name) => named[name] ?? '', 2);
      // The lines that are warmed are lines that the job runs.
      const ran = stepsIn(parse(text)).map(({ run }) => run);
      if (compile.kind === 'commands')
        expect(ran).toEqual(expect.arrayContaining(named['test-commands']?.trim().split('\n') ?? []));
    }
  });

  it('use the action', () => {
    expect(examples.join('').match(/uses: OWNER\/gobuild-test@v1$/gm)).not.toBeNull();
  });
});

it('docs/report.md shows a report with every field there is', () => {
  const [, sample = '{}'] = /```json\n(.*?)```/s.exec(read('docs/report.md')) ?? [];
  expect(fieldsOf(JSON.parse(sample))).toEqual(fieldsOf(report));
});

/** The steps of a workflow, or of a list of steps. */
function stepsIn(example: Example): readonly Step[] {
  return 'jobs' in example ? Object.values(example.jobs).flatMap(({ steps }) => steps ?? []) : example;
}

function outputsSetIn(file: string): (string | undefined)[] {
  const [, block = ''] = /setOutputs\(\{\n(.*?)\n {2}\}\);/s.exec(read(file)) ?? [];
  return [...block.matchAll(/^ {4}'?([\w-]+)'?[:,]/gm)].map(([, name]) => name);
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `a.b` for every field of an object, through lists, sorted. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => fieldsOf(one, `${path}[]`)))];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value)
    .flatMap(([name, one]) => fieldsOf(one, `${path}.${name}`))
    .sort();
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
}

type Example =
  | readonly Step[]
  | { readonly jobs: Readonly<Record<string, { readonly steps?: readonly Step[] }>> };
