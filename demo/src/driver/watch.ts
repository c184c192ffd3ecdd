/** Watches the wallet's traffic and tells which of the paper's steps it is, and how long each took. */
import type { BrowserContext, Request } from "playwright";

/** One round trip of a purchase, in milliseconds since 1970 as the browser measured them. */
export interface Exchange {
  /** The paper's steps. */
  readonly steps: string;
  readonly what: string;
  readonly between: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

const KINDS: readonly {
  readonly method: string;
  readonly path: RegExp;
  readonly steps: string;
  readonly what: string;
  readonly between: string;
}[] = [
  {
    method: "GET",
    path: /^\/chit\/quotes\//,
    steps: "1–2",
    what: "quote",
    between: "wallet ⇄ shop",
  },
  {
    method: "POST",
    path: /^\/chit\/session$/,
    steps: "3–4",
    what: "session initiation, quote authentication",
    between: "wallet ⇄ shop",
  },
  {
    method: "POST",
    path: /^\/v1\/payments$/,
    steps: "5–6",
    what: "request-for-payment, payment response",
    between: "wallet ⇄ TPS",
  },
  {
    method: "POST",
    path: /^\/chit\/proof$/,
    steps: "7–8",
    what: "proof-of-payment, shipping advice",
    between: "wallet ⇄ shop",
  },
  {
    method: "POST",
    path: /^\/chit\/goods$/,
    steps: "9–10",
    what: "send goods, goods",
    between: "wallet ⇄ shop",
  },
];

export interface Watch {
  /** What was seen since the last call, in order. */
  take(): Exchange[];
}

/** Begins to watch the wallet's background worker. */
export function watchWallet(context: BrowserContext, walletOrigin: string): Watch {
  let seen: { request: Request; kind: (typeof KINDS)[number] }[] = [];
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    const kind = KINDS.find(
      ({ method, path }) => method === request.method() && path.test(pathname),
    );
    const worker = request.serviceWorker()?.url() ?? "";
    if (kind !== undefined && worker.startsWith(walletOrigin)) seen.push({ request, kind });
  });
  return {
    take() {
      const exchanges = seen.map(({ request, kind: { steps, what, between } }) => {
        // The browser's own measure; when we hear of it says little on a busy computer.
        const { startTime, responseStart, responseEnd } = request.timing();
        const endedAt = startTime + Math.max(responseStart, responseEnd, 0);
        return { steps, what, between, startedAt: startTime, endedAt };
      });
      seen = [];
      return exchanges.toSorted((a, b) => a.startedAt - b.startedAt);
    },
  };
}
