/**
 * Notarizing a purchase: a file by which its payment can be shown to anybody, without the shop's or the operator's help.
 * What is asked of the operator is public, and says nothing of the account.
 */
import {
  ChitError,
  createNotarization,
  type KeyList,
  leafHash,
  logEntry,
  NOTARIZATION_EXTENSION,
  verifyInclusion,
  verifyKeyList,
  verifyNotarization,
} from "@chit/protocol";
import type { NotarizationView } from "../notarization-view.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, WalletError } from "./errors.ts";
import { reachIssuer, refreshKeyList } from "./issuer.ts";
import { followLog, type TrustedLog } from "./known-log.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { fetchLogEntry } from "./log-client.ts";
import { purchaseOf } from "./purchase-store.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, FormerAccount, Purchase } from "./records.ts";

/** Who notarizes, one purchase of an issuer after the other: each checkpoint is held against the one before. */
export interface Notary {
  /**
   * @throws {WalletError} `unknown-purchase`, `unknown-account`; `wrong-state` for a purchase that is not paid;
   * `issuer-unreachable`; `log-unreadable` when what the issuer shows does not verify
   */
  notarize(purchaseId: string): Promise<NotarizationView>;
}

export function createNotary(deps: CtsDeps): Notary {
  let last: Promise<unknown> = Promise.resolve();
  return {
    notarize(purchaseId) {
      const mine = last.then(() => notarize(deps, purchaseId));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

type Paid = Extract<Purchase, { proof: string }>;

async function notarize(deps: CtsDeps, purchaseId: string): Promise<NotarizationView> {
  const purchase = await purchaseOf(deps, purchaseId);
  if (!("proof" in purchase)) {
    throw new WalletError("wrong-state", "Only a payment that was made can be notarized.");
  }
  const { accountKey } = await holderFor(deps, purchase);
  try {
    return await reachIssuer(notarizeUnder(deps, purchase, accountKey));
  } catch (error) {
    if (error instanceof ChitError || error instanceof RefusedError) {
      throw new WalletError("log-unreadable", error.message, { cause: error });
    }
    throw error;
  }
}

/** Under the issuer's newest key list: checkpoints may be signed by a key that came after the payment. */
async function notarizeUnder(
  deps: CtsDeps,
  purchase: Paid,
  accountKey: string,
): Promise<NotarizationView> {
  await refreshKeyList(deps, accountKey);
  const { rootKey, keyList } = await holderFor(deps, purchase);
  const list = verifyKeyList(deps.crypto, rootKey, keyList, deps.nowSeconds());
  const log = await followLog(deps, list);
  if (log.kind !== "trusted") return alarmView(log.kind, list, log.contradiction);
  const entry = await fetchLogEntry(deps, list.iss, logEntry(purchase.proof));
  if (entry.type === "log-entry-awaited") return { outcome: "awaited", seconds: entry.seconds };
  // The log grew between the two answers; its next checkpoint has the entry.
  if (entry.index >= log.checkpoint.size)
    return { outcome: "awaited", seconds: WALLET_LIMITS.checkpointCacheSeconds };
  const path = await provenPath(purchase, log, entry.index);
  const { certificate } = quoteOf(purchase);
  const text = createNotarization(
    { proof: purchase.proof, certificate, keyList },
    { index: entry.index, path, checkpoint: log.note },
  );
  const { payment } = verifyNotarization(deps.crypto, rootKey, text);
  const day = new Date(payment.iat * 1_000).toISOString().slice(0, 10);
  const name = `payment-${day}-${payment.transactionNumber.slice(0, 8)}`;
  return { outcome: "notarized", filename: `${name}${NOTARIZATION_EXTENSION}`, text };
}

/** @throws {ChitError} `authentication-failed` */
async function provenPath(
  { proof }: Paid,
  { tree, checkpoint }: TrustedLog,
  index: number,
): Promise<Uint8Array[]> {
  const path = await tree.inclusionProof(index);
  const leaf = leafHash(logEntry(proof));
  if (verifyInclusion({ ...checkpoint, leaf, index }, path)) return path;
  throw new ChitError("authentication-failed", "The payment is not where the issuer says.");
}

/** An account of the purchase's issuer, for the keys that were pinned with it: its own, or any other. */
async function holderFor(
  { store }: Pick<CtsDeps, "store">,
  purchase: Paid,
): Promise<Account | FormerAccount> {
  const holders = [...(await store.accounts()), ...(await store.formerAccounts())];
  const found =
    holders.find(({ accountKey }) => accountKey === purchase.accountKey) ??
    holders.find(({ issuer }) => issuer === purchase.issuer);
  if (found !== undefined) return found;
  throw new WalletError("unknown-account", "The wallet has no account of this operator any more.");
}

/** The two signed checkpoints, to be shown to others. */
function alarmView(
  reason: "shrunk" | "forked",
  { operator, iss }: KeyList,
  {
    known,
    shown,
    seenAt,
  }: { readonly known: string; readonly shown: string; readonly seenAt: number },
): NotarizationView {
  const at = new Date(seenAt * 1_000).toISOString();
  const text = [
    `Two checkpoints of the payment log of ${operator} (${iss}), both signed, that contradict each other.`,
    `Seen by a Chit wallet at ${at}. First the one that was known, then the one that was shown.`,
    known,
    shown,
  ].join("\n\n");
  const filename = `log-evidence-${at.slice(0, 10)}.txt`;
  return { outcome: "alarm", reason, operator, filename, text };
}
