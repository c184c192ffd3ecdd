/** The shop's MTS as the wallet sees it: steps 2, 3, 7 and 9, recovery, and nothing else. All throw as `exchange` does. */
import { LIMITS } from "@chit/protocol";
import { download, exchange, type HttpDeps } from "./http.ts";

/** Step 2: the quote's exact bytes, not yet verified. */
export function getQuote(deps: HttpDeps, quoteUrl: string): Promise<Uint8Array> {
  return exchange(deps, quoteUrl, undefined, LIMITS.quoteBytes);
}

/** Steps 3 and 4. */
export function postSession(deps: HttpDeps, url: string, body: Uint8Array): Promise<Uint8Array> {
  return exchange(deps, url, body);
}

/** Steps 7 and 8. */
export function postProof(deps: HttpDeps, url: string, body: Uint8Array): Promise<Uint8Array> {
  return exchange(deps, url, body);
}

/** Recovery after the sale. */
export function postRecovery(deps: HttpDeps, url: string, body: Uint8Array): Promise<Uint8Array> {
  return exchange(deps, url, body);
}

/** Steps 9 and 10: the encrypted delivery as it comes. */
export function postSendGoods(
  deps: HttpDeps,
  url: string,
  body: Uint8Array,
): Promise<AsyncGenerator<Uint8Array>> {
  return download(deps, url, body);
}
