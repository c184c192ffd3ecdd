/** The screens about statements and paying in. */
import type { StatementLineView, StatementView } from "../../src/messages.ts";
import { account, complete, inCondition, longWinded, NOW } from "./fixtures.ts";
import { type Answers, base, fail, ok, type Scenario } from "./scenario.ts";

const STATEMENTS = `#/accounts/${account.accountKey}/statements`;
const START = 1_793_491_200;

const line = (rest: Partial<StatementLineView>): StatementLineView => ({
  kind: "payment",
  at: START + 400_000,
  amount: "-49000",
  balance: "451000",
  name: "Lamplight Press",
  purchase: { purchaseId: complete.purchaseId, items: ["The Harbour at Night (e-book)"] },
  transactionNumber: "q8Jt0sVb1nZ4mQe7xYc2dA",
  paymentId: "Zm9vYmFyYmF6cXV4MTIzNA",
  ...rest,
});
const funding = line({
  kind: "funding",
  at: START + 7_200,
  amount: "500000",
  balance: "500000",
  name: "NTRF-2026-11-03-000417",
  purchase: null,
});

/** A month with one line of each kind. */
export const november: StatementView = {
  month: "2026-11",
  complete: false,
  madeAt: NOW,
  statementId: "s8Jt0sVb1nZ4mQe7xYc2dA",
  operator: account.operator,
  issuer: account.issuer,
  accountId: "a8Jt0sVb1nZ4mQe7xYc2dA",
  currency: "EUR",
  scale: 4,
  opening: "0",
  closing: "200000",
  payments: { count: 2, amount: "327000" },
  refunds: { count: 1, amount: "27000" },
  fundings: { count: 1, amount: "500000" },
  lines: [
    funding,
    line({}),
    line({ name: "Töpferei am Walchensee", amount: "-278000", balance: "173000", purchase: null }),
    line({ kind: "refund", at: START + 900_000, amount: "27000", balance: "200000" }),
  ],
  elsewhere: { count: 1, amount: "278000" },
  missing: [],
  document: "eyJ.eyJ.AAAA",
};

const { description } = longWinded.lines[0] ?? { description: "" };
const wordy: StatementView = {
  ...november,
  complete: true,
  operator: longWinded.accounts[0]?.operator ?? "",
  opening: "9223372036854775807",
  closing: "9223372036854775807",
  lines: [
    line({
      name: longWinded.shopName,
      amount: "-9223372036854775",
      balance: "9223372036854775807",
      purchase: { purchaseId: complete.purchaseId, items: [description, "Postage"] },
    }),
    {
      ...funding,
      name: "Überweisung vom gemeinsamen Haushaltskonto der Familie Oberhauser-Wiesner, danke",
    },
  ],
};

const screen = (name: string, fragment: string, answers: Answers): Scenario => ({
  name: `home-${name}`,
  page: `home.html${fragment}`,
  answers: { ...base, ...answers },
  wide: true,
});
const statement = (name: string, value: StatementView) =>
  screen(`statement-${name}`, `${STATEMENTS}/2026-11`, { statement: ok(value) });

const details = {
  reference: "RF18123456789012",
  holder: "Regiogeld Oberland e. G.",
  iban: "DE89370400440532013000",
  bic: "COBADEFFXXX",
  text: "Bitte nur vom eigenen Konto überweisen.",
};
const ADD_MONEY = `#/accounts/${account.accountKey}/add-money`;

export const statementScenarios: readonly Scenario[] = [
  screen("statements", STATEMENTS, {
    statementMonths: ok({ months: ["2026-11", "2026-10", "2026-09"] }),
  }),
  screen("statements-failed", STATEMENTS, { statementMonths: fail("issuer-unreachable") }),
  screen("statements-revoked", STATEMENTS, {
    overview: ok({
      accounts: [inCondition("device-revoked")],
      recent: [],
      attention: [],
      refusals: [],
      returns: [],
    }),
  }),
  statement("month", november),
  statement("empty", {
    ...november,
    complete: true,
    opening: "200000",
    payments: { count: 0, amount: "0" },
    refunds: { count: 0, amount: "0" },
    fundings: { count: 0, amount: "0" },
    lines: [],
    elsewhere: { count: 0, amount: "0" },
  }),
  statement("long-words", wordy),
  statement("missing", {
    ...november,
    missing: [
      {
        purchaseId: complete.purchaseId,
        shopName: "Field Recordings",
        amount: "2500",
        at: START + 500_000,
      },
    ],
  }),
  statement("busy", {
    ...november,
    lines: Array.from({ length: 700 }, (_, index) =>
      line({ at: START + index * 3_000, amount: "-5", name: "Tide Review" }),
    ),
  }),
  screen("statement-forged", `${STATEMENTS}/2026-11`, { statement: fail("statement-forged") }),
  screen("funding", ADD_MONEY, { funding: ok({ details }) }),
  screen("funding-none", ADD_MONEY, { funding: ok({ details: null }) }),
];
