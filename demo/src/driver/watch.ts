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

/** Begins to watch; the wallet's background worker is seen as well as its pages. */
export function watchWallet(context: BrowserContext, walletOrigin: string): Watch {
  const started = new Map<Request, number>();
  let exchanges: Exchange[] = [];
  context.on("request", (request) => {
    started.set(request, performance.now());
  });
  context.on("requestfinished", (request) => {
    const startedAt = started.get(request);
    started.delete(request);
    const { pathname } = new URL(request.url());
    const kind = KINDS.find(
      ({ method, path }) => method === request.method() && path.test(pathname),
    );
    const worker = request.serviceWorker()?.url() ?? "";
    if (startedAt === undefined || kind === undefined || !worker.startsWith(walletOrigin)) return;
    const { steps, what, between } = kind;
    exchanges.push({ steps, what, between, startedAt, endedAt: performance.now() });
  });
  context.on("requestfailed", (request) => started.delete(request));
  return {
    take() {
      const taken = exchanges.toSorted((a, b) => a.startedAt - b.startedAt);
      exchanges = [];
      return taken;
    },
  };
}
