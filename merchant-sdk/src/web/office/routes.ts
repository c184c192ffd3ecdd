/** The addresses of the back office. */
import type { Answer } from "./answer.ts";
import { overviewPage } from "./pages/overview.ts";
import { reconciliationCsv, reconciliationPage, resolveFinding } from "./pages/reconciliation.ts";
import { decide, refundsCsv, refundsPage } from "./pages/refunds.ts";
import { cancelFromSale, refundSale, salePage } from "./pages/sale.ts";
import { cancelQuote, quotesCsv, quotesPage, salesCsv, salesPage } from "./pages/sales.ts";
import {
  fetchReportsNow,
  reportPage,
  runBatchNow,
  sendAgain,
  settlementPage,
} from "./pages/settlement.ts";
import { batchesCsv, entriesCsv, reportsCsv } from "./pages/settlement-csv.ts";
import type { Visit } from "./visit.ts";

type Get = (visit: Visit) => Answer | Promise<Answer>;
type Post = (visit: Visit, fields: ReadonlyMap<string, string>) => Promise<Answer>;

/** What an address answers. */
export interface Route {
  readonly get?: Get;
  readonly post?: Post;
}

/** Addresses without a name in them. */
const FIXED: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["", { get: overviewPage }],
  ["sales", { get: salesPage }],
  ["sales.csv", { get: salesCsv }],
  ["quotes", { get: quotesPage }],
  ["quotes.csv", { get: quotesCsv }],
  ["refunds", { get: refundsPage }],
  ["refunds.csv", { get: refundsCsv }],
  ["settlement", { get: settlementPage }],
  ["settlement/batch", { post: runBatchNow }],
  ["settlement/reports", { post: fetchReportsNow }],
  ["reports.csv", { get: reportsCsv }],
  ["batches.csv", { get: batchesCsv }],
  ["reconciliation", { get: reconciliationPage, post: resolveFinding }],
  ["reconciliation.csv", { get: reconciliationCsv }],
]);

const ID = "([A-Za-z0-9_-]{22})";
const CYCLE = "([1-9][0-9]{0,14})";

/** Addresses of one sale, batch or report, and what they answer with its name. */
const NAMED: readonly (readonly [RegExp, (name: string) => Route])[] = [
  [new RegExp(`^sales/${ID}$`), (name) => ({ get: (visit) => salePage(visit, name) })],
  [
    new RegExp(`^sales/${ID}/refund$`),
    (name) => ({ post: (visit, fields) => refundSale(visit, name, fields) }),
  ],
  [
    new RegExp(`^sales/${ID}/cancel$`),
    (name) => ({ post: (visit) => cancelFromSale(visit, name) }),
  ],
  [new RegExp(`^quotes/${ID}/cancel$`), (name) => ({ post: (visit) => cancelQuote(visit, name) })],
  [
    new RegExp(`^refunds/${ID}$`),
    (name) => ({ post: (visit, fields) => decide(visit, name, fields) }),
  ],
  [new RegExp(`^batches/${ID}/again$`), (name) => ({ post: (visit) => sendAgain(visit, name) })],
  [
    new RegExp(`^reports/${CYCLE}$`),
    (name) => ({ get: (visit) => reportPage(visit, Number(name)) }),
  ],
  [
    new RegExp(`^reports/${CYCLE}\\.csv$`),
    (name) => ({ get: (visit) => entriesCsv(visit, Number(name)) }),
  ],
];

/** The route of a path below the back office's root, without the leading slash; null for none. */
export function findRoute(path: string): Route | null {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return fixed;
  for (const [pattern, routeOf] of NAMED) {
    const name = pattern.exec(path)?.[1];
    if (name !== undefined) return routeOf(name);
  }
  return null;
}
