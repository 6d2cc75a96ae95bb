import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type CacheServer, type CacheServerOptions, startCacheServer } from '../../local/server/server.ts';

/** A server over an empty directory, until the test ends. */
export async function temporaryServer(options: Partial<CacheServerOptions> = {}): Promise<CacheServer> {
  const directory = mkdtempSync(join(tmpdir(), 'gobuild-test-entries-'));
  const server = await startCacheServer({ directory, ...options });
  onTestFinished(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return server;
}

/** Stores an entry by the service's own calls, as a job of its ref would, without a pack. */
export async function storeEntry(
  server: CacheServer,
  entry: { readonly key: string; readonly ref?: string; readonly version?: string; readonly bytes?: number },
): Promise<void> {
  const { key, ref = 'refs/heads/main', version = 'v', bytes = 1 } = entry;
  const { ACTIONS_RUNTIME_TOKEN: token } = server.environment({ scopes: [{ ref, permission: 3 }] });
  const call = async (name: string, fields: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${server.url}twirp/github.actions.results.api.v1.CacheService/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key, version, ...fields }),
    });
    if (!answer.ok) throw new Error(`${name} of ${key}: ${answer.status} ${await answer.text()}`);
    return Object(await answer.json());
  };
  const { signed_upload_url: url } = await call('CreateCacheEntry', {});
  await fetch(String(url), {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    body: Buffer.alloc(bytes),
  });
  await call('FinalizeCacheEntryUpload', { size_bytes: String(bytes) });
}

export function keysOf(server: CacheServer): string[] {
  return server.entries().map((entry) => entry.key);
}
