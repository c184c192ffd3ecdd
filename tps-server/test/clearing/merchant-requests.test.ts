/** What merchants fetch after settlements, over HTTP, as their software does. */
import {
  createMerchantRequest,
  LIMITS,
  MERCHANT_REQUESTS_PATH,
  type MerchantRequest,
  type MerchantWish,
  readReportPage,
  readReportsAnswer,
  verifySettlementReport,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { revokeMerchant } from "../../src/merchants/merchants.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import { settleLater } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, ISSUER, id, random, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
let shop: Merchant;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
  shop = await createMerchant(world);
  app = createApp(world.deps, pino({ level: "silent" }));
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const signed = (request: MerchantWish, changes: Partial<MerchantRequest> = {}, from = shop) =>
  createMerchantRequest(from.signer, {
    iss: from.merchantId,
    aud: ISSUER,
    jti: id(),
    iat: world.now,
    request,
    ...changes,
  });

async function post(
  document: string,
): Promise<{ status: number; bytes: Uint8Array; code: string }> {
  const reply = await app.inject({
    method: "POST",
    url: MERCHANT_REQUESTS_PATH,
    payload: document,
  });
  const bytes = Uint8Array.from(reply.rawPayload);
  const code = reply.statusCode === 200 ? "ok" : String(reply.json().code);
  return { status: reply.statusCode, bytes, code };
}

describe("a merchant", () => {
  test("fetches its reports after a cycle, and their pages, the same bytes each time", async () => {
    await wallet.pay({ merchantId: shop.merchantId });
    const first = await settleLater(world);
    await wallet.pay({ merchantId: shop.merchantId });
    const second = await settleLater(world);
    const answer = await post(await signed({ request: "reports", after: 0 }));
    const { reports, more } = readReportsAnswer(answer.bytes);
    const verified = reports.map((document) =>
      verifySettlementReport(world.deps.crypto, world.keyList(), document),
    );
    expect([verified.map(({ cycle }) => cycle), more]).toEqual([
      [first.cycle, second.cycle],
      false,
    ]);
    const later = await post(await signed({ request: "reports", after: first.cycle }));
    expect(readReportsAnswer(later.bytes).reports).toEqual(reports.slice(1));
    const wish = { request: "report-page", cycle: second.cycle, page: 0 } as const;
    const page = await post(await signed(wish));
    const [, report] = verified;
    expect(report && readReportPage(report, 0, page.bytes)).toMatchObject([{ entry: "payment" }]);
    expect((await post(await signed(wish))).bytes).toEqual(page.bytes);
  });

  test("is told that there are more than one answer holds", async () => {
    const busy = await createMerchant(world);
    for (let cycle = 0; cycle <= LIMITS.reportsTold; cycle++) {
      await wallet.pay({ merchantId: busy.merchantId, amount: 1n });
      await settleLater(world);
    }
    const answer = await post(await signed({ request: "reports", after: 0 }, {}, busy));
    const { reports, more } = readReportsAnswer(answer.bytes);
    expect([reports.length, more]).toEqual([LIMITS.reportsTold, true]);
    const cycles = reports.map(
      (document) => verifySettlementReport(world.deps.crypto, world.keyList(), document).cycle,
    );
    const rest = await post(
      await signed({ request: "reports", after: cycles.at(-1) ?? 0 }, {}, busy),
    );
    expect(readReportsAnswer(rest.bytes)).toMatchObject({ reports: [{}], more: false });
  });

  test("sees no report or page of another one", async () => {
    const other = await createMerchant(world);
    const { cycle } = await settleLater(world);
    const answer = await post(await signed({ request: "reports", after: 0 }, {}, other));
    expect(readReportsAnswer(answer.bytes).reports).toEqual([]);
    for (const page of [
      { cycle: 1, page: 0 },
      { cycle, page: 7 },
      { cycle: 999, page: 0 },
    ]) {
      const wish = { request: "report-page", ...page } as const;
      expect(await post(await signed(wish, {}, other))).toMatchObject({
        status: 404,
        code: "report-unknown",
      });
    }
  });
});

describe("a request is refused", () => {
  const wish = { request: "reports", after: 0 } as const;

  test("under a key that is not the merchant's, and of a merchant who is unknown or revoked", async () => {
    const stranger = {
      ...shop,
      merchantId: shop.merchantId,
      signer: nodeSigner(random(32)),
    } as Merchant;
    expect(await post(await signed(wish, {}, stranger))).toMatchObject({
      code: "merchant-key-unknown",
    });
    expect(await post(await signed(wish, { iss: id() }))).toMatchObject({
      code: "merchant-key-unknown",
    });
    const gone = await createMerchant(world);
    await revokeMerchant(world.deps, gone.merchantId);
    expect(await post(await signed(wish, {}, gone))).toMatchObject({
      code: "merchant-key-unknown",
    });
  });

  test("when it is meant for another issuer", async () => {
    const document = await signed(wish, { aud: "https://other.example" });
    expect(await post(document)).toMatchObject({ status: 421, code: "issuer-mismatch" });
  });

  test("when it is older or newer than clocks may differ", async () => {
    for (const change of [-1, 1]) {
      const near = world.now + change * LIMITS.clockSkewSeconds;
      expect(await post(await signed(wish, { iat: near }))).toMatchObject({ code: "ok" });
      expect(await post(await signed(wish, { iat: near + change }))).toMatchObject({
        status: 409,
        code: "request-outdated",
      });
    }
  });

  test("when a bit of it is changed, or it is no request", async () => {
    const document = await signed(wish);
    const last = document.at(-10) === "A" ? "B" : "A";
    const changed = `${document.slice(0, -10)}${last}${document.slice(-9)}`;
    expect(await post(changed)).toMatchObject({ status: 400, code: "authentication-failed" });
    expect(await post("not a request")).toMatchObject({ status: 400, code: "malformed-message" });
    const order = await shop.order({ transactionNumber: id() });
    expect(await post(order)).toMatchObject({ status: 400, code: "malformed-message" });
  });
});
