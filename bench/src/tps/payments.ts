/** Accounts with a sealed request each, and rounds that send them. */
import { availableParallelism } from "node:os";
import { INITIAL_MODIFIER, modifyPin, PAYMENTS_PATH, toBase64url } from "@chit/protocol";
import { systemPlatform } from "@chit/tps-server";
import type { RowContext } from "../row.ts";
import { askThread } from "../thread.ts";
import type { LoadOrder, LoadReport } from "./load-worker.ts";
import type { SealedPayment, SealOrder } from "./seal-worker.ts";
import type { BenchTps } from "./server.ts";

const PIN = "314159";
const OPENING_BALANCE = 1_000_000n;
const ROWS_OF_AN_INSERT = 5_000;

/** Certified merchants, as far as the payment path looks at them. */
export async function addMerchants({ deps }: BenchTps, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => toBase64url(systemPlatform.randomBytes(16)));
  const now = systemPlatform.nowSeconds();
  await deps.database.query(
    "insert into merchants (merchant_id, name, created_at) select id, 'Benchmark', $2 from unnest($1::text[]) id",
    [ids, now],
  );
  await deps.database.query(
    `insert into certificates (serial, merchant_id, document, issued_at, not_before, expires_at)
     select id, id, '', $2::bigint, $2::bigint, $2::bigint + 86400 from unnest($1::text[]) id`,
    [ids, now],
  );
  return ids;
}

/**
 * Makes `count` accounts and seals a request for each, on all cores.
 *
 * @param merchantIds who is paid, in turn
 * @returns the requests' bytes; each can be paid once
 */
async function preparePayments(
  tps: BenchTps,
  count: number,
  merchantIds: readonly string[],
): Promise<Uint8Array[]> {
  const threads = availableParallelism();
  const order: Omit<SealOrder, "count"> = {
    issuer: tps.issuer,
    tpsKey: tps.sealingKey,
    merchantIds,
    pin: PIN,
  };
  const module = new URL("seal-worker.ts", import.meta.url);
  const shares = Array.from({ length: threads }, (_, index) =>
    Math.floor((count + index) / threads),
  );
  const sealed = await Promise.all(
    shares.map((share) => askThread<SealedPayment[]>(module, { ...order, count: share })),
  );
  const payments = sealed.flat();
  for (let from = 0; from < payments.length; from += ROWS_OF_AN_INSERT) {
    await insert(tps, payments.slice(from, from + ROWS_OF_AN_INSERT));
  }
  return payments.map(({ body }) => Buffer.from(body));
}

async function insert({ deps }: BenchTps, payments: readonly SealedPayment[]): Promise<void> {
  const { database, pinVault } = deps;
  const accounts = payments.map(({ accountId }) => accountId);
  const pins = payments.map(({ accountId, deviceId }) =>
    pinVault.seal(modifyPin(PIN, INITIAL_MODIFIER), accountId, deviceId),
  );
  await database.query(
    "insert into accounts (account_id, balance, created_at) select id, $2, 0 from unnest($1::text[]) id",
    [accounts, OPENING_BALANCE],
  );
  await database.query(
    `insert into devices (account_id, device_id, public_key, name, pin_state, pin_generation, modified_pin,
                          modified_pin_key_id, activated_at)
     select account_id, device_id, public_key, 'Benchmark', 'active', 1, pin, key_id, 0
     from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[])
       as r (account_id, device_id, public_key, pin, key_id)`,
    [
      accounts,
      payments.map(({ deviceId }) => deviceId),
      payments.map(({ publicKey }) => Buffer.from(publicKey)),
      pins.map(({ sealed }) => sealed),
      pins.map(({ keyId }) => keyId),
    ],
  );
}

/** Accounts that nobody uses, with a device each, so that there are `count` of them. */
async function fillAccounts({ deps }: BenchTps, count: number): Promise<void> {
  const { database } = deps;
  const [row] = await database.query<{ count: bigint }>("select count(*) from accounts");
  const missing = count - Number(row?.count ?? 0n);
  const { sealed, keyId } = deps.pinVault.seal(new Uint8Array(32), "nobody", "nothing");
  await database.transaction(async (tx) => {
    await tx.query("set local statement_timeout = 0");
    await tx.query(
      `with fresh as (
         insert into accounts (account_id, balance, created_at)
         select left(md5(random()::text || i), 22), $2, 0 from generate_series(1, $1::int) i
         returning account_id
       )
       insert into devices (account_id, device_id, public_key, name, pin_state, pin_generation, modified_pin,
                            modified_pin_key_id, activated_at)
       select account_id, account_id, $3, 'Benchmark', 'active', 1, $4, $5, 0 from fresh`,
      [Math.max(0, missing), OPENING_BALANCE, Buffer.alloc(32), sealed, keyId],
    );
  });
  await database.query("analyze");
}

/**
 * Prepares `count` payments besides those that warm the server up, and warms it up.
 *
 * @param accounts how many there are to be in all
 * @returns takes the next requests out of the supply
 */
export async function supplyPayments(
  { effort, say }: Pick<RowContext, "effort" | "say">,
  tps: BenchTps,
  count: number,
  merchantIds: readonly string[],
  accounts: number,
): Promise<(count: number) => Uint8Array[]> {
  say(`Sealing ${count + effort.warmUp} requests.`);
  const bodies = await preparePayments(tps, count + effort.warmUp, merchantIds);
  await fillAccounts(tps, accounts);
  await sendPayments(tps, bodies.splice(0, effort.warmUp), effort.connections);
  return (next) => bodies.splice(0, next);
}

/** Sends requests as fast as they are answered, and returns how many were paid a second. */
export async function rateOf(
  tps: BenchTps,
  bodies: readonly Uint8Array[],
  connections: number,
): Promise<number> {
  return bodies.length / (await sendPayments(tps, bodies, connections)).seconds;
}

/**
 * Sends requests and makes sure that each of them is paid in the books.
 *
 * @param rate requests a second; as fast as they are answered without it
 */
export async function sendPayments(
  tps: BenchTps,
  bodies: readonly Uint8Array[],
  connections: number,
  rate?: number,
): Promise<LoadReport> {
  const before = await countPaid(tps);
  const { host, port } = tps;
  const order: LoadOrder = { host, port, path: PAYMENTS_PATH, bodies, connections, rate };
  const report = await askThread<LoadReport>(new URL("load-worker.ts", import.meta.url), order);
  const paid = (await countPaid(tps)) - before;
  if (paid !== bodies.length) {
    const statuses = JSON.stringify(report.statuses);
    throw new Error(`Of ${bodies.length} payments ${paid} were made. Statuses: ${statuses}`);
  }
  return report;
}

async function countPaid({ deps }: BenchTps): Promise<number> {
  const [row] = await deps.database.query<{ count: bigint }>(
    "select count(*) from payments where verdict = 'proof'",
  );
  return Number(row?.count ?? 0n);
}
