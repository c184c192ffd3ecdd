/** The audit: silent while the books are in order, and it names whatever somebody changed behind the server's back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audit } from "../../src/clearing/audit/audit.ts";
import { setFeeRate } from "../../src/clearing/fees.ts";
import { makePayoutFile } from "../../src/clearing/payout-files.ts";
import { settle } from "../../src/clearing/settle.ts";
import { setBankAccount } from "../../src/funding/bank-account.ts";
import { enterBankEntry } from "../../src/funding/bank-entries.ts";
import type { Merchant } from "../support/merchant.ts";
import { auditFindings, createPaidMerchant, settleLater } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
let shop: Merchant;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world, 10_000_000n);
  shop = await createPaidMerchant(world);
  const { merchantId } = shop;
  await setFeeRate(world.deps, null, { basisPoints: 100, fixed: 10n });
  await setBankAccount(world.deps, {
    holder: "Example Pay",
    iban: "GB82WEST12345698765432",
    bic: null,
    text: null,
  });
  const [account] = await world.database.query<{ reference: string }>(
    "select reference from funding_references where account_id = $1",
    [wallet.accountId],
  );
  await enterBankEntry(
    world.deps,
    {
      entryId: "bank-1",
      amount: "5000",
      bookedAt: world.now,
      text: account?.reference ?? "",
    },
    "csv",
  );
  const transactionNumber = id();
  await wallet.pay({ merchantId, transactionNumber });
  await wallet.pay({ merchantId });
  await wallet.pay({ merchantId, amount: 90_000_000n });
  const spoilt = id();
  await wallet.pay({ merchantId, transactionNumber: spoilt });
  await world.database.query(
    "update payments set device_signature = sha512(device_signature) where transaction_number = $1",
    [spoilt],
  );
  await settleLater(world);
  await makePayoutFile(world.deps);
  await shop.refund({ transactionNumber, refunded: 5_000n });
  await wallet.pay({ merchantId });
  await settleLater(world);
  // And one in transit.
  await wallet.pay({ merchantId });
  world.now += 300;
});
afterAll(() => world.close());

const lines = () => auditFindings(world);

test("finds nothing in books that are in order, and says where the money is", async () => {
  expect(await lines()).toEqual([]);
  const { figures, difference, isSound, checks } = await audit(world.deps);
  expect([difference, isSound]).toEqual([0n, true]);
  expect(figures).toMatchObject({
    funded: 10_005_000n,
    accounts: 10_005_000n - 5n * 12_500n + 5_000n,
    // One held back, one not collected.
    inTransit: 25_000n,
    fees: 3n * 135n,
  });
  // Nothing is old enough to have been carried.
  expect(checks.filter(({ looked }) => looked === 0).map(({ name }) => name)).toEqual([
    "payments: months that were carried",
  ]);
});

test("reads one moment, while payments go on and are settled", async () => {
  const found = audit(world.deps, {
    onCheck: () => undefined,
  });
  const meanwhile = Promise.all([
    wallet.pay({ merchantId: shop.merchantId }),
    settle(world.deps).catch(() => undefined),
  ]);
  expect(await found).toMatchObject({ difference: 0n, isSound: true });
  await meanwhile;
  world.now += 60;
  await settle(world.deps);
  expect(await lines()).toEqual([]);
});

const PAYMENT =
  "(select payment_id from merchant_payments where state = 'settled' order by paid_at, payment_id limit 1)";
const REPORT = "(select max(cycle) from settlement_reports)";

/** What is changed, and what names it. All of it is taken back afterwards. */
const TAMPERINGS: readonly [string, string, RegExp][] = [
  [
    "a balance",
    "update accounts set balance = balance + 1",
    /accounts: fundings \+ refunds - payments \| account .*: balance 9.* its movements make/,
  ],
  [
    "a funding",
    "update fundings set amount = amount + 1 where reference = 'opening'",
    /fundings \+ refunds - payments \| account/,
  ],
  [
    "a balance after a funding",
    "update fundings set balance_after = balance_after + 1 where reference = 'opening'",
    /balances after each movement \| account .*funding "opening"/,
  ],
  [
    "a funding taken out",
    "delete from fundings where reference = 'bank-1'",
    /the bank's entries \| bank entry bank-1: 0.50 EUR arrived .* nothing was credited/,
  ],
  [
    "a payment's amount",
    `update payments set amount = amount + 1 where payment_id = ${PAYMENT}`,
    /payments: proofs and denials \| payment .*says something else/,
  ],
  [
    "a payment's balance",
    `update payments set balance_after = balance_after + 1 where payment_id = ${PAYMENT}`,
    /balances after each movement \| account .* payment /,
  ],
  [
    "a payment's merchant",
    `update payments set merchant_id = 'AAAAAAAAAAAAAAAAAAAAAA' where payment_id = ${PAYMENT}`,
    /devices' signatures \| payment .*copy-differs/,
  ],
  [
    "a payment's signature",
    `update payments set device_signature = sha512(device_signature) where payment_id = ${PAYMENT}`,
    /devices' signatures \| payment .*signature-invalid/,
  ],
  [
    "a proof",
    `update payments set document = replace(document, '.', '.A') where payment_id = ${PAYMENT}`,
    /proofs and denials \| payment .*: the proof does not verify/,
  ],
  [
    "a payment taken out",
    `delete from payments where verdict = 'denial'`,
    /transaction counts \| device .*: \d+ transactions were counted, \d+ are on record/,
  ],
  [
    "a denial's balance",
    "update payments set balance_after = balance_after + 1 where verdict = 'denial'",
    /balances said in denials \| account .*which the account never had/,
  ],
  [
    "a denial made a payment",
    "update payments set verdict = 'proof', denial_reason = null where verdict = 'denial'",
    /fundings \+ refunds - payments/,
  ],
  [
    "a collected amount",
    `update merchant_payments set amount = amount + 1 where payment_id = ${PAYMENT}`,
    /as they were collected \| payment .*another number, amount/,
  ],
  [
    "a collected payment taken out",
    `delete from merchant_payments where payment_id = ${PAYMENT}`,
    /as they were collected \| payment .*are missing in the merchant's books/,
  ],
  [
    "a payment nobody made",
    `insert into merchant_payments select merchant_id, 'AAAAAAAAAAAAAAAAAAAAAA', transaction_number, account_id, device_id, amount, quote_hash, paid_at, collected_at, 'settled', cycle, fee, 0 from merchant_payments where payment_id = ${PAYMENT}`,
    /as they were collected \| payment AAAAAAAAAAAAAAAAAAAAAA: .*nobody paid them/,
  ],
  [
    "a fee",
    `update merchant_payments set fee = fee + 1 where payment_id = ${PAYMENT}`,
    /sums of payments, fees, refunds, held back \| report .*: is not what the records make: fees/,
  ],
  [
    "a payment settled once more",
    "update merchant_payments set state = 'settled', cycle = 1 where state = 'held-back'",
    /state and decision \| payment .*: is settled, and nobody decided so/,
  ],
  [
    "a merchant's balance",
    "update merchant_accounts set balance = balance - 1",
    /settled - fees - refunds - payouts \| merchant .*: balance .* of Paper & Ink, its records make/,
  ],
  [
    "a refund's amount",
    "update refunds set amount = amount + 1",
    /of each payment, not more than paid \| payment .*the merchant's books say 0.50 EUR/,
  ],
  [
    "a refund's balance",
    "update refunds set balance_after = balance_after + 1",
    /balances after each movement \| account .*refund of payment/,
  ],
  [
    "a refund nobody ordered",
    "update refunds set order_id = 'AAAAAAAAAAAAAAAAAAAAAA'",
    /payer and order of each \| refund of payment .*nobody ordered it/,
  ],
  [
    "more refunded than ordered",
    "update refund_orders set refunded = refunded - 100",
    /not more than was ordered \| payment .*0.50 EUR were given back, 0.49 EUR were ordered/,
  ],
  [
    "an order",
    "update refund_orders set document = replace(document, '.', '.A')",
    /merchants' orders \| refund order .*does not verify/,
  ],
  [
    "what an order gave",
    "update refund_orders set given = given + 1",
    /what each order gave back \| refund order/,
  ],
  [
    "a report's sum",
    `update settlement_reports set fees = fees + 1, closing = closing - 1 where cycle = 1`,
    /opening is the closing before \| report .* of merchant/,
  ],
  [
    "a report",
    `update settlement_reports set document = (select document from settlement_reports where cycle = 1) where cycle = ${REPORT}`,
    /documents and pages \| report .*says something else than the record/,
  ],
  [
    "a report taken out",
    `delete from settlement_report_pages where cycle = ${REPORT}; delete from settlement_reports where cycle = ${REPORT}`,
    /report .*: is missing, though something was settled/,
  ],
  [
    "a page",
    `update settlement_report_pages set content = replace(content, '"settled"', '"held-back"') where cycle = 1`,
    /documents and pages \| report 1 .*does not verify: This is not page 0/,
  ],
  [
    "a page taken out",
    "delete from settlement_report_pages where cycle = 1",
    /documents and pages \| report 1 .*has 1 pages, 0 are kept/,
  ],
  [
    "a payout's amount",
    "update payouts set amount = amount + 100 where state = 'in-file'",
    /files for the bank \| payout .*is not in the file .* as it is on record/,
  ],
  [
    "a payout's bank account",
    "update payouts set iban = 'GB82WEST12345698765432' where state = 'in-file'",
    /files for the bank \| payout .*the file .* pays .* to DE89370400440532013000, which is not on record/,
  ],
  [
    "a payout that the file for the bank says twice",
    "update payout_files set xml = regexp_replace(xml, '(<CdtTrfTxInf>.*</CdtTrfTxInf>)', E'\\\\1\\\\1')",
    /files for the bank \| payout .*the file .*\.xml pays .* which is not on record/,
  ],
  [
    "a bank account in the other form of the file",
    "update payout_files set csv = replace(csv, 'DE89370400440532013000', 'GB82WEST12345698765432')",
    /files for the bank \| payout .*the file .*\.csv pays .* to GB82WEST12345698765432, which is not on record/,
  ],
  [
    "money of the bank that was sent back and credited",
    "update bank_entries set state = 'returned', account_id = null where entry_id = 'bank-1'",
    /the bank's entries \| bank entry bank-1: 0.50 EUR was credited to account .*, though the entry was sent back/,
  ],
  [
    "a payout taken out",
    "delete from payouts where state = 'in-file'",
    /settled - fees - refunds - payouts \| merchant/,
  ],
  [
    "a signature, and a release that is to hide it",
    `update payments set device_signature = sha512(device_signature) where payment_id = ${PAYMENT}; insert into held_payments (merchant_id, payment_id, cycle, reason, held_at, decision, decided_at, decided_by) select merchant_id, payment_id, cycle, 'signature-invalid', 1, 'released', 1, 'x' from merchant_payments where payment_id = ${PAYMENT}`,
    /sums of payments, fees, refunds, held back \| report .*: is not what the records make: held back/,
  ],
  [
    "a decision nobody took",
    "update held_payments set decision = 'refunded', decided_at = 1, decided_by = 'x'",
    /state and decision \| payment .*: is held-back, though it was refunded/,
  ],
];

describe("names what was changed:", () => {
  test.each(TAMPERINGS)("%s", async (_what, change, named) => {
    const taken = new Error("Take it back.");
    let found: string[] = [];
    await world.database
      .transaction(async (tx) => {
        for (const statement of change.split("; ")) await tx.query(statement);
        // The audit reads what this transaction wrote, and its own settings end with it.
        const inside = {
          ...world.database,
          transaction: <T>(work: (inner: typeof tx) => Promise<T>) =>
            work({
              query: (statement, values) =>
                typeof statement === "string" && statement.startsWith("set transaction")
                  ? Promise.resolve([])
                  : tx.query(statement, values),
            }),
        };
        found = await auditFindings({ ...world, deps: world.withDatabase(inside) } as World);
        throw taken;
      })
      .catch((error: unknown) => {
        if (error !== taken) throw error;
      });
    expect(found.join("\n")).toMatch(named);
  });

  test("nothing once all of it was taken back", async () => {
    expect(await lines()).toEqual([]);
  });
});
