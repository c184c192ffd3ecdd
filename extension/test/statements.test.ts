/** Statements: taken only as the operator signed them, and compared with the wallet's own purchases. */
import {
  type AccountRecordsWish,
  createStatementSheet,
  decodeProof,
  decodeQuote,
  monthOf,
  type StatementSheetInput,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accountStatement, statementMonths } from "../src/cts/statements.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  seededBytes,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;
let accountKey: string;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  ({ accountKey } = await withAccount(world, life));
});
afterEach(() => world.stop());

const PART = 400;
/** The operator gives out this text, in small parts. */
function publish(text: string): void {
  const statementId = world.tps.id();
  world.tps.records = (wish: AccountRecordsWish) => {
    switch (wish.wish) {
      case "statement":
        return { outcome: "statement", statementId, parts: Math.ceil(text.length / PART) };
      case "statement-part":
        return {
          outcome: "statement-part",
          text: text.slice(wish.part * PART, (wish.part + 1) * PART),
        };
      default:
        return { outcome: "no-funding" };
    }
  };
}

/** Buys one thing. */
async function bought() {
  const purchase = await offered(world, life);
  await pay(life, purchase);
  const complete = await reached(life, purchase, "complete");
  const { jti, iat, amount, merchantId, transactionNumber } = decodeProof(complete.proof);
  return {
    purchaseId: purchase.purchaseId,
    items: decodeQuote(complete.quote).lines.map(({ description }) => description),
    month: monthOf(iat),
    line: {
      ...({ kind: "payment", at: iat, amount: String(amount) } as const),
      ...{ paymentId: jti, merchantId, transactionNumber },
    },
  };
}

type Line = Omit<Extract<StatementSheetInput["movements"][number], { kind: "payment" }>, "balance">;

/** A month that begins with 100 EUR and in which these payments were made. */
function sheetOf(month: string, lines: readonly Line[]): StatementSheetInput {
  let balance = 1_000_000n;
  const movements = lines.map((line) => {
    balance -= BigInt(line.amount);
    return { ...line, balance: String(balance) };
  });
  const none = { count: 0, amount: "0" };
  return {
    v: 1,
    iss: world.tps.server.origin,
    jti: world.tps.id(),
    iat: world.clock.now,
    accountId: world.tps.device.accountId,
    month,
    complete: false,
    currency: "EUR",
    scale: 4,
    opening: "1000000",
    payments: { count: lines.length, amount: String(1_000_000n - balance) },
    refunds: none,
    fundings: none,
    closing: String(balance),
    sheet: 1,
    sheets: 1,
    carried: "1000000",
    merchants: [...new Set(lines.map(({ merchantId }) => merchantId))].map((merchantId) => ({
      ...{ merchantId, name: "Paper & Ink" },
    })),
    movements,
  };
}
const sign = (sheet: StatementSheetInput) => createStatementSheet(world.tps.signer, sheet);
const read = (month: string) => accountStatement(life.deps, accountKey, month);

describe("a statement", () => {
  test("names what this wallet bought, and marks what another wallet paid", async () => {
    const own = await bought();
    const foreign = { ...own.line, paymentId: world.tps.id(), amount: "700" };
    const document = await sign(sheetOf(own.month, [own.line, foreign]));
    publish(document);
    const view = await read(own.month);
    expect(view.lines.map(({ purchase }) => purchase)).toEqual([
      { purchaseId: own.purchaseId, items: own.items },
      null,
    ]);
    expect(view.lines.map(({ amount }) => amount)).toEqual([`-${own.line.amount}`, "-700"]);
    expect(view).toMatchObject({
      operator: "Example Pay",
      elsewhere: { count: 1, amount: "700" },
      missing: [],
      document,
    });
  });

  test("that leaves out a payment of this wallet, or says another amount, is held against its proof", async () => {
    const own = await bought();
    publish(await sign(sheetOf(own.month, [])));
    const missing = [{ purchaseId: own.purchaseId, amount: own.line.amount }];
    expect(await read(own.month)).toMatchObject({ missing });
    publish(await sign(sheetOf(own.month, [{ ...own.line, amount: "1" }])));
    expect(await read(own.month)).toMatchObject({ missing });
  });

  test("of before a payment does not miss it", async () => {
    const before = world.clock.now;
    world.clock.now += 60;
    const own = await bought();
    publish(await sign({ ...sheetOf(own.month, []), iat: before }));
    expect((await read(own.month)).missing).toEqual([]);
  });

  test("is not shown when it is signed by another, of another account or month, or does not add up", async () => {
    const { month, line } = await bought();
    const sheet = sheetOf(month, [line]);
    const stranger = nodeSigner(seededBytes("stranger")(32));
    const documents = [
      await createStatementSheet(stranger, sheet),
      await sign({ ...sheet, accountId: world.tps.id() }),
      await sign({ ...sheet, closing: "1000000" }),
      await sign({ ...sheet, iss: "https://other.example" }),
      `${await sign(sheet)}\n${await sign(sheet)}`,
      "not.a.statement",
    ];
    for (const document of documents) {
      publish(document);
      await expect(read(month)).rejects.toMatchObject({ code: "statement-forged" });
    }
    publish(await sign(sheet));
    await expect(read("2020-01")).rejects.toMatchObject({ code: "statement-forged" });
  });

  test("under a key that came since is verified with the operator's list of now", async () => {
    const { month, line } = await bought();
    world.tps.signer = nodeSigner(seededBytes("successor")(32));
    world.tps.sequence += 1;
    publish(await sign(sheetOf(month, [line])));
    expect((await read(month)).lines).toHaveLength(1);
  });

  test("that the operator does not give has a reason", async () => {
    for (const [reason, code] of [
      ["no-such-month", "statement-unavailable"],
      ["too-long", "statement-too-long"],
      ["under-review", "statement-under-review"],
    ] as const) {
      world.tps.records = () => ({ outcome: "no-statement", reason });
      await expect(read("2026-11")).rejects.toMatchObject({ code });
    }
    world.tps.records = () => ({ outcome: "no-funding" });
    await expect(read("2026-11")).rejects.toMatchObject({ code: "issuer-answer-forged" });
  });
});

test("the months are told newest first, across years, ten years at most", async () => {
  world.tps.records = () => ({ outcome: "months", first: "2025-11", current: "2026-02" });
  expect(await statementMonths(life.deps, accountKey)).toEqual({
    months: ["2026-02", "2026-01", "2025-12", "2025-11"],
  });
  world.tps.records = () => ({ outcome: "months", first: "0001-01", current: "2026-02" });
  expect((await statementMonths(life.deps, accountKey)).months).toHaveLength(120);
});
