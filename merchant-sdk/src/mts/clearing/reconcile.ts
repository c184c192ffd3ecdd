/**
 * Reconciliation: what of sales, refunds and settlement reports does not meet, page by page. The store hands out what is
 * open, through indexes of what is open, so that a big shop's many good sales cost nothing; `finding.ts` judges.
 */
import {
  fromBase64url,
  fromUtf8,
  identifier,
  parseValue,
  time,
  toBase64url,
  utf8,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { MerchantError } from "../../errors.ts";
import { MERCHANT_LIMITS } from "../../limits.ts";
import type { Store } from "../store.ts";
import type { ClearingDeps } from "./clearing-deps.ts";
import { lastReport } from "./fetch-reports.ts";
import {
  FINDING_KINDS,
  type Finding,
  type FindingContext,
  type FindingKind,
  findDiffering,
  findHeldBack,
  findOpenOrder,
  findPaidTwice,
  findUnclaimed,
  findUnproven,
  findUnsettled,
} from "./finding.ts";

export interface ReconcileOptions {
  /** Only findings of these kinds. */
  readonly kinds?: readonly FindingKind[];
  /** `next` of the page before. */
  readonly after?: string;
  /** Findings on one page; 50 unless told. */
  readonly limit?: number;
}

/** A page of findings. */
export interface Reconciliation {
  readonly findings: readonly Finding[];
  /** Where the next page begins; null behind the last. */
  readonly next: string | null;
}

/** A place in what a store lists: a time or a cycle, and an id or an index. */
type Place = readonly [number, string | number];
const cursorSchema = v.tuple([
  v.picklist(FINDING_KINDS),
  v.nullable(
    v.tuple([
      v.union([time, whole(1, Number.MAX_SAFE_INTEGER)]),
      v.union([identifier, whole(0, Number.MAX_SAFE_INTEGER)]),
    ]),
  ),
]);

/**
 * One page of what does not meet.
 *
 * @throws {MerchantError} `options-invalid` for an `after` that is no page's
 */
export async function reconcile(
  deps: Pick<ClearingDeps, "store" | "clock">,
  { kinds = FINDING_KINDS, after, limit = MERCHANT_LIMITS.findings }: ReconcileOptions = {},
): Promise<Reconciliation> {
  const context = { now: deps.clock(), report: await lastReport(deps) };
  const findings: Finding[] = [];
  const [first, begin] = after === undefined ? [undefined, null] : readCursor(after);
  const open = kinds.slice(first === undefined ? 0 : Math.max(0, kinds.indexOf(first)));
  for (const [turn, kind] of open.entries()) {
    let place: Place | null = turn === 0 ? begin : null;
    do {
      const page: Row[] = await rowsOf(deps.store, kind, place, context);
      for (const row of page) {
        const finding = await row.find();
        if (finding === null) continue;
        if (findings.length === limit) return { findings, next: writeCursor(kind, place) };
        findings.push(finding);
        place = row.place;
      }
      place = page.length < PAGE ? null : (page.at(-1)?.place ?? null);
    } while (place !== null);
  }
  return { findings, next: null };
}

/** Rows that are looked at together. */
const PAGE = 100;

/** Something that may be a finding, and where it is. */
interface Row {
  readonly place: Place;
  readonly find: () => Promise<Finding | null>;
}

async function rowsOf(
  store: Store,
  kind: FindingKind,
  after: Place | null,
  context: FindingContext,
): Promise<Row[]> {
  switch (kind) {
    case "refund-open":
      return (await store.openOrders(timeCursor(after), PAGE)).map((order) => ({
        place: [order.at, order.orderId],
        async find() {
          const batch = order.batchId === null ? undefined : await store.batch(order.batchId);
          const sale = await store.find(order.transactionNumber);
          return findOpenOrder(order, batch?.state ?? null, sale, context);
        },
      }));
    case "payment-unproven":
      return entryRows(store, "unproven", after, (entry, sale) => {
        const finding = findUnproven(entry, sale);
        return finding?.kind === kind ? finding : null;
      });
    case "amount-differs": {
      const unproven = await entryRows(store, "unproven", after, (entry, sale) => {
        const finding = findUnproven(entry, sale);
        return finding?.kind === kind ? finding : null;
      });
      const differing = await entryRows(store, "differing", after, findDiffering);
      return [...unproven, ...differing].sort(byPlace).slice(0, PAGE);
    }
    case "held-back":
      return entryRows(store, "held-back", after, findHeldBack);
    case "not-settled": {
      if (context.report === undefined) return [];
      const { from } = context.report;
      return (await store.unsettledPayments(from, timeCursor(after), PAGE)).map((payment) => ({
        place: [payment.at, payment.paymentId],
        find: async () => findUnsettled(payment, await store.find(payment.transactionNumber)),
      }));
    }
    case "paid-twice": {
      const before = saleCursor(after);
      const sales = await store.list({
        paidTwice: true,
        limit: PAGE,
        ...(before === null ? {} : { before }),
      });
      return sales.map((sale) => ({
        place: [sale.issuedAt, sale.transactionNumber],
        find: async () => findPaidTwice(sale),
      }));
    }
    case "goods-unclaimed": {
      const before = context.now - MERCHANT_LIMITS.unclaimedSeconds;
      const sales = await store.unclaimedSales(before, saleCursor(after), PAGE);
      return sales.map((sale) => ({
        place: [sale.issuedAt, sale.transactionNumber],
        find: async () => findUnclaimed(sale),
      }));
    }
  }
}

type EntryJudge = (...given: Parameters<typeof findUnproven>) => Finding | null;

async function entryRows(
  store: Store,
  kind: "unproven" | "differing" | "held-back",
  after: Place | null,
  judge: EntryJudge,
): Promise<Row[]> {
  const from = after === null ? null : { cycle: after[0], index: Number(after[1]) };
  return (await store.entries({ kind }, from, PAGE)).map((booked) => ({
    place: [booked.cycle, booked.index],
    find: async () => judge(booked, await store.find(booked.entry.transactionNumber)),
  }));
}

const byPlace = ({ place: a }: Row, { place: b }: Row) =>
  a[0] - b[0] || Number(a[1]) - Number(b[1]);

const timeCursor = (place: Place | null) =>
  place === null ? null : { at: place[0], id: String(place[1]) };

const saleCursor = (place: Place | null) =>
  place === null ? null : { issuedAt: place[0], transactionNumber: String(place[1]) };

const writeCursor = (kind: FindingKind, place: Place | null) =>
  toBase64url(utf8(JSON.stringify([kind, place])));

function readCursor(text: string): v.InferOutput<typeof cursorSchema> {
  try {
    return parseValue(cursorSchema, JSON.parse(fromUtf8(fromBase64url(text))));
  } catch (cause) {
    throw new MerchantError(
      "options-invalid",
      "after is not the next of a reconciliation's page. Leave it out to begin with the first page.",
      { cause },
    );
  }
}
