/** Money back, and shops that recognise. */
import type { PurchaseView, RefundView, WalletRequestName } from "../../src/messages.ts";
import { account, book, complete, digital, id, longWinded, NOW, summary } from "./fixtures.ts";
import { base, failure, ok, type Scenario } from "./scenario.ts";

const untouched: RefundView = {
  askable: true,
  left: "49000",
  asked: null,
  unanswered: false,
  failure: null,
  decision: "none",
  accepted: "0",
  given: "0",
  message: null,
  decidedAt: null,
  returned: [],
  returnedTotal: "0",
  full: false,
  open: false,
};
const asked: RefundView = {
  ...untouched,
  askable: false,
  asked: { reason: "damaged", text: "Page 12 is missing.", amount: null, at: NOW - 3_600 },
  open: true,
};
const cameBack = (amount: string): RefundView["returned"][number] => ({
  paymentId: id("payment"),
  orderId: id(`order of ${amount}`),
  amount,
  at: NOW - 600,
  seen: true,
});

const bought: PurchaseView = { ...complete, goods: [book], refund: untouched };

const page = (name: string, refund: RefundView, changed: Partial<PurchaseView> = {}): Scenario => {
  const purchase = { ...bought, refund, givenBack: refund.full, ...changed };
  return home(name, `#/purchases/${bought.purchaseId}`, purchase);
};
function home(
  name: string,
  fragment: string,
  purchase: PurchaseView,
  act?: Scenario["act"],
): Scenario {
  const refreshed = { refreshRefund: ok(purchase), purchase: ok(purchase) } satisfies {
    [N in WalletRequestName]?: unknown;
  };
  return {
    name,
    page: `home.html${fragment}`,
    answers: { ...base, ...refreshed, seeReturns: ok(null) },
    ...(act === undefined ? {} : { act }),
  };
}

const returned = (amount: string, shopName: string | null) => ({
  ...cameBack(amount),
  seen: false,
  currency: "EUR",
  scale: 4,
  purchase: shopName === null ? null : { purchaseId: bought.purchaseId, shopName },
});

export const afterSaleScenarios: readonly Scenario[] = [
  page("refund-possible", untouched),
  page("refund-unanswered", { ...asked, unanswered: true, failure: failure("refund-unanswered") }),
  page("refund-asked", { ...asked, decision: "asked" }),
  page("refund-accepted", {
    ...asked,
    askable: true,
    decision: "accepted",
    accepted: "20000",
    left: "29000",
    message: "We keep the postage.",
  }),
  page("refund-back", {
    ...asked,
    decision: "accepted",
    accepted: "49000",
    given: "49000",
    left: "0",
    returned: [cameBack("20000"), cameBack("29000")],
    returnedTotal: "49000",
    full: true,
    open: false,
  }),
  page(
    "refund-back-goods-gone",
    {
      ...asked,
      decision: "accepted",
      accepted: "49000",
      given: "49000",
      left: "0",
      returned: [cameBack("49000")],
      returnedTotal: "49000",
      full: true,
      open: false,
    },
    { goods: [{ ...book, stored: false, received: 0 }] },
  ),
  page("refund-refused", {
    ...asked,
    askable: true,
    decision: "refused",
    open: false,
    message:
      "The period in which this could be returned was over on the first of the month; and it was read to the end, as our records of the loan show, so that we see no reason to give anything back.",
  }),
  page("refund-not-taken", { ...untouched, failure: failure("refund-refused") }),
  home("refund-form", `#/purchases/${bought.purchaseId}/refund`, bought),
  home("refund-form-wrong", `#/purchases/${bought.purchaseId}/refund`, bought, async (at) => {
    await at.locator('input[type="radio"]').last().check();
    await at.locator('input[name="amount"]').fill("50,00");
    await at.locator("form button").click();
  }),
  {
    name: "overview-returns",
    page: "home.html#/",
    answers: {
      ...base,
      refreshReturns: ok(null),
      overview: ok({
        accounts: [account],
        recent: [summary(bought, { givenBack: true })],
        attention: [],
        refusals: [],
        returns: [
          returned("49000", bought.shopName),
          returned("1250", longWinded.shopName),
          returned("8000", null),
        ],
      }),
    },
  },
  {
    name: "settings-loyalty",
    page: "home.html#/settings",
    answers: {
      ...base,
      settings: ok({ keepGoods: true, openWindow: true }),
      loyalty: ok([
        {
          merchantId: id("merchant"),
          shopName: bought.shopName,
          shopOrigin: bought.shopOrigin,
          on: true,
          firstTold: NOW - 86_400 * 40,
          lastTold: NOW - 3_600,
          pseudonym: "q8Jt0sVb1nZ4mQe7xYc2dA",
        },
        {
          merchantId: id("another merchant"),
          shopName: longWinded.shopName,
          shopOrigin: longWinded.shopOrigin,
          on: false,
          firstTold: NOW - 86_400 * 400,
          lastTold: NOW - 86_400 * 300,
          pseudonym: "Zm9vYmFyYmF6cXV4MTIzNA",
        },
      ]),
    },
    act: async (at) => {
      await at.locator("main button").first().click();
    },
  },
  {
    name: "confirm-recognise",
    page: `payment.html?purchase=${digital.purchaseId}`,
    answers: { ...base, purchase: ok({ ...digital, recognise: false }) },
  },
];
