/** What the pages are shown of accounts and purchases: no key, no session, no secret. */
import { amountToWire, toBase64url } from "@chit/protocol";
import type {
  AccountView,
  DevicesView,
  GoodsView,
  PurchaseSummary,
  PurchaseView,
  RefusalSummary,
} from "../messages.ts";
import { checkNumberOf } from "./account.ts";
import { hasNewPin } from "./account-rules.ts";
import type { CtsDeps } from "./deps.ts";
import type { DeviceList } from "./devices.ts";
import { payingAccountOf } from "./former-accounts.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { loyaltyChoice } from "./loyalty.ts";
import { PURCHASE_STATES, statesThatAre } from "./purchase-state.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, Purchase } from "./records.ts";
import { isFullyRefunded } from "./refund.ts";
import { refundView } from "./refund-view.ts";
import { hasPayerPage } from "./someone-else.ts";

export function accountView(account: Account): AccountView {
  const { operator, telephone, currency, scale } = account.facts;
  return {
    accountKey: account.accountKey,
    issuer: account.issuer,
    operator,
    telephone,
    currency,
    scale,
    condition: account.condition,
    drift: driftView(account),
    balance: account.balance,
    balanceAt: account.balanceAt,
    deviceName: account.deviceName,
    checkNumber: checkNumberOf(account),
    transactionCount: account.count,
  };
}

function driftView(account: Account): AccountView["drift"] {
  if (account.condition !== "out-of-sequence") return null;
  return { newPin: hasNewPin(account), refusedCount: account.countByHand };
}

/** This wallet first, then those that can pay or will, last used first; revoked ones at the end. */
export function devicesView(account: Account, list: Pick<DeviceList, "devices">): DevicesView {
  const devices = list.devices.map((device) => ({
    ...device,
    thisDevice: device.deviceId === account.deviceId,
  }));
  const rank = (device: (typeof devices)[number]) =>
    device.state === "revoked" ? 2 : device.thisDevice ? 0 : 1;
  const usedAt = (device: (typeof devices)[number]) => device.lastUsedAt ?? device.activatedAt;
  return { devices: devices.sort((a, b) => rank(a) - rank(b) || usedAt(b) - usedAt(a)) };
}

/** Purchases as lists show them. */
export async function purchaseSummaries(
  { store }: Pick<CtsDeps, "store">,
  purchases: readonly Purchase[],
): Promise<PurchaseSummary[]> {
  return Promise.all(
    purchases.map(async (one) =>
      purchaseSummary(one, isFullyRefunded(await store.refund(one.purchaseId))),
    ),
  );
}

function purchaseSummary(purchase: Purchase, givenBack: boolean): PurchaseSummary {
  const quote = quoteOf(purchase);
  const { waiting } = purchase;
  return {
    purchaseId: purchase.purchaseId,
    role: roleOf(purchase),
    state: purchase.state,
    shopName: purchase.shopName,
    shopOrigin: purchase.shopOrigin,
    title: quote.lines[0]?.description ?? "",
    amount: amountToWire(quote.amount),
    currency: quote.currency,
    scale: quote.scale,
    createdAt: purchase.createdAt,
    givenBack,
    waiting: waiting === null ? null : { code: waiting.code, detail: waiting.detail },
  };
}

export async function purchaseView(deps: CtsDeps, purchase: Purchase): Promise<PurchaseView> {
  const quote = quoteOf(purchase);
  const accounts = (await deps.store.accounts()).filter(({ issuer }) => issuer === purchase.issuer);
  const advice = "advice" in purchase ? purchase.advice : null;
  const delivery = advice?.delivery ?? null;
  const refund = await refundView(deps, purchase);
  return {
    ...purchaseSummary(purchase, refund?.full === true),
    transactionNumber: quote.transactionNumber,
    kind: quote.kind,
    addressRequired: quote.addressRequired,
    lines: quote.lines.map(({ description, quantity, amount }) => ({
      description,
      quantity,
      amount: amountToWire(amount),
    })),
    expiresAt: quote.expiresAt,
    issuers: quote.issuers,
    accounts: accounts.map(accountView),
    accountKey: await accountKeyHere(deps, purchase),
    confirmable: isConfirmable(purchase),
    payLink: "payLink" in purchase ? (purchase.payLink ?? null) : null,
    mayBePaidByAnother: mayBePaidByAnother(purchase),
    calledOff: "calledOff" in purchase && purchase.calledOff === true,
    payment: purchase.state === "payer-complete" ? purchase.payment : null,
    steps: purchase.steps,
    wrongPin: "wrongPin" in purchase ? purchase.wrongPin : null,
    failure: failureOf(purchase),
    refund,
    recognise: await loyaltyChoice(deps, quote),
    goods: await goodsViews(deps, purchase),
    delivery:
      delivery === null
        ? null
        : {
            text: delivery.text,
            carrier: delivery.carrier ?? null,
            trackingUrl: delivery.trackingUrl ?? null,
            expectedFrom: delivery.expectedFrom ?? null,
            expectedUntil: delivery.expectedUntil ?? null,
          },
    address: "address" in purchase ? purchase.address : null,
    technical: technicalView(purchase),
  };
}

/** The account on this computer that pays or paid; null also where a backup's is not connected (yet). */
async function accountKeyHere(deps: CtsDeps, purchase: Purchase): Promise<string | null> {
  if (!("accountKey" in purchase)) return null;
  // Somebody else paid, from an account that this wallet knows nothing of.
  if ("payLink" in purchase && purchase.payLink !== undefined) return null;
  return (await payingAccountOf(deps, purchase.accountKey))?.accountKey ?? null;
}

/** Whose the goods are. */
function roleOf(purchase: Purchase): PurchaseSummary["role"] {
  return "role" in purchase && purchase.role === "payer" ? "payer" : "initiator";
}

/** Whether the shopper may press Pay, for the first time or again. */
export function isConfirmable({ state, waiting }: Purchase): boolean {
  if (state === "quoted" || state === "payer-quoted") return true;
  // In line at its account, or pausing, it goes on by itself.
  if (state !== "quote-authenticated" && state !== "payer-confirmed") return false;
  if (waiting === null) return false;
  return waiting.retryAt === null && waiting.code !== "account-busy";
}

/** Whether the shopper may still ask somebody else to pay: a link that was called off stays so. */
export function mayBePaidByAnother(purchase: Purchase): boolean {
  if (roleOf(purchase) === "payer" || !isConfirmable(purchase)) return false;
  return hasPayerPage(purchase) && !("calledOff" in purchase);
}

const ALWAYS_IN_FRONT: readonly Purchase["state"][] = ["quoted", "payer-quoted", "awaiting-payer"];

/** All purchases that are not over. */
export function unfinished({ store }: Pick<CtsDeps, "store">): Promise<Purchase[]> {
  return store.purchasesIn([...statesThatAre("open"), ...statesThatAre("owed")]);
}

/** Of the unfinished ones what the home page puts in front: what waits for something or somebody. */
export function attention(purchases: readonly Purchase[]): Purchase[] {
  return purchases
    .filter(({ state, waiting }) => ALWAYS_IN_FRONT.includes(state) || waiting !== null)
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** The refusals of the last hour: their windows may have been held back, or closed before they were read. */
export async function recentRefusals(
  deps: Pick<CtsDeps, "store" | "nowSeconds">,
): Promise<RefusalSummary[]> {
  const oldest = deps.nowSeconds() - WALLET_LIMITS.refusalSeconds;
  const recent = (await deps.store.refusals()).filter(({ createdAt }) => createdAt >= oldest);
  // A page that was opened again and again is one line.
  const newest = new Map(recent.toReversed().map((refusal) => [refusal.quoteUrl, refusal]));
  return [...newest.values()]
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, WALLET_LIMITS.recent)
    .map(({ refusalId, createdAt, origin, failure }) => {
      return { refusalId, createdAt, origin, failure };
    });
}

/** A page of the history whose shop names or line texts contain `search`. */
export async function history(
  deps: Pick<CtsDeps, "store">,
  search: string,
  offset: number,
): Promise<{ purchases: PurchaseSummary[]; more: boolean }> {
  const wanted = search.trim().toLocaleLowerCase();
  const matches = (purchase: Purchase) => {
    if (PURCHASE_STATES[purchase.state] === "open") return false;
    if (wanted === "") return true;
    const { lines } = quoteOf(purchase);
    const texts = [purchase.shopName, ...lines.map(({ description }) => description)];
    return texts.some((text) => text.toLocaleLowerCase().includes(wanted));
  };
  const most = WALLET_LIMITS.historyPage;
  const found = await deps.store.history(offset, most + 1, matches);
  const purchases = await purchaseSummaries(deps, found.slice(0, most));
  return { purchases, more: found.length > most };
}

function failureOf(purchase: Purchase) {
  switch (purchase.state) {
    case "failed":
      return purchase.failure;
    case "complete":
      return purchase.notAgain ?? null;
    case "denied":
    case "payer-denied":
      return { code: purchase.reason, detail: "The operator denied the payment." };
    default:
      return null;
  }
}

async function goodsViews(deps: CtsDeps, purchase: Purchase): Promise<GoodsView[]> {
  if (!("advice" in purchase)) return [];
  return Promise.all(
    purchase.advice.goods.map(async (item) => {
      const { goodsId, name, filename, mediaType, size, presentation } = item;
      const progress = await deps.goods.progress(purchase.purchaseId, goodsId);
      const { received, verified: stored } = progress;
      return { goodsId, name, filename, mediaType, size, presentation, received, stored };
    }),
  );
}

function technicalView(purchase: Purchase): { name: string; value: string }[] {
  const quote = quoteOf(purchase);
  const rows: [string, string | null][] = [
    ["transactionNumber", quote.transactionNumber],
    ["merchantId", quote.merchantId],
    ["issuer", purchase.issuer],
    ["quoteHash", toBase64url(purchase.quoteHash)],
    ["sessionHash", "session" in purchase ? toBase64url(purchase.session.sessionHash) : null],
    ["requestHash", "request" in purchase ? toBase64url(purchase.request.requestHash) : null],
    ["proof-of-payment", "proof" in purchase ? purchase.proof : null],
    ["denial-of-payment", "denial" in purchase ? purchase.denial : null],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}
