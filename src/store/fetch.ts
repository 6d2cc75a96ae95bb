import { HttpClient } from '@actions/http-client';
import { fetch } from 'undici';

/**
 * A fetch that goes through the proxy which `http_proxy`, `https_proxy` and `no_proxy` name, as the toolkit's own
 * requests do. Node's fetch does not read them by itself. The one adapter of `undici` here.
 */
export function proxiedFetch(): typeof fetch {
  const client = new HttpClient();
  return (input, init) => {
    const url = typeof input === 'string' || input instanceof URL ? input : input.url;
    const dispatcher = client.getAgentDispatcher(String(url));
    return fetch(input, { ...init, ...(dispatcher === undefined ? {} : { dispatcher }) });
  };
}
