import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** As distributions name it, and as GitHub's images have it. */
const names = ['chromium', 'google-chrome', 'chromium-browser'];

/** The name of a Chromium that is on PATH and starts; undefined where there is none. */
export function findBrowser(): string | undefined {
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** The DOM of a local page after its scripts. @throws Error where the browser fails */
export function domOf(browser: string, file: string): string {
  return run(browser, file, ['--dump-dom']);
}

/** Writes a PNG of a local page from its upper left corner. @throws Error where the browser fails */
export function takePicture(
  browser: string,
  file: string,
  options: {
    readonly to: string;
    readonly width: number;
    readonly height: number;
    /** Pixels of the picture for one of the page. */
    readonly scale: number;
  },
): void {
  const { to, width, height, scale } = options;
  run(browser, file, [
    `--screenshot=${to}`,
    `--window-size=${Math.ceil(width)},${Math.ceil(height)}`,
    `--force-device-scale-factor=${scale}`,
    '--hide-scrollbars',
  ]);
}

function run(browser: string, file: string, args: readonly string[]): string {
  const profile = mkdtempSync(join(tmpdir(), 'gobuild-test-browser-'));
  try {
    const { status, stdout, stderr, error } = spawnSync(
      browser,
      [
        '--headless',
        '--no-sandbox', // Root has none, nor have most containers; the pages are our own.
        '--disable-gpu',
        '--disable-dev-shm-usage', // A container has little of /dev/shm.
        `--user-data-dir=${profile}`,
        '--virtual-time-budget=60000', // Ends when the page has nothing left to do.
        ...args,
        pathToFileURL(file).href,
      ],
      { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
    );
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`${browser} ended with ${status}: ${stderr}`);
    return stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
