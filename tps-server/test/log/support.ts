/** Payments for the log, a log that tells what it signs, and what anybody reads of it. */
import { logEntry, verifyCheckpoint } from "@chit/protocol";
import { collectPayments } from "../../src/clearing/collect.ts";
import { appendToLog, type LogDeps } from "../../src/log/append.ts";
import { checkLog, type LogCheck } from "../../src/log/check.ts";
import { readPublished } from "../../src/log/log-store.ts";
import type { Database } from "../../src/store/database.ts";
import type { Wallet } from "../support/wallet.ts";
import { random, type World } from "../support/world.ts";

/** Pays so often, through the payment path, and collects. @returns the proofs */
export async function payAndCollect(wallet: Wallet, times: number): Promise<string[]> {
  const proofs: string[] = [];
  for (let time = 0; time < times; time++) {
    const response = await wallet.pay({ amount: 1n });
    if (response.outcome !== "paid") throw new Error(`The payment was ${response.outcome}.`);
    proofs.push(response.proof);
  }
  await collectPayments(wallet.world.deps);
  return proofs;
}

/** Copies of the wallet's first payment under other ids and with other proofs: a busy day, quickly made. */
export async function payInBulk(wallet: Wallet, count: number): Promise<void> {
  const { database } = wallet.world;
  const name = Buffer.from(random(6)).toString("hex");
  await database.query(
    `insert into payments (account_id, payment_id, device_id, count, pin_generation, verdict, merchant_id,
       transaction_number, amount, currency, scale, quote_hash, document, request_hash, plain, component,
       device_signature, balance_after, paid_at)
     select p.account_id, $1 || n, p.device_id, 1000000 + (select count(*) from payments) + n, p.pin_generation, p.verdict, p.merchant_id,
       p.transaction_number, p.amount, p.currency, p.scale, p.quote_hash, 'proof ' || $1 || n, p.request_hash,
       p.plain, p.component, p.device_signature, p.balance_after, p.paid_at
     from (select * from payments where account_id = $3 and count = 0) p, generate_series(1, $2::int) n`,
    [name, count, wallet.accountId],
  );
  await collectPayments(wallet.world.deps);
}

/** A checkpoint's text, whenever its plain form is signed. */
export type SignedTexts = string[];

/** The world's log on that database; what it signs is written down, whatever becomes of it. */
export function logOn(world: World, database: Database, signed: SignedTexts = []): LogDeps {
  const ring = world.deps.keyRings.current();
  const recording: typeof ring = {
    ...ring,
    signer(now) {
      const signer = ring.signer(now);
      const sign = (message: Uint8Array) => {
        const text = Buffer.from(message).toString("utf8");
        if (!text.startsWith("cosignature/v1\n")) signed.push(text);
        return signer.sign(message);
      };
      return { ...signer, sign };
    },
  };
  const { platform } = world.deps;
  return { database, platform, keyRings: { current: () => recording } };
}

export const append = (world: World) => appendToLog(logOn(world, world.database));

export const check = (world: World, elsewhere?: string): Promise<LogCheck> =>
  checkLog(world.deps, world.deps.keyRings.current(), elsewhere);

/** The newest checkpoint as anybody verifies it. */
export async function published(world: World) {
  const stored = await readPublished(world.database);
  if (stored === undefined) throw new Error("There is no checkpoint.");
  return {
    note: stored.note,
    ...verifyCheckpoint(world.deps.crypto, world.keyList(), stored.note),
  };
}

/** All entries, in their order, as hex. */
export async function entries(world: World): Promise<string[]> {
  const rows = await world.database.query<{ entry: Buffer }>(
    "select entry from log_entries order by entry_index",
  );
  return rows.map(({ entry }) => entry.toString("hex"));
}

export const entryOf = (proof: string): string => Buffer.from(logEntry(proof)).toString("hex");
