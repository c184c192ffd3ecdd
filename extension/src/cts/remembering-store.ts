/**
 * Records that were read or written lately need not be read again: each rung of a purchase and each look of its window
 * asks for the same few, and an IndexedDB transaction takes longer than what is done with the answer. This worker alone
 * writes the wallet's database; a worker that is stopped takes its memory along.
 */
import { WALLET_LIMITS } from "./limits.ts";
import type { Store, StoreTransaction } from "./store.ts";

/** What is remembered. `*` of a kind is the answer for all of its records. */
type Kind = "accounts" | "purchases" | "refunds" | "returns";

/**
 * The same store with a memory for what a purchase asks again and again. Only what is on disk is remembered, and nothing
 * is answered from memory while anything is being written: then the disk says which came first. Records are frozen.
 */
export function rememberingStore(store: Store): Store {
  /** By kind and key, the latest last. */
  const answers = new Map<string, unknown>();
  let writes = 0;
  /** Counts writes that began or ended: an answer from before one says nothing of after it. */
  let epoch = 0;

  function remember(kind: Kind, key: string, answer: unknown): void {
    const name = `${kind} ${key}`;
    answers.delete(name);
    answers.set(name, freeze(answer));
    const oldest = answers.keys().next();
    if (answers.size > WALLET_LIMITS.recordsInMemory && !oldest.done) answers.delete(oldest.value);
  }

  function forget(kind: Kind): void {
    for (const name of answers.keys()) if (name.startsWith(`${kind} `)) answers.delete(name);
  }

  async function ask<T>(kind: Kind, key: string, read: () => Promise<T>): Promise<T> {
    const name = `${kind} ${key}`;
    if (writes === 0 && answers.has(name)) return answers.get(name) as T;
    const before = epoch;
    const answer = await read();
    if (writes === 0 && epoch === before) remember(kind, key, answer);
    return answer;
  }

  /** Runs a write; `keep` is called when it is on disk. What may have changed is forgotten however it ends. */
  async function write<T>(
    run: () => Promise<T>,
    kinds: Iterable<Kind>,
    keep: () => void,
  ): Promise<T> {
    writes += 1;
    epoch += 1;
    try {
      const result = await run();
      ended();
      keep();
      return result;
    } catch (error) {
      ended();
      throw error;
    }

    function ended(): void {
      writes -= 1;
      epoch += 1;
      for (const kind of kinds) forget(kind);
    }
  }

  return {
    ...store,
    transact(change) {
      const changed = new Set<Kind>();
      const put = new Map<string, () => void>();
      const run = () => store.transact((transaction) => change(noting(transaction)));
      return write(run, changed, () => {
        for (const keep of put.values()) keep();
      });

      function noting(transaction: StoreTransaction): StoreTransaction {
        const note = (kind: Kind, key: string, record?: object): void => {
          changed.add(kind);
          if (record === undefined) put.delete(`${kind} ${key}`);
          else put.set(`${kind} ${key}`, () => remember(kind, key, record));
        };
        return {
          ...transaction,
          putAccount(account) {
            note("accounts", account.accountKey, account);
            return transaction.putAccount(account);
          },
          putPurchase(purchase) {
            note("purchases", purchase.purchaseId, purchase);
            return transaction.putPurchase(purchase);
          },
          removePurchase(purchaseId) {
            note("purchases", purchaseId);
            return transaction.removePurchase(purchaseId);
          },
          putRefund(refund) {
            note("refunds", refund.purchaseId);
            return transaction.putRefund(refund);
          },
          putReturn(returned) {
            note("returns", "*");
            return transaction.putReturn(returned);
          },
        };
      }
    },
    removeAccount: (key) =>
      write(
        () => store.removeAccount(key),
        ["accounts"],
        () => undefined,
      ),
    accounts: async () => [...(await ask("accounts", "*", () => store.accounts()))],
    account: (key) => ask("accounts", key, () => store.account(key)),
    purchase: (key) => ask("purchases", key, () => store.purchase(key)),
    refund: (key) => ask("refunds", key, () => store.refund(key)),
    returns: async () => [...(await ask("returns", "*", () => store.returns()))],
  };
}

/** So that nobody changes what others are given too. Bytes cannot be frozen; nobody writes into those of a record. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
