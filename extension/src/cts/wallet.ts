/** The wallet's core as one object: what its pages and its content scripts can make it do. */
import { type Address, ChitError, isPin, toBase64url } from "@chit/protocol";
import { refreshStatus } from "./account.ts";
import { accountOf } from "./account-store.ts";
import { commit } from "./commit.ts";
import type { CtsDeps } from "./deps.ts";
import { NoAccountError, toFailure, WalletError } from "./errors.ts";
import { payingAccountOf } from "./former-accounts.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { chooseLoyalty } from "./loyalty.ts";
import { initiateSession } from "./purchase.ts";
import type { PurchaseEvent } from "./purchase-state.ts";
import { purchaseOf } from "./purchase-store.ts";
import { fetchQuote, type Pointer, verifyStoredQuote } from "./quote.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, Purchase, Refusal } from "./records.ts";
import { isMissingGoods, wishForGoods } from "./redelivery.ts";
import { createRefunds, type Refunds } from "./refunds.ts";
import { createRunner, type Runner } from "./runner.ts";
import { createScheduler } from "./scheduler.ts";
import { callOffLink, payLinkFor, sharedAt, vouchingAccount } from "./someone-else.ts";
import { isConfirmable, mayBePaidByAnother } from "./views.ts";

/** What the shopper gave when pressing Pay. */
export interface Confirmation {
  readonly purchaseId: string;
  readonly accountKey: string;
  readonly pin: string;
  readonly address: Address | null;
  /** Whether the shop may recognise the shopper, where it asks. */
  readonly recognise: boolean;
}

/** What became of a page's pointer. */
export type Taken =
  /** A quote to show. */
  | { readonly kind: "offered"; readonly purchase: Purchase }
  /** The wallet knows it from before. */
  | { readonly kind: "known"; readonly purchase: Purchase }
  /** It cannot be shown; the window says why. */
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface Wallet {
  /** Steps 1 and 2. Asked twice at once for the same URL it fetches once. */
  takeQuote(pointer: Pointer): Promise<Taken>;
  /** Pages that were refused for want of an account are looked at again, after set-up. */
  retakeRefused(): Promise<Taken[]>;
  /**
   * Steps 3 to 10 begin; resolves when the first state is on disk.
   *
   * @throws {WalletError | ChitError} with nothing begun and nothing changed
   */
  pay(confirmation: Confirmation): Promise<void>;
  /**
   * The purchase of a shared link is declined once the shop has taken the link out of use; it is not when somebody has paid.
   *
   * @throws {WalletError} `shop-unreachable`: the link still works
   */
  decline(purchaseId: string): Promise<void>;
  /**
   * Steps 3 and 4 run; then the purchase waits for somebody else's payment, with a link to share.
   *
   * @throws {WalletError | ChitError} `no-payer-link`, `address-required` …: nothing has changed
   */
  letSomeonePay(purchaseId: string, address: Address | null): Promise<void>;
  /** The link is called off as in `decline`, and the purchase can be paid from this wallet. */
  payMyself(purchaseId: string): Promise<void>;
  /**
   * Goods whose copies are gone are got again from the shop; resolves when the request is on disk. When all copies are
   * here, nothing happens.
   *
   * @throws {WalletError} `wrong-state`, `unknown-purchase`
   */
  getAgain(purchaseId: string): Promise<void>;
  readonly runner: Runner;
  readonly refunds: Refunds;
}

export function createWallet(deps: CtsDeps): Wallet {
  const scheduler = createScheduler();
  const runner = createRunner(deps, scheduler);
  const refunds = createRefunds(deps, (purchaseId) => runner.poke(purchaseId));
  const fetching = new Map<string, Promise<Taken>>();

  async function take(pointer: Pointer): Promise<Taken> {
    const own = await sharedAt(deps, pointer.quoteUrl);
    if (own !== undefined) return { kind: "known", purchase: own };
    const known = await deps.store.purchaseByQuoteUrl(pointer.quoteUrl);
    if (known !== undefined) {
      return { kind: "known", purchase: await movedToTab(deps, known, pointer.tabId) };
    }
    try {
      const purchase = await fetchQuote(deps, pointer);
      await deps.store.transact((transaction) => transaction.putPurchase(purchase));
      deps.changed(purchase);
      return { kind: "offered", purchase };
    } catch (error) {
      const refusal = await refuse(deps, pointer, error);
      return { kind: "refused", refusal };
    }
  }

  function takeQuote(pointer: Pointer): Promise<Taken> {
    const key = pointer.quoteUrl;
    const taken = fetching.get(key) ?? take(pointer).finally(() => void fetching.delete(key));
    fetching.set(key, taken);
    return taken;
  }

  /** Before any PIN is used: what the shopper sees is what the shop's certificate says, whoever began the purchase. */
  async function confirm(
    purchase: Purchase,
    account: Account,
    { address, recognise }: Pick<Confirmation, "address" | "recognise">,
  ): Promise<void> {
    if (purchase.state === "quoted") {
      const told = addressFor(purchase, address);
      const loyalty = await chooseLoyalty(deps, purchase, quoteOf(purchase), recognise);
      return initiateSession(deps, purchase, account, { address: told, loyalty });
    }
    // It may have come with a backup, and a backup may have been made by anybody.
    await verifyStoredQuote(deps, purchase, account);
    const { accountKey } = account;
    if (purchase.state === "payer-quoted") {
      await commit(deps, purchase, { type: "payer-confirmed", accountKey });
    } else if ("accountKey" in purchase && purchase.accountKey !== accountKey) {
      await commit(deps, purchase, { type: "account-connected", accountKey });
    }
  }

  /** The link is called off at the shop first: then `event` happens, unless somebody has paid already. */
  async function endLink(purchaseId: string, event: PurchaseEvent): Promise<void> {
    const purchase = await purchaseOf(deps, purchaseId);
    if (purchase.state !== "awaiting-payer") {
      throw new WalletError("wrong-state", `The purchase is ${purchase.state}.`);
    }
    await commit(deps, purchase, (await callOffLink(deps, purchase)) ?? event);
    runner.poke(purchaseId);
  }

  return {
    runner,
    refunds,
    takeQuote,

    async retakeRefused() {
      const oldest = deps.nowSeconds() - WALLET_LIMITS.refusalSeconds;
      const taken: Taken[] = [];
      for (const refusal of await deps.store.refusals()) {
        if (refusal.failure.code !== "no-account" || refusal.createdAt < oldest) continue;
        await deps.store.removeRefusal(refusal.refusalId);
        const { quoteUrl, origin, tabId, forSomebodyElse } = refusal;
        taken.push(await takeQuote({ quoteUrl, pageOrigin: origin, tabId, forSomebodyElse }));
      }
      return taken;
    },

    async pay({ purchaseId, accountKey, pin, address, recognise }) {
      if (!isPin(pin)) throw new ChitError("pin-invalid", "A PIN has 6 to 12 digits.");
      const purchase = await purchaseOf(deps, purchaseId);
      if (!isConfirmable(purchase)) {
        throw new WalletError("wrong-state", `The purchase is ${purchase.state} already.`);
      }
      // A session that was begun keeps its account and its address: the shop holds it to them.
      const begun =
        "accountKey" in purchase ? await payingAccountOf(deps, purchase.accountKey) : undefined;
      const account = await readyAccount(deps, begun?.accountKey ?? accountKey);
      await confirm(purchase, account, { address, recognise }).catch((error: unknown) => {
        // Should the quote have expired, the purchase ends now.
        runner.poke(purchaseId);
        throw error;
      });
      runner.poke(purchaseId, pin);
    },

    async getAgain(purchaseId) {
      const purchase = await purchaseOf(deps, purchaseId);
      if (purchase.state !== "complete") {
        throw new WalletError("wrong-state", `The purchase is ${purchase.state}.`);
      }
      if (!(await isMissingGoods(deps, purchase))) return;
      await commit(deps, purchase, await wishForGoods(deps, purchase));
      runner.poke(purchaseId);
    },

    async letSomeonePay(purchaseId, address) {
      const purchase = await purchaseOf(deps, purchaseId);
      if (!mayBePaidByAnother(purchase)) {
        throw new WalletError("no-payer-link", "Nobody else can be asked to pay for this.");
      }
      if (purchase.state === "quoted") {
        const account = await vouchingAccount(deps, purchase);
        const told = { address: addressFor(purchase, address), loyalty: null };
        await initiateSession(deps, purchase, account, told, true);
      } else if (purchase.state === "quote-authenticated") {
        const payLink = payLinkFor(purchase, purchase.session);
        await commit(deps, purchase, { type: "payer-asked", payLink });
      }
      runner.poke(purchaseId);
    },

    async payMyself(purchaseId) {
      await endLink(purchaseId, { type: "payer-called-off" });
    },

    async decline(purchaseId) {
      const purchase = await purchaseOf(deps, purchaseId);
      if (purchase.state === "awaiting-payer") return endLink(purchaseId, { type: "declined" });
      await commit(deps, purchase, { type: "declined" });
      runner.poke(purchaseId);
    },
  };
}

/** An address is sent where it is needed, and nowhere else. */
function addressFor({ quote }: Purchase, address: Address | null): Address | null {
  if (!quoteOf({ quote }).addressRequired) return null;
  if (address === null) {
    throw new WalletError("address-required", "These goods need a shipping address.");
  }
  return address;
}

/**
 * The account, if it can pay. One that could not when last heard of is asked again: its owner may have called
 * the telephone service since.
 */
async function readyAccount(deps: CtsDeps, accountKey: string): Promise<Account> {
  const account = await accountOf(deps, accountKey);
  const ready = account.condition === "active" || account.condition === "pin-changed";
  const current = ready ? account : await refreshStatus(deps, accountKey);
  switch (current.condition) {
    case "active":
    case "pin-changed":
      return current;
    case "awaiting-pin":
      throw new WalletError("awaiting-pin", "Call the telephone service for the first PIN.");
    case "pin-locked":
      throw new WalletError("pin-locked", "Call the telephone service for a new PIN.");
    case "out-of-sequence":
      throw new WalletError("out-of-sequence", "The account may have been used elsewhere.");
    case "held":
      throw new WalletError("account-held", "A hold is on the account.");
    case "device-revoked":
      throw new WalletError("device-revoked", "This device was revoked.");
  }
}

/** The page may have been opened anew in another tab: what it waits for goes there. */
async function movedToTab(
  deps: CtsDeps,
  purchase: Purchase,
  tabId: number | null,
): Promise<Purchase> {
  if (purchase.tabId === tabId) return purchase;
  return deps.store.transact(async (transaction) => {
    const current = (await transaction.purchase(purchase.purchaseId)) ?? purchase;
    const moved = { ...current, tabId };
    await transaction.putPurchase(moved);
    return moved;
  });
}

async function refuse(deps: CtsDeps, pointer: Pointer, error: unknown): Promise<Refusal> {
  const refusal: Refusal = {
    refusalId: toBase64url(deps.crypto.randomBytes(16)),
    createdAt: deps.nowSeconds(),
    origin: pointer.pageOrigin,
    quoteUrl: pointer.quoteUrl,
    tabId: pointer.tabId,
    forSomebodyElse: pointer.forSomebodyElse ?? false,
    issuers: error instanceof NoAccountError ? [...error.issuers] : [],
    failure: toFailure(error),
  };
  await deps.store.putRefusal(refusal);
  for (const { refusalId } of (await deps.store.refusals()).slice(WALLET_LIMITS.refusals)) {
    await deps.store.removeRefusal(refusalId);
  }
  deps.changed(null);
  return refusal;
}
