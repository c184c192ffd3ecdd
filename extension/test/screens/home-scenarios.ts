/** The screens of the home page in every state. */
import type { Page } from "playwright";
import {
  account,
  article,
  book,
  complete,
  delivered,
  devices,
  digital,
  inCondition,
  NOW,
  otherAddress,
  savedAddress,
  secondAccount,
  summary,
} from "./fixtures.ts";
import { paid, requested } from "./payment-scenarios.ts";
import { type Answers, base, fail, failure, ok, overview, type Scenario } from "./scenario.ts";

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

export const homeScenarios: readonly Scenario[] = [
  home("welcome", "#/", {
    overview: ok({ accounts: [], recent: [], attention: [], refusals: [], returns: [] }),
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
      overview: ok({ accounts: [awaiting], recent: [], attention: [], refusals: [], returns: [] }),
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
      returns: [],
    }),
  }),
  home("overview-new", "#/", { overview }),
  home("overview-awaiting", "#/", {
    overview: ok({ accounts: [awaiting], recent: [], attention: [], refusals: [], returns: [] }),
  }),
  home("overview-drift", "#/", {
    overview: ok({
      accounts: [inCondition("out-of-sequence")],
      recent: history.slice(0, 2),
      attention: [],
      refusals: [],
      returns: [],
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
      returns: [],
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
      returns: [],
    }),
  }),
  home("account-held", `#/accounts/${account.accountKey}`, {
    overview: ok({
      accounts: [inCondition("held")],
      recent: [],
      attention: [],
      refusals: [],
      returns: [],
    }),
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
  home("settings", "#/settings", {
    settings: ok({ keepGoods: true, openWindow: true }),
    loyalty: ok([]),
  }),
];
