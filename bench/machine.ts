import { execFileSync, spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** What figures were measured on, a line each for the machine and for the programs. */
export function machineLines(): string[] {
  const [processor] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const [, zstd = 'none'] =
    /v([\d.]+)/.exec(spawnSync('zstd', ['--version'], { encoding: 'utf8' }).stdout) ?? [];
  const go = execFileSync('go', ['version'], { encoding: 'utf8' }).trim().replace('go version go', 'Go ');
  return [
    `${cpus().length} processors (${processor?.model.trim() ?? 'unknown'}), ${memory} GiB of memory`,
    `Node ${process.version.slice(1)}, ${go}, zstd ${zstd}`,
  ];
}
