/** The payment window's screens in every state. */
import type { Page } from "playwright";
import type { WalletAnswers } from "../../src/messages.ts";
import {
  account,
  article,
  book,
  complete,
  delivered,
  digital,
  inCondition,
  longWinded,
  manyLines,
  NOW,
  otherAddress,
  physical,
  picture,
  savedAddress,
  secondAccount,
  stepsTo,
  underWay,
} from "./fixtures.ts";
import { type Answers, base, fail, failure, ok, type Scenario } from "./scenario.ts";

const pay = (
  name: string,
  purchase: WalletAnswers["purchase"],
  more: Partial<Omit<Scenario, "answers">> & { answers?: Answers } = {},
): Scenario => ({
  ...more,
  name: `pay-${name}`,
  page: `payment.html?purchase=${purchase.purchaseId}`,
  answers: { ...base, purchase: ok(purchase), ...more.answers },
});

const withAccount = (...of: Parameters<typeof inCondition>) => ({
  ...digital,
  accounts: [inCondition(...of)],
});
const attempted = {
  ...digital,
  ...underWay,
  state: "quote-authenticated",
  steps: stepsTo(4),
  confirmable: true,
} as const;
export const requested = {
  ...digital,
  ...underWay,
  state: "payment-requested",
  steps: stepsTo(5),
} as const;
export const paid = { ...digital, ...underWay, state: "paid", steps: stepsTo(6) } as const;

const LINK = `${digital.shopOrigin}/chit/pay/${digital.transactionNumber}/kXoq0N3s1VJmY7dB2cTfLw`;
const shared = {
  ...digital,
  ...underWay,
  accountKey: null,
  state: "awaiting-payer",
  payLink: LINK,
  steps: stepsTo(4),
  waiting: failure("awaiting-payer"),
} as const;
/** Paid by somebody else: the initiator's receipt. */
const paidByAnother = { ...complete, accountKey: null, payLink: LINK } as const;
const payerOffer = {
  ...digital,
  role: "payer",
  state: "payer-quoted",
  mayBePaidByAnother: false,
} as const;
const paidForAnother = {
  ...payerOffer,
  ...underWay,
  state: "payer-complete",
  payment: "first",
  steps: stepsTo(7).filter(({ step }) => step !== 3 && step !== 4),
} as const;

const typePin = async (page: Page) => {
  await page.locator('[name="chit-pin"]').fill("123");
  await page.keyboard.press("Enter");
};

const refusal = (code: string, issuers: string[] = []): Scenario => ({
  name: `refusal-${code}`,
  page: "payment.html?refusal=AAAAAAAAAAAAAAAAAAAAAA",
  answers: {
    ...base,
    refusal: ok({ origin: "https://lamplight-press.example", issuers, failure: failure(code) }),
  },
});

export const paymentScenarios: readonly Scenario[] = [
  pay("offer", digital),
  pay("offer-pin-error", digital, { act: typePin }),
  pay("offer-two-accounts", {
    ...digital,
    accounts: [account, { ...secondAccount, condition: "held" }],
  }),
  pay("offer-short", { ...digital, accounts: [{ ...account, balance: "21000" }] }),
  pay("offer-long", longWinded),
  pay("offer-many-lines", manyLines),
  pay("offer-address-new", physical),
  pay("offer-address-errors", physical, {
    act: (page) => page.locator('button[type="submit"]').click(),
  }),
  pay("offer-address-saved", physical, {
    answers: { addresses: ok([savedAddress, otherAddress]) },
  }),
  pay("offer-wrong-pin", {
    ...attempted,
    wrongPin: { attemptsLeft: 3 },
    waiting: failure("wrong-pin"),
  }),
  pay("offer-last-try", {
    ...attempted,
    wrongPin: { attemptsLeft: 1 },
    waiting: failure("wrong-pin"),
  }),
  pay("offer-pin-needed", { ...attempted, waiting: failure("pin-needed") }),
  pay("offer-pin-changed", { ...withAccount("pin-changed"), waiting: failure("pin-changed") }),
  pay("offer-shop-unreachable", { ...attempted, waiting: failure("shop-unreachable") }),
  pay("shared", shared),
  pay("shared-long", {
    ...longWinded,
    ...shared,
    shopName: longWinded.shopName,
    lines: longWinded.lines,
  }),
  pay("shared-expired", { ...shared, expiresAt: NOW - 60 }),
  pay("shared-shop-silent", shared, {
    answers: { decline: fail("shop-unreachable") },
    act: (page) => page.getByRole("button", { name: /Call it off|Absagen/ }).click(),
  }),
  pay("called-off", { ...digital, ...underWay, state: "declined", calledOff: true }),
  pay("nobody-paid", { ...digital, ...underWay, state: "failed", failure: failure("nobody-paid") }),
  pay("receipt-paid-by-another", paidByAnother),
  pay("payer-offer", payerOffer),
  pay("payer-progress", { ...payerOffer, ...underWay, state: "payer-paid", steps: stepsTo(6) }),
  pay("payer-receipt", paidForAnother),
  pay("payer-receipt-second", { ...paidForAnother, payment: "further" }),
  pay("payer-receipt-returned", { ...paidForAnother, payment: "returned" }),
  pay("payer-already-paid", {
    ...payerOffer,
    ...underWay,
    state: "failed",
    failure: failure("already-paid"),
  }),
  refusal("already-paid"),
  refusal("payer-link-closed"),
  pay("awaiting-pin", withAccount("awaiting-pin")),
  pay("pin-locked", withAccount("pin-locked")),
  pay("out-of-sequence", withAccount("out-of-sequence")),
  pay(
    "out-of-sequence-new-pin",
    withAccount("out-of-sequence", { newPin: true, refusedCount: null }),
  ),
  pay(
    "out-of-sequence-count",
    withAccount("out-of-sequence", { newPin: true, refusedCount: 1_204 }),
    {
      answers: { setTransactionCount: fail("new-pin-needed") },
      act: async (page) => {
        await page.locator('[name="transaction-count"]').fill("1204");
        await page.keyboard.press("Enter");
      },
    },
  ),
  pay("held-silent", withAccount("held"), {
    answers: { refreshAccount: fail("issuer-unreachable") },
  }),
  pay("held", withAccount("held")),
  pay("device-revoked", withAccount("device-revoked")),
  pay(
    "no-account",
    { ...digital, accounts: [], confirmable: false },
    {
      answers: {
        overview: ok({ accounts: [], recent: [], attention: [], refusals: [], returns: [] }),
      },
    },
  ),
  pay("no-fitting-account", {
    ...digital,
    accounts: [],
    confirmable: false,
    issuers: ["https://tps.uni-campus.example", "https://pay.example"],
  }),
  pay("progress-shop", { ...digital, ...underWay, state: "session-initiated" }),
  pay("progress-shop-silent", {
    ...digital,
    ...underWay,
    state: "session-initiated",
    waiting: failure("shop-unreachable"),
  }),
  pay("progress-paying", requested),
  pay("progress-goods", { ...paid, state: "goods-requested", steps: stepsTo(9) }),
  pay("checking", { ...requested, waiting: failure("issuer-unreachable") }),
  pay("checking-forged", { ...requested, waiting: failure("issuer-answer-forged") }),
  pay("shop-silent", { ...paid, waiting: failure("shop-unreachable") }),
  pay("goods-waiting", {
    ...paid,
    state: "goods-requested",
    steps: stepsTo(9),
    waiting: failure("shop-unreachable"),
    goods: [{ ...book, received: 400_000, stored: false }],
  }),
  pay("goods-damaged", {
    ...paid,
    state: "goods-requested",
    steps: stepsTo(9),
    waiting: failure("goods-damaged"),
  }),
  pay("receipt-file", { ...complete, goods: [book, { ...picture, mediaType: "application/pdf" }] }),
  pay("receipt-article", { ...complete, goods: [article] }),
  pay("receipt-delivery", delivered),
  pay("denied-funds", {
    ...requested,
    state: "denied",
    failure: failure("insufficient-funds"),
    accounts: [{ ...account, balance: "21000" }],
  }),
  pay("denied-held", {
    ...requested,
    state: "denied",
    failure: failure("account-held"),
    accounts: [inCondition("held")],
  }),
  pay("denied-held-lifted", {
    ...requested,
    state: "denied",
    failure: failure("account-held"),
  }),
  pay("denied-merchant", { ...requested, state: "denied", failure: failure("merchant-revoked") }),
  pay("failed-shop", {
    ...attempted,
    state: "failed",
    confirmable: false,
    failure: failure("authentication-failed"),
  }),
  pay("failed-paid", { ...paid, state: "failed", failure: failure("goods-unavailable") }),
  pay("expired", { ...digital, expiresAt: NOW - 5 }),
  pay("declined", { ...digital, state: "declined", confirmable: false }),
  {
    name: "pay-unknown",
    page: "payment.html?purchase=AAAAAAAAAAAAAAAAAAAAAA",
    answers: { ...base, purchase: fail("unknown-purchase") },
  },
  refusal("certificate-missing"),
  refusal("certificate-invalid"),
  refusal("origin-not-certified"),
  refusal("certificate-expired"),
  refusal("certificate-revoked"),
  refusal("quote-inconsistent"),
  refusal("shop-unreachable"),
  refusal("no-account", ["https://pay.regiogeld.example"]),
  refusal("issuer-not-accepted", ["https://tps.uni-campus.example"]),
];
