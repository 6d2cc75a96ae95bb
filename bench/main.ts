import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { messageOf } from '../src/errors.ts';

/** A table is the module of its name in this directory; it exports `run(): Promise<void>`, which prints it. */
const tables = ['gocache', 'pack', 'overhead', 'project', 'warm', 'helpers', 'cacheprog', 'delta', 'commits'];

/** Runs every table, or the one that is named: `npm run bench -- NAME`. */
async function main(words: readonly string[]): Promise<void> {
  const [name, ...others] = words;
  if (others.length > 0 || (name !== undefined && !tables.includes(name))) {
    throw new Error(`no such table: ${words.join(' ')}; there are ${tables.join(', ')}`);
  }
  const [processor] = cpus();
  console.log(
    `${cpus().length} processors (${processor?.model ?? 'unknown'}), Node ${process.version}, ${goVersion()}`,
  );
  for (const table of name === undefined ? tables : [name]) {
    console.log(`\n## ${table}\n`);
    const run = await load(table);
    await run();
  }
}

function goVersion(): string {
  return execFileSync('go', ['version'], { encoding: 'utf8' }).trim();
}

async function load(table: string): Promise<() => Promise<void>> {
  const loaded: unknown = await import(new URL(`${table}.ts`, import.meta.url).href);
  if (!hasRun(loaded)) throw new Error(`bench/${table}.ts exports no run()`);
  return loaded.run;
}

function hasRun(loaded: unknown): loaded is { run: () => Promise<void> } {
  return typeof loaded === 'object' && loaded !== null && 'run' in loaded && typeof loaded.run === 'function';
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
