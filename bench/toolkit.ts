import { resolve } from 'node:path';
import { LocalRunner } from '../local/runner.ts';
import type { CacheServer } from '../local/server/server.ts';

const root = resolve(import.meta.dirname, '..');

const program = `
import { restoreCache, saveCache } from '@actions/cache';
const [verb, path, key, ...others] = process.argv.slice(1);
const started = performance.now();
const done = await (verb === 'save' ? saveCache([path], key) : restoreCache([path], key, others));
console.log(JSON.stringify({ done: done ?? null, seconds: (performance.now() - started) / 1000 }));
process.exit(0);
`;

/** One call of the toolkit: the key that a restore has matched, null for none; seconds of the call alone. */
interface Called {
  readonly matched: string | null;
  readonly seconds: number;
}

/** The toolkit as a step of actions/cache calls it, in a process of its own: for one directory on one machine. */
export class Toolkit {
  readonly #server: CacheServer;
  readonly #runner: LocalRunner;

  /** @param home a directory that is there; what the toolkit leaves is below it */
  constructor(server: CacheServer, home: string, name: string) {
    this.#server = server;
    this.#runner = new LocalRunner({ workspace: home, temp: `${home}/${name}`, action: root });
  }

  /** @param prefixes of the keys that do as well, the newest entry of each */
  async restore(directory: string, key: string, prefixes: readonly string[] = []): Promise<Called> {
    const { done, seconds } = await this.#call(['restore', directory, key, ...prefixes]);
    return { matched: typeof done === 'string' ? done : null, seconds };
  }

  /** @throws Error where the entry is not saved */
  async save(directory: string, key: string): Promise<number> {
    const { done, seconds } = await this.#call(['save', directory, key]);
    if (typeof done !== 'number' || done < 0) throw new Error(`${key} was not saved`);
    return seconds;
  }

  async #call(words: readonly string[]): Promise<{ done: string | number | null; seconds: number }> {
    const args = ['--input-type=module', '-e', program, ...words];
    const options = { cwd: root, env: this.#server.environment() };
    const { exitCode, log, stdout } = await this.#runner.exec(process.execPath, args, options);
    if (exitCode !== 0) throw new Error(log);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  }
}
