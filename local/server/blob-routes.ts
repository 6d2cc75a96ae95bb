import { type Answer, type Incoming, textOf, withBody } from './answers.ts';
import type { BlobStore } from './blobs.ts';
import { rangeOf } from './ranges.ts';
import type { SignedUrls } from './signed-urls.ts';

/** The service version that the answers name; the toolkit's SDK does not look at it. */
const serviceVersion = '2024-11-04';

/**
 * The blob half of the protocol, as Azure's "Put Blob", "Put Block", "Put Block List", "Get Blob" and "Get Blob
 * Properties" of a block blob, as far as the SDK of `@actions/cache` 6.3.0 and its plain downloads use them.
 */
export class BlobRoutes {
  private readonly blobs: BlobStore;
  private readonly urls: SignedUrls;
  private readonly isOpen: (id: number) => boolean;

  constructor(blobs: BlobStore, urls: SignedUrls, isOpen: (id: number) => boolean) {
    this.blobs = blobs;
    this.urls = urls;
    this.isOpen = isOpen;
  }

  async answer(request: Incoming): Promise<Answer> {
    const write = request.method === 'PUT';
    if (!write && request.method !== 'GET' && request.method !== 'HEAD') {
      return failure(405, 'UnsupportedHttpVerb', request.method);
    }
    const id = this.urls.check(request.path, request.query, write ? 'w' : 'r');
    if (id === undefined)
      return failure(403, 'AuthenticationFailed', 'The signature does not fit, or its time is over.');
    if (!write) return this.read(request, id);
    // A real signed URL could overwrite the bytes of a finalized entry; here entries are immutable to the end.
    if (!this.isOpen(id)) return failure(409, 'BlobImmutableDueToPolicy', 'The entry is finalized.');
    return this.write(request, id);
  }

  private async write(request: Incoming, id: number): Promise<Answer> {
    switch (request.query.get('comp')) {
      case null:
        if (request.headers['x-ms-blob-type'] !== 'BlockBlob') {
          return failure(400, 'MissingRequiredHeader', 'x-ms-blob-type');
        }
        await this.blobs.put(id, request.body);
        return this.created(id);
      case 'block': {
        const blockId = request.query.get('blockid') ?? '';
        if (blockId === '') return failure(400, 'MissingRequiredQueryParameter', 'blockid');
        await this.blobs.putBlock(id, blockId, request.body);
        return { status: 201, headers: standardHeaders() };
      }
      case 'blocklist': {
        const missing = await this.blobs.commit(id, blockIdsOf(await textOf(request.body)));
        if (missing !== undefined) return failure(400, 'InvalidBlockList', missing);
        return this.created(id);
      }
      default:
        return failure(400, 'InvalidQueryParameterValue', 'comp');
    }
  }

  private async created(id: number): Promise<Answer> {
    const info = await this.blobs.info(id);
    const etag: Record<string, string> = info === undefined ? {} : { etag: info.etag };
    return { status: 201, headers: { ...standardHeaders(), ...etag, 'content-length': '0' } };
  }

  private async read(request: Incoming, id: number): Promise<Answer> {
    const info = await this.blobs.info(id);
    if (info === undefined) return failure(404, 'BlobNotFound', 'The specified blob does not exist.');
    const expected = request.headers['if-match'];
    // The SDK continues a broken download under this condition, so that two blobs are never mixed.
    if (expected !== undefined && expected !== '*' && expected !== info.etag) {
      return failure(412, 'ConditionNotMet', 'The blob is another one by now.');
    }
    const headers = {
      ...standardHeaders(),
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      etag: info.etag,
      'last-modified': info.lastModified.toUTCString(),
      'x-ms-blob-type': 'BlockBlob',
    };
    const range = request.method === 'HEAD' ? undefined : rangeOf(request.headers, info.bytes);
    if (range === null) {
      const answer = failure(416, 'InvalidRange', 'The range is not within the blob.');
      return { ...answer, headers: { ...answer.headers, 'content-range': `bytes */${info.bytes}` } };
    }
    const { start, end } = range ?? { start: 0, end: info.bytes - 1 };
    const length = { 'content-length': String(end - start + 1) };
    const part: Record<string, string> =
      range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${info.bytes}` };
    return {
      status: range === undefined ? 200 : 206,
      headers: { ...headers, ...length, ...part },
      body: { file: info.file, start, end },
    };
  }
}

/** The ids of `<BlockList><Latest>…</Latest></BlockList>`, in order; they are base64, so nothing is escaped. */
function blockIdsOf(xml: string): string[] {
  return [...xml.matchAll(/<(Latest|Uncommitted|Committed)>([^<]*)<\/\1>/g)].map((match) => match[2] ?? '');
}

function standardHeaders(): Record<string, string> {
  return { 'x-ms-version': serviceVersion, 'x-ms-request-server-encrypted': 'false' };
}

function failure(status: number, code: string, message: string): Answer {
  const text = message.replace(/[<&]/g, ' ');
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`;
  const answer = withBody(status, 'application/xml', xml);
  return { ...answer, headers: { ...standardHeaders(), ...answer.headers, 'x-ms-error-code': code } };
}
