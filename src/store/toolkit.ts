import * as cache from '@actions/cache';
import { packPath, type TransferRequest, type TransferResult } from './request.ts';

/** The one adapter of `@actions/cache`. It prints what goes wrong rather than telling: see `toolkit-process.ts`. */
export async function perform(request: TransferRequest): Promise<TransferResult> {
  if (!cache.isFeatureAvailable()) return { error: 'the runner offers this job no cache service' };
  if (request.kind === 'save') return { entry: await cache.saveCache([packPath], request.key) };
  const [primary, ...others] = request.keys;
  const lookupOnly = request.kind === 'lookup';
  const key = await cache.restoreCache([packPath], primary, others, { lookupOnly });
  return { key: key ?? null };
}
