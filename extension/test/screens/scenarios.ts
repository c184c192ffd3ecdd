/** Every screen in every state, as answers of a background and what a person does then. */
import type { Page } from "playwright";
import type { WalletAnswers, WalletReply, WalletRequestName } from "../../src/messages.ts";
import {
  account,
  article,
  book,
  complete,
  delivered,
  devices,
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
  summary,
  underWay,
} from "./fixtures.ts";

export type Answers = { [N in WalletRequestName]?: WalletReply<WalletAnswers[N]> };

export interface Scenario {
  readonly name: string;
  /** Page with its query and fragment. */
  readonly page: string;
  readonly answers: Answers;
  /** What a person does before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
  /** Also as a wide tab, and as the toolbar's popup. */
  readonly wide?: boolean;
}

const ok = <T>(value: T): WalletReply<T> => ({ ok: true, value });
const fail = (code: string, detail = "Words of the program, in English."): WalletReply<never> => ({
  ok: false,
  failure: { code, detail },
});
const failure = (code: string) => ({ code, detail: "Words of the program, in English." });

const overview = ok({ accounts: [account], recent: [], attention: [], refusals: [] });
const base: Answers = { addresses: ok([]), overview, refreshAccount: ok(account) };

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
const requested = {
  ...digital,
  ...underWay,
  state: "payment-requested",
  steps: stepsTo(5),
} as const;
const paid = { ...digital, ...underWay, state: "paid", steps: stepsTo(6) } as const;

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

const paymentScenarios: Scenario[] = [
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
      answers: { overview: ok({ accounts: [], recent: [], attention: [], refusals: [] }) },
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

const shops = ["Lamplight Press", "Töpferei am Walchensee", "Field Recordings", "Tide Review"];
const history = [
  summary(complete),
  summary(delivered, { createdAt: NOW - 86_400 }),
  ...Array.from({ length: 6 }, (_, index) =>
    summary(complete, {
      purchaseId: `${index}AAAAAAAAAAAAAAAAAAAAA`,
      shopName: shops[index % 4] ?? "",
      title: "What the tide brought",
      amount: index === 3 ? "5" : "2500",
      state: index === 4 ? "denied" : index === 5 ? "declined" : "complete",
      createdAt: NOW - 86_400 * (2 + index * 40),
    }),
  ),
];
const waitingPurchase = summary(
  { ...paid, waiting: failure("shop-unreachable") },
  {
    purchaseId: "waitingAAAAAAAAAAAAAAA",
    shopName: "Field Recordings",
    title: "Rain on a tin roof, 42 min",
  },
);

const home = (
  name: string,
  fragment: string,
  answers: Answers,
  act?: Scenario["act"],
): Scenario => ({
  name: `home-${name}`,
  page: `home.html${fragment}`,
  answers: { ...base, ...answers },
  wide: true,
  ...(act ? { act } : {}),
});
const activation = ok({
  issuer: account.issuer,
  operator: account.operator,
  telephone: account.telephone,
  currency: "EUR",
});
const awaiting = {
  ...account,
  condition: "awaiting-pin",
  balance: null,
  balanceAt: null,
  transactionCount: 0,
} as const;
const LINK = "#/setup?link=https%3A%2F%2Fpay.regiogeld.example%2Factivate%23abc";
const DEVICES = `#/accounts/${account.accountKey}/devices`;
const submit = (page: Page) => page.locator('button[type="submit"]').click();

const homeScenarios: Scenario[] = [
  home("welcome", "#/", {
    overview: ok({ accounts: [], recent: [], attention: [], refusals: [] }),
  }),
  home("setup-link", "#/setup", {}),
  home("setup-link-failed", LINK, { inspectActivation: fail("activation-invalid") }),
  home("setup-confirm", LINK, { inspectActivation: activation }),
  home(
    "setup-call",
    LINK,
    {
      inspectActivation: activation,
      activate: ok(awaiting),
      refreshAccount: ok(awaiting),
      overview: ok({ accounts: [awaiting], recent: [], attention: [], refusals: [] }),
    },
    submit,
  ),
  home("setup-done", LINK, { inspectActivation: activation, activate: ok(account) }, submit),
  home("overview", "#/", {
    overview: ok({
      accounts: [account, secondAccount],
      recent: history.slice(0, 5),
      attention: [waitingPurchase],
      refusals: [],
    }),
  }),
  home("overview-new", "#/", { overview }),
  home("overview-awaiting", "#/", {
    overview: ok({ accounts: [awaiting], recent: [], attention: [], refusals: [] }),
  }),
  home("overview-drift", "#/", {
    overview: ok({
      accounts: [inCondition("out-of-sequence")],
      recent: history.slice(0, 2),
      attention: [],
      refusals: [],
    }),
  }),
  home("overview-refusals", "#/", {
    overview: ok({
      accounts: [inCondition("pin-changed")],
      recent: history.slice(0, 1),
      attention: [],
      refusals: [
        {
          refusalId: "AAAAAAAAAAAAAAAAAAAAAA",
          createdAt: NOW - 240,
          origin: "https://lamplight-press.example",
          failure: failure("origin-not-certified"),
        },
        {
          refusalId: "AAAAAAAAAAAAAAAAAAAAAQ",
          createdAt: NOW - 1_800,
          origin: "https://xn--landwirtschaftsgenossenschaft-sd-vwc.kreisverband.example:8443",
          failure: failure("certificate-missing"),
        },
      ],
    }),
  }),
  home("overview-failed", "#/", { overview: fail("storage-failed") }),
  home("history", "#/purchases", { purchases: ok({ purchases: history, more: true }) }),
  home(
    "history-none",
    "#/purchases",
    { purchases: ok({ purchases: [], more: false }) },
    async (page) => {
      await page.locator('input[type="search"]').fill("unicorn");
      await page.waitForTimeout(400);
    },
  ),
  home(
    "purchase",
    `#/purchases/${complete.purchaseId}`,
    { purchase: ok({ ...complete, goods: [book, article] }) },
    async (page) => {
      await page.locator("summary").last().click();
    },
  ),
  home("purchase-delivery", `#/purchases/${delivered.purchaseId}`, { purchase: ok(delivered) }),
  home("purchase-again", `#/purchases/${complete.purchaseId}`, {
    purchase: ok({ ...complete, goods: [{ ...book, stored: false, received: 0 }] }),
  }),
  home("purchase-again-over", `#/purchases/${complete.purchaseId}`, {
    purchase: ok({
      ...complete,
      failure: failure("redelivery-over"),
      goods: [{ ...book, stored: false, received: 0 }],
    }),
  }),
  home("purchase-again-silent", `#/purchases/${complete.purchaseId}`, {
    purchase: ok({
      ...complete,
      failure: failure("redelivery-unanswered"),
      goods: [{ ...book, stored: false, received: 0 }],
    }),
  }),
  home("purchase-recovering", `#/purchases/${complete.purchaseId}`, {
    purchase: ok({
      ...complete,
      state: "recovering",
      goods: [{ ...book, stored: false, received: 0 }],
    }),
  }),
  home("purchase-waiting", `#/purchases/${complete.purchaseId}`, {
    purchase: ok({ ...paid, waiting: failure("shop-unreachable") }),
  }),
  home("purchase-open", `#/purchases/${digital.purchaseId}`, { purchase: ok(digital) }),
  home("purchase-denied", `#/purchases/${digital.purchaseId}`, {
    purchase: ok({ ...requested, state: "denied", failure: failure("insufficient-funds") }),
  }),
  home("account", `#/accounts/${account.accountKey}`, {}),
  home("account-revoked", `#/accounts/${account.accountKey}`, {
    overview: ok({
      accounts: [inCondition("device-revoked")],
      recent: [],
      attention: [],
      refusals: [],
    }),
  }),
  home("account-held", `#/accounts/${account.accountKey}`, {
    overview: ok({ accounts: [inCondition("held")], recent: [], attention: [], refusals: [] }),
  }),
  home("devices", DEVICES, { devices: ok({ devices: [...devices] }) }, async (page) => {
    await page.locator("summary").click();
  }),
  home("devices-one", DEVICES, { devices: ok({ devices: devices.slice(0, 1) }) }),
  home("devices-loading-failed", DEVICES, { devices: fail("issuer-unreachable") }),
  home("devices-revoke", DEVICES, { devices: ok({ devices: devices.slice(0, 2) }) }, (page) =>
    page.getByRole("button", { name: /Desktop in the study/ }).click(),
  ),
  home("devices-revoke-this", DEVICES, { devices: ok({ devices: devices.slice(0, 2) }) }, (page) =>
    page.getByRole("button", { name: /Laptop at home/ }).click(),
  ),
  home(
    "devices-revoke-failed",
    DEVICES,
    { devices: ok({ devices: devices.slice(0, 2) }), revokeDevice: fail("issuer-unreachable") },
    async (page) => {
      await page.getByRole("button", { name: /Desktop in the study/ }).click();
      await page.locator(".confirm-action .button-danger").click();
    },
  ),
  home(
    "devices-invited",
    DEVICES,
    {
      devices: ok({ devices: devices.slice(0, 1) }),
      inviteDevice: ok({
        link: `${account.issuer}/activate#qdbA1DSgchVXRvc-QTRULw.M4hd6MRM4hWTF8XSE5Dqylk2X5jChNBWHCM7feE6PUY`,
        expiresAt: NOW + 86_400,
      }),
    },
    (page) => page.locator(".sheet .button-primary").click(),
  ),
  home(
    "devices-too-many",
    DEVICES,
    {
      devices: ok({ devices: devices.slice(0, 1) }),
      inviteDevice: fail("too-many-invites"),
    },
    (page) => page.locator(".sheet .button-primary").click(),
  ),
  home("addresses", "#/addresses", { addresses: ok([savedAddress, otherAddress]) }),
  home("addresses-edit", "#/addresses", { addresses: ok([savedAddress]) }, async (page) => {
    await page.locator("article button").first().click();
  }),
  home("addresses-none", "#/addresses", {}),
  home("settings", "#/settings", { settings: ok({ keepGoods: true, openWindow: true }) }),
];

export const scenarios: readonly Scenario[] = [...paymentScenarios, ...homeScenarios];
