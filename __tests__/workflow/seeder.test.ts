import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { endInputs } from '../../local/sub-actions.ts';

/** The reusable workflow, as it is written; act.test.ts runs it. */
const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const workflow: Called = parse(read('.github/workflows/gobuild-test.yml'));
const { inputs, outputs } = workflow.on.workflow_call;
const { seed } = workflow.jobs;
const action: { inputs: Record<string, Input> } = parse(read('action.yml'));
const stepOf = (id: string): Step => seed.steps.find((step) => step.id === id) ?? {};

/** Inputs of the action that a job without commands of its own has no use for. */
const useless = ['trace', 'on-miss', 'token', 'job-status', 'helpers-dir'];
/** Inputs of the job itself. */
const own = ['runs-on', 'timeout-minutes', 'go-version', 'go-version-file', 'prepare'];

describe('the reusable workflow', () => {
  it('is to be called and nothing else, with the permissions of its caller', () => {
    expect(Object.keys(workflow.on)).toEqual(['workflow_call']);
    expect(workflow.permissions).toBeUndefined();
    expect(seed.permissions).toBeUndefined();
  });

  it('has every input of the action that makes sense, and those of a job', () => {
    const sensible = Object.keys(action.inputs).filter((name) => !useless.includes(name));
    expect(Object.keys(inputs).sort()).toEqual([...sensible, ...own].sort());
  });

  it('has the defaults of the action, but for warm: nothing else compiles there', () => {
    for (const [name, input] of Object.entries(inputs)) {
      const root = name === 'warm' ? 'always' : (action.inputs[name]?.default ?? '');
      if (!own.includes(name)) expect([name, String(input.default)]).toEqual([name, root]);
    }
  });

  it('types and describes each input', () => {
    for (const { type, default: text, description } of Object.values(inputs)) {
      expect(typeof text).toBe(type);
      expect(description).toMatch(/\.$/);
    }
  });

  it('hands each on to the sub-action that has it', () => {
    const names = Object.keys(inputs).filter((name) => !own.includes(name));
    const handed = (of: readonly string[]) =>
      Object.fromEntries(of.map((name) => [name, `\${{ inputs.${name} }}`]));
    expect(stepOf('restore').with).toEqual(handed(names.filter((name) => !endInputs.has(name))));
    expect(stepOf('save').with).toEqual(handed(['name', ...names.filter((name) => endInputs.has(name))]));
  });

  it('has outputs that the sub-actions have', () => {
    for (const [name, { value }] of Object.entries(outputs))
      expect(value).toBe(`\${{ jobs.seed.outputs.${name} }}`);
    expect(Object.keys(seed.outputs)).toEqual(Object.keys(outputs));
    for (const [name, value] of Object.entries(seed.outputs)) {
      const [, step] = /^\$\{\{ steps\.(restore|save)\.outputs\.([\w-]+) \}\}$/.exec(value) ?? [];
      expect(value).toBe(`\${{ steps.${step}.outputs.${name} }}`);
      const of: { outputs: object } = parse(read(`${step}/action.yml`));
      expect(Object.keys(of.outputs)).toContain(name);
    }
  });

  it("finds its sub-actions at its own commit: that is the linter's one exception", () => {
    expect([stepOf('restore').uses, stepOf('save').uses]).toEqual(['$/restore', '$/save']);
    const linter: { paths: Record<string, { ignore: string[] }> } = parse(read('.github/actionlint.yaml'));
    expect(Object.keys(linter.paths)).toEqual(['.github/workflows/gobuild-test.yml']);
    expect(Object.values(linter.paths).flatMap(({ ignore }) => ignore)).toHaveLength(1);
  });
});

interface Input {
  readonly type?: string;
  readonly default?: string | number | boolean;
  readonly description: string;
}

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Called {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, Input>>;
      readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    };
  };
  readonly permissions?: unknown;
  readonly jobs: {
    readonly seed: {
      readonly permissions?: unknown;
      readonly outputs: Readonly<Record<string, string>>;
      readonly steps: readonly Step[];
    };
  };
}
