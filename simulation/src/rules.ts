/** What must hold at every moment of every course, whatever happens. */
import { LIMITS } from "@chit/protocol";
import type { Stage } from "./stage.ts";

/** A rule that does not hold: the simulation found something. */
export class Violation extends Error {
  override readonly name = "Violation";
}

interface AccountRow {
  account_id: string;
  balance: bigint;
}

export interface DeviceRow {
  account_id: string;
  device_id: string;
  state: "active" | "revoked";
  pin_state: "awaiting-pin" | "active" | "locked";
  count: bigint;
  failures: number;
}

interface PaymentRow {
  account_id: string;
  device_id: string;
  payment_id: string;
  verdict: "proof" | "denial";
  merchant_id: string;
  transaction_number: string;
  amount: bigint;
}

/** The TPS's records, read past the code under test. */
export interface Ledger {
  readonly accounts: readonly AccountRow[];
  readonly devices: readonly DeviceRow[];
  readonly payments: readonly PaymentRow[];
}

export async function readLedger({ tps }: Stage): Promise<Ledger> {
  const { database } = tps.deps;
  const [accounts, devices, payments] = await Promise.all([
    database.query<AccountRow>("select account_id, balance from accounts"),
    database.query<DeviceRow>(
      "select account_id, device_id, state, pin_state, count, failures from devices",
    ),
    database.query<PaymentRow>(
      `select account_id, device_id, payment_id, verdict, merchant_id, transaction_number, amount
       from payments`,
    ),
  ]);
  return { accounts, devices, payments };
}

/** @throws {Violation} for the first rule that does not hold */
export async function checkRules(stage: Stage): Promise<void> {
  const [surprise] = stage.book.surprises;
  if (surprise !== undefined) throw new Violation(surprise);
  const ledger = await readLedger(stage);
  checkMoney(stage, ledger);
  checkConfirmations(stage, ledger);
  checkDevices(stage, ledger);
  checkClaims(stage, ledger);
  await checkSales(stage, ledger);
}

/** Whatever was paid in is a balance or was paid; no balance is negative. */
function checkMoney({ book }: Stage, { accounts, payments }: Ledger): void {
  for (const { account_id: id, balance } of accounts) {
    const paid = payments
      .filter(({ account_id, verdict }) => account_id === id && verdict === "proof")
      .reduce((sum, { amount }) => sum + amount, 0n);
    const funded = book.funded.get(id) ?? 0n;
    if (balance < 0n) throw new Violation(`The balance of ${id} is ${balance}.`);
    if (balance + paid === funded) continue;
    throw new Violation(
      `Money is not conserved: ${funded} paid in, ${paid} spent, ${balance} left.`,
    );
  }
}

/** One debit at most for each wallet that confirmed a purchase with its PIN, and none without. */
function checkConfirmations({ book }: Stage, { payments }: Ledger): void {
  const debits = new Map<string, number>();
  for (const { device_id: device, transaction_number: number, verdict } of payments) {
    if (verdict !== "proof") continue;
    const key = `${device} ${number}`;
    const debited = (debits.get(key) ?? 0) + 1;
    debits.set(key, debited);
    const confirmed = book.confirmations(device, number);
    if (confirmed === 0) throw new Violation(`${number} was paid and nobody confirmed it.`);
    if (debited > confirmed) {
      throw new Violation(`${number} was debited ${debited} times, confirmed by ${confirmed}.`);
    }
  }
}

/** The count is the number of judged payments; a wrong PIN counts once; no lock but by the device's own wrong PINs. */
function checkDevices({ book }: Stage, { devices, payments }: Ledger): void {
  for (const { device_id: id, count, failures, pin_state } of devices) {
    const judged = payments.filter(({ device_id }) => device_id === id).length;
    if (Number(count) !== judged) {
      throw new Violation(`The count of ${id} is ${count} after ${judged} judged payments.`);
    }
    const wrong = book.wrongPins(id, count);
    if (failures > wrong) {
      throw new Violation(`${failures} wrong PINs of ${id} were counted, ${wrong} were sent.`);
    }
    if (pin_state === "locked" && wrong < LIMITS.pinAttempts) {
      throw new Violation(`${id} was locked after ${wrong} wrong PINs of its own.`);
    }
  }
}

/** A wallet that says "paid" was debited for it. */
function checkClaims({ book }: Stage, { payments }: Ledger): void {
  const paid = new Set(
    payments
      .filter(({ verdict }) => verdict === "proof")
      .map(({ account_id, transaction_number }) => `${account_id} ${transaction_number}`),
  );
  for (const [claim, name] of book.claims) {
    if (!paid.has(claim)) throw new Violation(`${name} says that ${claim} is paid; it is not.`);
  }
}

/** A shop gives nothing without a payment to it of this very amount, and fulfils a sale once. */
async function checkSales({ shops }: Stage, { payments }: Ledger): Promise<void> {
  const proofs = new Map(
    payments.filter(({ verdict }) => verdict === "proof").map((row) => [row.payment_id, row]),
  );
  for (const shop of shops) {
    for (const sale of await shop.merchant.sales({ states: ["paid", "delivered"] })) {
      const { transactionNumber: number, amount } = sale;
      const genuine = sale.payments.filter(({ jti }) => {
        const row = proofs.get(jti);
        if (row?.merchant_id !== shop.merchantId) return false;
        return row.transaction_number === number && row.amount === amount;
      });
      if (genuine.length === 0 || genuine.length < sale.payments.length) {
        throw new Violation(`${shop.origin} counts ${number} as paid without a payment.`);
      }
      if (new Set(sale.payments.map(({ jti }) => jti)).size < sale.payments.length) {
        throw new Violation(`${shop.origin} counts one payment for ${number} twice.`);
      }
      const told = shop.fulfilled.get(number)?.size ?? 0;
      if (told > 1)
        throw new Violation(`${shop.origin} was told ${told} times to fulfil ${number}.`);
    }
  }
}
