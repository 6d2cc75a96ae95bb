import { sameText, signature } from './tokens.ts';

/** `r` to read a blob, `w` to write it: the letters of an Azure SAS. */
export type Access = 'r' | 'w';

/** One hour, as long as the upload of a large entry may take. */
const lifetimeMs = 3600 * 1000;

/** The Azure SDK takes the first part of a path on an IP address for the account, the second for the container. */
const blobPath = /^\/local\/actions-cache\/(\d+)$/;

/**
 * Makes and checks signed URLs: `sp` the access, `se` the end of their life (ISO 8601), `sig` an HMAC over
 * both and the blob, the parameters of Azure's shared access signatures (the toolkit masks `sig` in logs).
 */
export class SignedUrls {
  private readonly secret: string;
  private readonly now: () => number;

  constructor(secret: string, now: () => number) {
    this.secret = secret;
    this.now = now;
  }

  /** A URL for one blob, good for an hour. */
  make(origin: string, id: number, access: Access): string {
    const end = new Date(this.now() + lifetimeMs).toISOString();
    const url = new URL(`/local/actions-cache/${id}`, origin);
    url.search = new URLSearchParams({ sp: access, se: end, sig: this.sign(id, access, end) }).toString();
    return url.href;
  }

  /** The blob of a URL that is signed for this access and still good; undefined for any other. */
  check(path: string, query: URLSearchParams, access: Access): number | undefined {
    const id = Number(blobPath.exec(path)?.[1] ?? Number.NaN);
    const [end, given] = [query.get('se') ?? '', query.get('sig') ?? ''];
    if (!(Date.parse(end) > this.now())) return undefined;
    return sameText(given, this.sign(id, access, end)) ? id : undefined;
  }

  /** Whether a path names a blob at all. */
  isBlob(path: string): boolean {
    return blobPath.test(path);
  }

  private sign(id: number, access: Access, end: string): string {
    return signature(`${id}\n${access}\n${end}`, this.secret);
  }
}
