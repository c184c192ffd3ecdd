/**
 * Keeps refund requests going beside the purchases themselves, which may be under way still: sends a prepared request
 * until the shop answers, with pauses, also after a restart.
 */
import { ChitError, type ProblemCode } from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, UnreachableError, WalletError } from "./errors.ts";
import { payingAccountOf } from "./former-accounts.ts";
import { pauseAfter } from "./pauses.ts";
import { purchaseOf } from "./purchase-store.ts";
import {
  askRefundState,
  endRequest,
  isFullyRefunded,
  isRefundable,
  noteFailure,
  prepareRefund,
  type RefundWishInput,
  sendRefund,
} from "./refund.ts";
import { refreshReturns, returnsOf } from "./returns.ts";

export interface Refunds {
  /**
   * Asks the shop for the money of a purchase; resolves when the request is on disk.
   *
   * @throws {WalletError} `wrong-state`, `refund-amount`, `unknown-purchase`
   */
  ask(purchaseId: string, wish: RefundWishInput): Promise<void>;
  /**
   * Asks the operator what came back, and the shop how the purchase's refund stands, as far as there is one.
   *
   * @throws what either did, once both were asked
   */
  refresh(purchaseId: string): Promise<void>;
  /** Goes on with every request that is not answered. */
  resumeAll(): Promise<void>;
  busy(): boolean;
  /** Resolves when nothing is at work or pausing. */
  idle(): Promise<void>;
}

/** The proof is forwarded by the purchase itself; every other refusal is the shop's last word on these bytes. */
const PASSING: ProblemCode = "not-paid";

/** @param settled called when all of a purchase is given back: nothing of it is under way any more */
export function createRefunds(deps: CtsDeps, settled: (purchaseId: string) => void): Refunds {
  const pauses = new Map<string, AbortController>();
  /** Poked while they were at work: there may be another request. */
  const again = new Set<string>();
  const work = new Set<Promise<void>>();

  async function go(purchaseId: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      // An error here could not be recorded: the disk fails. The next start or alarm tries again.
      const rests = await attempt(purchaseId).catch(() => true);
      if (rests && !again.delete(purchaseId)) break;
      if (rests) continue;
      const wake = new AbortController();
      pauses.set(purchaseId, wake);
      await deps.sleep(pauseAfter(tries), wake.signal);
    }
    pauses.delete(purchaseId);
  }

  /** One try. True when nothing is left to do. */
  async function attempt(purchaseId: string): Promise<boolean> {
    const purchase = await deps.store.purchase(purchaseId);
    if (purchase === undefined || !isRefundable(purchase)) return true;
    try {
      await sendRefund(deps, purchase);
      await settleFull(purchaseId);
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (isFinal(error)) {
        await endRequest(deps, purchaseId, failure);
        return true;
      }
      await noteFailure(deps, purchaseId, failure);
      return false;
    }
  }

  async function settleFull(purchaseId: string): Promise<void> {
    if (isFullyRefunded(await deps.store.refund(purchaseId))) settled(purchaseId);
  }

  async function askShop(purchaseId: string): Promise<void> {
    const purchase = await purchaseOf(deps, purchaseId);
    const refund = await deps.store.refund(purchaseId);
    if (!isRefundable(purchase)) return;
    if (refund?.request) return poke(purchaseId);
    const begunHere = (await returnsOf(deps, purchase)).length > 0;
    if (refund === undefined && !begunHere) return;
    await askRefundState(deps, purchase);
    await settleFull(purchaseId);
  }

  async function askOperator(purchaseId: string): Promise<void> {
    const purchase = await purchaseOf(deps, purchaseId);
    if (!("accountKey" in purchase)) return;
    const account = await payingAccountOf(deps, purchase.accountKey);
    if (account !== undefined) await refreshReturns(deps, account.accountKey);
  }

  /** Sends the purchase's request now, also when it pauses. */
  function poke(purchaseId: string): void {
    const pause = pauses.get(purchaseId);
    if (pause !== undefined) {
      again.add(purchaseId);
      pause.abort();
      return;
    }
    pauses.set(purchaseId, new AbortController());
    const done = go(purchaseId).finally(() => work.delete(done));
    work.add(done);
  }

  return {
    async ask(purchaseId, wish) {
      await prepareRefund(deps, await purchaseOf(deps, purchaseId), wish);
      poke(purchaseId);
    },
    async refresh(purchaseId) {
      // The operator first: what came back unasked is a reason to ask the shop.
      const operator = await askOperator(purchaseId).then(nothing, failed);
      const shop = await askShop(purchaseId).then(nothing, failed);
      const failure = shop ?? operator;
      if (failure !== null) throw failure.error;
    },
    async resumeAll() {
      for (const { purchaseId, request } of await deps.store.refunds()) {
        if (request !== null && !pauses.has(purchaseId)) poke(purchaseId);
      }
    },
    busy: () => work.size > 0,
    async idle() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}

const nothing = () => null;
const failed = (error: unknown) => ({ error });

const isFinal = (error: unknown) => error instanceof RefusedError && error.code !== PASSING;

function failureOf(error: unknown) {
  const detail = error instanceof Error ? error.message.slice(0, 1_000) : "";
  if (error instanceof UnreachableError) return { code: "refund-unanswered", detail };
  if (error instanceof RefusedError) {
    const code = isFinal(error) ? "refund-refused" : "refund-unanswered";
    return { code, detail: `${error.code}: ${detail}` };
  }
  const forged = error instanceof ChitError || error instanceof WalletError;
  return { code: forged ? "shop-answer-forged" : "internal-error", detail };
}
