/** Payouts: into one file each, in a form that banks read, and back to the merchant when the bank says no. */
import { parse } from "csv-parse/sync";
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { latin, toPain001 } from "../../src/clearing/pain001.ts";
import {
  failPayout,
  listPayouts,
  makePayoutFile,
  readPayoutFile,
  settlePayouts,
} from "../../src/clearing/payout-files.ts";
import { removePayoutAccount, setPayoutAccount } from "../../src/clearing/payouts.ts";
import { setBankAccount } from "../../src/funding/bank-account.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import {
  auditFindings,
  BANK,
  createPaidMerchant,
  reportOf,
  settleLater,
} from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world, 100_000_000n);
});
afterAll(async () => {
  expect(await auditFindings(world)).toEqual([]);
  await world.close();
});

const DEBTOR = {
  holder: "Example Pay & Söhne",
  iban: "GB82WEST12345698765432",
  bic: null,
  text: null,
};

/** A merchant with a payout that waits for a file. */
async function owed(amount: bigint): Promise<{ shop: Merchant; payoutId: string; cycle: number }> {
  const shop = await createPaidMerchant(world);
  await wallet.pay({ merchantId: shop.merchantId, amount });
  const { cycle } = await settleLater(world);
  const payoutId = (await reportOf(shop, cycle))?.report.payout?.payoutId ?? "";
  return { shop, payoutId, cycle };
}

const stateOf = async (payoutId: string) =>
  (await listPayouts(world.deps, "all")).find((payout) => payout.payoutId === payoutId)?.state;

describe("a bank account", () => {
  test("is taken with right check digits alone, however it is spaced", async () => {
    const { merchantId } = await createMerchant(world);
    const set = (changes: Partial<typeof BANK>) =>
      setPayoutAccount(world.deps, merchantId, { ...BANK, ...changes });
    expect(await set({ iban: "de89 3704 0044 0532 0130 00" })).toMatchObject({
      iban: "DE89370400440532013000",
    });
    for (const changes of [
      { iban: "DE88 3704 0044 0532 0130 00" },
      { iban: "DE89 3704 0044 0532 0310 00" },
      { bic: "COBA" },
      { name: "" },
    ]) {
      await expect(set(changes)).rejects.toMatchObject({ code: "setting-invalid" });
    }
    await expect(setPayoutAccount(world.deps, "nobody", BANK)).rejects.toMatchObject({
      code: "merchant-unknown",
    });
  });

  test("that was taken away gets nothing; the balance stays", async () => {
    const shop = await createPaidMerchant(world);
    await removePayoutAccount(world.deps, shop.merchantId);
    await wallet.pay({ merchantId: shop.merchantId, amount: 50_000n });
    const { cycle } = await settleLater(world);
    expect((await reportOf(shop, cycle))?.report).toMatchObject({ payout: null, closing: 50_000n });
    await setPayoutAccount(world.deps, shop.merchantId, BANK);
    const next = await settleLater(world);
    expect((await reportOf(shop, next.cycle))?.report.payout).toMatchObject({ amount: 50_000n });
  });
});

describe("a file", () => {
  test("needs the operator's own bank account", async () => {
    await owed(20_000n);
    await expect(makePayoutFile(world.deps)).rejects.toMatchObject({ code: "setting-invalid" });
  });

  test("holds each open payout once, and is the same whenever it is asked for", async () => {
    await setBankAccount(world.deps, DEBTOR);
    const { payoutId } = await owed(20_100n);
    const file = await makePayoutFile(world.deps);
    expect(file?.xml).toContain(payoutId);
    expect(await makePayoutFile(world.deps)).toBeUndefined();
    expect(await readPayoutFile(world.deps, file?.fileId ?? "")).toEqual(file);
    await expect(readPayoutFile(world.deps, "CHIT-0")).rejects.toMatchObject({
      code: "payout-unknown",
    });
  });

  test("made twice at once holds each payout once", async () => {
    const { payoutId } = await owed(20_200n);
    const files = await Promise.all([makePayoutFile(world.deps), makePayoutFile(world.deps)]);
    const holding = files.filter((file) => file?.xml.includes(payoutId));
    expect(holding).toHaveLength(1);
  });

  test("as CSV says the same, and no name in it is a formula", async () => {
    const { shop, payoutId } = await owed(20_300n);
    await settlePayouts(world.deps, (await makePayoutFile(world.deps))?.fileId ?? "");
    await setPayoutAccount(world.deps, shop.merchantId, { ...BANK, name: "=1+1;@A1", bic: null });
    await wallet.pay({ merchantId: shop.merchantId, amount: 20_400n });
    await settleLater(world);
    const file = await makePayoutFile(world.deps);
    const rows: Record<string, string>[] = parse(file?.csv ?? "", { columns: true });
    expect(rows).toMatchObject([
      {
        merchant: shop.merchantId,
        name: "'=1+1;'@A1",
        iban: "DE89370400440532013000",
        bic: "",
        amount: "2.04",
        currency: "EUR",
      },
    ]);
    expect(rows[0]?.payout).not.toBe(payoutId);
  });
});

describe("what the bank did", () => {
  test("done: of one payout or of a whole file, once", async () => {
    const { payoutId } = await owed(30_000n);
    await expect(settlePayouts(world.deps, payoutId)).rejects.toMatchObject({
      code: "setting-invalid",
    });
    const file = await makePayoutFile(world.deps);
    expect(await stateOf(payoutId)).toBe("in-file");
    expect(await settlePayouts(world.deps, file?.fileId ?? "")).toBe(1);
    expect(await settlePayouts(world.deps, payoutId)).toBe(0);
    expect(await stateOf(payoutId)).toBe("done");
  });

  test("failed: the amount is the merchant's again, and the next report says so", async () => {
    const { shop, payoutId } = await owed(30_000n);
    await expect(failPayout(world.deps, payoutId, "AC04")).rejects.toMatchObject({
      code: "setting-invalid",
    });
    const file = await makePayoutFile(world.deps);
    await settlePayouts(world.deps, file?.fileId ?? "");
    expect(await shop.balance()).toBe(0n);
    expect(await failPayout(world.deps, payoutId, "AC04 closed account")).toBe(true);
    expect(await failPayout(world.deps, payoutId, "again")).toBe(false);
    expect(await shop.balance()).toBe(30_000n);
    await expect(settlePayouts(world.deps, payoutId)).rejects.toMatchObject({
      code: "already-done",
    });
    const { cycle } = await settleLater(world);
    expect((await reportOf(shop, cycle))?.report).toMatchObject({
      opening: 0n,
      returned: { count: 1, amount: 30_000n },
      payout: { amount: 30_000n },
      closing: 0n,
    });
    const again = await makePayoutFile(world.deps);
    expect(again?.xml).not.toContain(payoutId);
    expect(again?.total).toBe(30_000n);
  });
});

describe("pain.001", () => {
  const transfers = [
    {
      payoutId: "AAAAAAAAAAAAAAAAAAAAAA",
      amount: 1_234_500n,
      name: "Müller & Søn <Papier>",
      iban: "DE89370400440532013000",
      bic: "COBADEFFXXX",
      text: "//Chit settlement 7",
    },
    {
      payoutId: "BBBBBBBBBBBBBBBBBBBBBA",
      amount: 100n,
      name: `${"Z".repeat(80)}`,
      iban: "GB82WEST12345698765432",
      bic: null,
      text: "x".repeat(200),
    },
  ];
  const file = {
    fileId: "CHIT-0123456789ABCDEF",
    madeAt: 1_800_000_000,
    debtor: DEBTOR,
    currency: "EUR",
    scale: 4,
    transfers,
  };

  test("has the mandatory elements in their order, with sums that are right", () => {
    const xml = toPain001(file);
    expect(
      xml.startsWith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">',
      ),
    ).toBe(true);
    const { Document } = new XMLParser({ parseTagValue: false, ignoreAttributes: false }).parse(
      xml,
    );
    const { GrpHdr, PmtInf } = Document.CstmrCdtTrfInitn;
    expect(Object.keys(GrpHdr)).toEqual(["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]);
    expect(GrpHdr).toMatchObject({
      CreDtTm: "2027-01-15T08:00:00Z",
      NbOfTxs: "2",
      CtrlSum: "123.46",
    });
    expect(Object.keys(PmtInf)).toEqual([
      "PmtInfId",
      "PmtMtd",
      "BtchBookg",
      "NbOfTxs",
      "CtrlSum",
      "PmtTpInf",
      "ReqdExctnDt",
      "Dbtr",
      "DbtrAcct",
      "DbtrAgt",
      "ChrgBr",
      "CdtTrfTxInf",
    ]);
    expect(PmtInf).toMatchObject({
      PmtMtd: "TRF",
      CtrlSum: "123.46",
      ReqdExctnDt: { Dt: "2027-01-15" },
      Dbtr: { Nm: "Example Pay + Soehne" },
      DbtrAcct: { Id: { IBAN: DEBTOR.iban } },
      DbtrAgt: { FinInstnId: { Othr: { Id: "NOTPROVIDED" } } },
    });
    const [first, second] = PmtInf.CdtTrfTxInf;
    expect(Object.keys(first)).toEqual(["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]);
    expect(first).toMatchObject({
      Amt: { InstdAmt: { "#text": "123.45", "@_Ccy": "EUR" } },
      CdtrAgt: { FinInstnId: { BICFI: "COBADEFFXXX" } },
      Cdtr: { Nm: "Mueller + Son .Papier." },
      RmtInf: { Ustrd: "Chit settlement 7" },
    });
    expect(second.Amt.InstdAmt["#text"]).toBe("0.01");
    expect(second.CdtrAgt).toBeUndefined();
    expect(second.Cdtr.Nm).toHaveLength(70);
    expect(second.RmtInf.Ustrd).toHaveLength(140);
  });

  test("has only characters that every SEPA bank takes", () => {
    for (const text of ["Ελλάδα", "日本 Łódź", "a\u0000b", "///", "Ærø & Œuvre", "“x”"]) {
      expect(latin(text, 70)).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]+$/);
    }
    expect(latin("Łódź, Ærø", 70)).toBe("Lodz, Aero");
  });

  test("without euros names no SEPA", () => {
    expect(toPain001({ ...file, currency: "DKK" })).not.toContain("SEPA");
  });
});
