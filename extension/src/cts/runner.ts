/**
 * Keeps purchases going: climbs rung by rung, and where a rung does not hold says what the purchase waits for,
 * pauses, and tries again. After the payment was requested it never gives up.
 */
import { ChitError } from "@chit/protocol";
import type { WalletFailureCode } from "../messages.ts";
import { commit, setWaiting } from "./commit.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, toFailure, UnreachableError, WalletError } from "./errors.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { LONGEST_PAUSE, pauseAfter } from "./pauses.ts";
import { climb, type Hand } from "./purchase.ts";
import { statesThatAre } from "./purchase-state.ts";
import type { Failure, Purchase, PurchaseStateName } from "./records.ts";
import { unlessRefunded } from "./refunded.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Runner {
  /** Goes on with the purchase now, also when it pauses; with the PIN that was just typed, or none. */
  poke(purchaseId: string, pin?: string): void;
  /**
   * Goes on with everything that is unfinished, after a start or an alarm. Whatever runs already is left alone, and
   * so are goods that wait for the shopper.
   */
  resumeAll(): Promise<void>;
  /** Whether any purchase is at work or pausing. */
  busy(): boolean;
  /** Resolves when no purchase is at work or pausing. */
  idle(): Promise<void>;
}

interface Run {
  pin: string | null;
  /** Somebody asked for another look: the next pause is skipped. */
  poked: boolean;
  /** Ends a pause or a place in line. */
  wake: AbortController;
}

export function createRunner(deps: CtsDeps, scheduler: Scheduler): Runner {
  const runs = new Map<string, Run>();
  const work = new Set<Promise<void>>();

  function begin(purchaseId: string, run: Run): void {
    runs.set(purchaseId, run);
    const done = go(purchaseId, run).finally(() => work.delete(done));
    work.add(done);
  }

  async function go(purchaseId: string, run: Run): Promise<void> {
    for (;;) {
      // An error here could not be recorded: the disk fails. The next start or alarm tries again.
      const rests = await advance(purchaseId, run).catch(() => true);
      if (run.wake.signal.aborted) run.wake = new AbortController();
      else if (rests) break;
    }
    runs.delete(purchaseId);
  }

  /** One rung, or the pause before it. True when the purchase rests: it ended or waits for somebody. */
  async function advance(purchaseId: string, run: Run): Promise<boolean> {
    const purchase = await deps.store.purchase(purchaseId);
    if (purchase === undefined) return true;
    const pause = (purchase.waiting?.retryAt ?? 0) - deps.nowSeconds();
    if (pause > 0 && !run.poked) {
      // A clock that was set back must not make the pause longer than any pause is.
      await deps.sleep(Math.min(pause, LONGEST_PAUSE), run.wake.signal);
      return false;
    }
    run.poked = false;
    const { signal } = run.wake;
    const dropPin = () => {
      run.pin = null;
    };
    const hand: Hand = { pin: run.pin, signal, dropPin };
    try {
      const next = () => climb(deps, scheduler, purchase, hand);
      return !(await unlessRefunded(deps, purchase, next));
    } catch (error) {
      return stumbled(purchase, error);
    }
  }

  /** Records what went wrong. True when the purchase rests. */
  async function stumbled(purchase: Purchase, error: unknown): Promise<boolean> {
    const current = await deps.store.purchase(purchase.purchaseId);
    // It went on meanwhile (declined, say): look again.
    if (current === undefined || current.state !== purchase.state) return false;
    const { failure, kind } = judge(purchase.state, error);
    if (kind === "final") return !(await commit(deps, purchase, { type: "failed", failure }));
    const same = current.waiting?.code === failure.code;
    const tries = same ? (current.waiting?.tries ?? 0) + 1 : 1;
    if (
      kind === "no-more" ||
      (kind === "few-then-no-more" && tries >= WALLET_LIMITS.damagedTries)
    ) {
      return !(await commit(deps, purchase, { type: "redelivery-refused", failure }));
    }
    const rests = kind === "rest" || (kind === "few" && tries >= WALLET_LIMITS.damagedTries);
    const retryAt = rests ? null : deps.nowSeconds() + pauseAfter(tries);
    await setWaiting(deps, purchase, failure.code, failure.detail, tries, retryAt);
    return rests;
  }

  return {
    poke(purchaseId, pin) {
      const run = runs.get(purchaseId);
      if (run === undefined) {
        begin(purchaseId, { pin: pin ?? null, poked: true, wake: new AbortController() });
        return;
      }
      run.pin = pin ?? run.pin;
      run.poked = true;
      run.wake.abort();
    },
    async resumeAll() {
      const states: PurchaseStateName[] = [...statesThatAre("open"), ...statesThatAre("owed")];
      const purchases = await deps.store.purchasesIn([...states, "denied", "payer-denied"]);
      // Requests under way have their account's turn before anybody presses Pay.
      for (const purchase of purchases) {
        if (purchase.state !== "payment-requested" && purchase.state !== "payer-requested")
          continue;
        void scheduler.enter(purchase.accountKey, purchase.purchaseId);
      }
      for (const purchase of purchases) {
        const { purchaseId } = purchase;
        if (runs.has(purchaseId) || waitsForTheShopper(purchase)) continue;
        begin(purchaseId, { pin: null, poked: false, wake: new AbortController() });
      }
    },
    busy: () => runs.size > 0,
    async idle() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}

/**
 * Goods that came damaged again and again: an alarm must not load them for ever. And a payment of another device whose
 * answer is gone: asking again would tell nothing else.
 */
function waitsForTheShopper({ state, waiting }: Purchase): boolean {
  const rests = state === "goods-requested" || waiting?.code === "payment-unknown";
  return rests && waiting !== null && waiting.retryAt === null;
}

/**
 * `again`: tried again for ever. `few`: a few times, then the shopper must ask. `rest`: not by itself. `final`: the
 * purchase failed. `no-more`: what was wanted again is not got now; `few-then-no-more`: after a few tries.
 */
interface Judgement {
  readonly failure: Failure;
  readonly kind: "again" | "few" | "rest" | "final" | "no-more" | "few-then-no-more";
}

/** What an error means in a state. Only before a payment was requested can it end a purchase. */
function judge(state: PurchaseStateName, error: unknown): Judgement {
  const failure = toFailure(error);
  const cause = causeOf(error);
  const wait = (code: WalletFailureCode, kind: "again" | "few" = "again"): Judgement => ({
    failure: { code, detail: detailOf(error) },
    kind,
  });
  if (failure.code === "payment-unknown") return { failure, kind: "rest" };
  if (cause === "own") return { failure, kind: "again" };
  switch (state) {
    case "session-initiated":
      if (cause === "unreachable") return wait("shop-unreachable");
      // Whatever is wrong with the answer, the shop has not shown that the offer is its own.
      return cause === "not-genuine"
        ? { failure: { ...failure, code: "shop-answer-forged" }, kind: "final" }
        : { failure, kind: "final" };
    case "awaiting-payer":
      if (cause === "unreachable") return wait("shop-unreachable");
      return wait(cause === "refused" ? "shop-refused" : "shop-answer-forged");
    case "quote-authenticated":
    case "payer-confirmed":
      return wait(cause === "unreachable" ? "issuer-unreachable" : "issuer-answer-forged");
    case "payment-requested":
    case "payer-requested":
      if (cause === "unreachable") return wait("checking-payment");
      return wait(cause === "refused" ? "issuer-refused" : "issuer-answer-forged");
    case "paid":
    case "payer-paid":
      if (cause === "unreachable") return wait("waiting-for-shop");
      return wait(cause === "refused" ? "shop-refused" : "shop-answer-forged");
    case "advised":
    case "goods-requested":
      if (cause === "unreachable") return wait("waiting-for-goods");
      if (cause === "refused") return wait("shop-refused");
      return { failure, kind: "few" };
    case "recovering": {
      // No money hangs on it, and the shopper can ask again.
      const detail = detailOf(error);
      return cause === "unreachable"
        ? { failure: { code: "redelivery-unanswered", detail }, kind: "few-then-no-more" }
        : { failure: { code: "redelivery-refused", detail }, kind: "no-more" };
    }
    case "quoted":
    case "complete":
    case "declined":
    case "denied":
    case "failed":
    case "payer-quoted":
    case "payer-complete":
    case "payer-denied":
      return { failure, kind: "again" };
  }
}

/** Who is at fault: nobody answered, somebody refused, an answer is not genuine, or the wallet itself stumbled. */
function causeOf(error: unknown): "unreachable" | "refused" | "not-genuine" | "own" {
  if (error instanceof UnreachableError) return "unreachable";
  if (error instanceof WalletError && error.code === "issuer-unreachable") return "unreachable";
  if (error instanceof RefusedError) return "refused";
  return error instanceof ChitError ? "not-genuine" : "own";
}

function detailOf(error: unknown): string {
  if (error instanceof RefusedError) return `${error.code}: ${error.message}`.slice(0, 1_000);
  return error instanceof Error ? error.message.slice(0, 1_000) : "";
}
