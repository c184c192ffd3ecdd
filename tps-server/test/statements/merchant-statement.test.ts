import {
  createMerchantRequest,
  readMerchantStatementAnswer,
  verifyMerchantStatement,
} from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setFeeRate } from "../../src/clearing/fees.ts";
import { answerMerchantRequest } from "../../src/clearing/merchant-requests.ts";
import { setPayoutAccount } from "../../src/clearing/payouts.ts";
import { settle } from "../../src/clearing/settle.ts";
import { merchantStatement } from "../../src/statements/merchant-statement.ts";
import { createMerchant } from "../support/merchant.ts";
import { BANK } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, ISSUER, id, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
});
afterAll(() => world.close());

const statementOf = async (merchantId: string, from: number, until: number) => {
  const ring = world.deps.keyRings.current();
  const document = await merchantStatement(world.deps, ring, merchantId, { from, until });
  return verifyMerchantStatement(world.deps.crypto, world.keyList(), document, { merchantId });
};

describe("a merchant's statement", () => {
  test("follows the settlements of its span: payments, fees, refunds, payouts, what is owed", async () => {
    const merchant = await createMerchant(world);
    const { merchantId } = merchant;
    await setFeeRate(world.deps, merchantId, { basisPoints: 100, fixed: 0n });
    const start = world.now;
    const transactionNumber = id();
    await wallet.pay({ merchantId, amount: 12_500n, transactionNumber });
    world.now += 60;
    const first = await settle(world.deps);
    world.now += 86_400;
    await merchant.run([await merchant.order({ transactionNumber, refunded: 2_500n })]);
    await setPayoutAccount(world.deps, merchantId, BANK);
    await wallet.pay({ merchantId, amount: 40_000n });
    world.now += 60;
    const second = await settle(world.deps);
    const whole = await statementOf(merchantId, start, world.now + 1);
    expect(whole).toMatchObject({
      name: "Paper & Ink",
      opening: 0n,
      payments: { count: 2, amount: 52_500n },
      fees: 525n,
      refunds: { count: 1, amount: 2_500n },
      payouts: { count: 1 },
      closing: 52_500n - 525n - 2_500n - whole.payouts.amount,
    });
    expect(whole.cycles.map(({ cycle }) => cycle)).toEqual([first.cycle, second.cycle]);
    const later = await statementOf(merchantId, start + 61, world.now + 1);
    expect(later.cycles.map(({ cycle }) => cycle)).toEqual([second.cycle]);
    expect(later.opening).toBe(12_375n);
    expect(later.closing).toBe(whole.closing);
  });

  test("is given to the merchant that signs a request for it, and to nobody else", async () => {
    const merchant = await createMerchant(world);
    const { merchantId } = merchant;
    const ask = async (iss: string) => {
      const request = { request: "statement", from: 0, until: world.now } as const;
      const about = { iss, aud: ISSUER, jti: id(), iat: world.now, request };
      const document = await createMerchantRequest(merchant.signer, about);
      const answer = await answerMerchantRequest(world.deps, document);
      const statement = readMerchantStatementAnswer(answer);
      const { crypto } = world.deps;
      return verifyMerchantStatement(crypto, world.keyList(), statement, { merchantId });
    };
    expect(await ask(merchantId)).toMatchObject({ merchantId, cycles: [] });
    const neighbour = await createMerchant(world);
    await expect(ask(neighbour.merchantId)).rejects.toMatchObject({ code: "merchant-key-unknown" });
  });

  test("without a settlement in its span carries over what was owed before", async () => {
    const merchant = await createMerchant(world);
    const { merchantId } = merchant;
    await wallet.pay({ merchantId, amount: 7_000n });
    world.now += 60;
    await settle(world.deps);
    const { opening, closing, cycles } = await statementOf(
      merchantId,
      world.now + 10,
      world.now + 100,
    );
    expect({ opening, closing, cycles }).toEqual({ opening: 7_000n, closing: 7_000n, cycles: [] });
  });

  test("is of one merchant: another one's is refused, and nobody's is not made", async () => {
    const { merchantId } = await createMerchant(world);
    const ring = world.deps.keyRings.current();
    const span = { from: 0, until: world.now };
    const document = await merchantStatement(world.deps, ring, merchantId, span);
    expect(() =>
      verifyMerchantStatement(world.deps.crypto, world.keyList(), document, { merchantId: id() }),
    ).toThrow(expect.objectContaining({ code: "transaction-mismatch" }));
    await expect(merchantStatement(world.deps, ring, id(), span)).rejects.toMatchObject({
      code: "merchant-unknown",
    });
  });
});
