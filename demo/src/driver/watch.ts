/** Watches the wallet's traffic and tells which of the paper's steps it is, and how long each took. */
import type { BrowserContext, Request } from "playwright";

/** One round trip of a purchase, in milliseconds of one clock. */
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
  const seen = new Map<Request, Exchange>();
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    const kind = KINDS.find(
      ({ method, path }) => method === request.method() && path.test(pathname),
    );
    const worker = request.serviceWorker()?.url() ?? "";
    if (kind === undefined || !worker.startsWith(walletOrigin)) return;
    const { steps, what, between } = kind;
    const startedAt = performance.now();
    seen.set(request, { steps, what, between, startedAt, endedAt: startedAt });
  });
  const answered = (request: Request) => {
    const exchange = seen.get(request);
    if (exchange !== undefined) seen.set(request, { ...exchange, endedAt: performance.now() });
  };
  context.on("response", (response) => answered(response.request()));
  context.on("requestfinished", answered);
  return {
    take() {
      const taken = [...seen.values()].toSorted((a, b) => a.startedAt - b.startedAt);
      seen.clear();
      return taken;
    },
  };
}
