/** Views as the background would give them, in every state: typed by the contract, no code of the wallet. */
import type {
  AccountCondition,
  AccountView,
  DeviceView,
  GoodsView,
  PurchaseSummary,
  PurchaseView,
  SavedAddress,
} from "../../src/messages.ts";

/** The pages' clock stands still here, so that pictures of different days are alike. 2026-11-22 14:05 UTC. */
export const NOW = 1_795_356_300;

export const id = (text: string) => `${text}${"A".repeat(22)}`.slice(0, 21).concat("A");

export const account: AccountView = {
  accountKey: id("account"),
  issuer: "https://pay.regiogeld.example",
  operator: "Regiogeld Oberland",
  telephone: "+49 8041 555 0142",
  currency: "EUR",
  scale: 4,
  condition: "active",
  drift: null,
  balance: "200000",
  balanceAt: NOW - 420,
  deviceName: "Laptop at home",
  checkNumber: "4071",
  transactionCount: 17,
};

export const secondAccount: AccountView = {
  ...account,
  accountKey: id("second"),
  issuer: "https://tps.uni-campus.example",
  operator: "Campus Card Göttingen",
  balance: "18050",
};

/** The account in a condition, with what belongs to it. */
export const inCondition = (
  condition: AccountCondition,
  drift = { newPin: false, refusedCount: null as number | null },
): AccountView => ({
  ...account,
  condition,
  drift: condition === "out-of-sequence" ? drift : null,
});

const device = (name: string, rest: Partial<DeviceView>): DeviceView => ({
  deviceId: id(name.replace(/[^A-Za-z]/g, "")),
  name,
  thisDevice: false,
  state: "active",
  pin: "active",
  activatedAt: NOW - 40 * 86_400,
  lastUsedAt: NOW - 7_200,
  checkNumber: "4071",
  ...rest,
});

export const devices: readonly DeviceView[] = [
  device(account.deviceName, { thisDevice: true }),
  device("Desktop in the study", { checkNumber: "0038", lastUsedAt: NOW - 3 * 86_400 }),
  device("Rechner im Arbeitszimmer der Genossenschaftsgeschäftsstelle Oberland, zweiter Stock", {
    checkNumber: "9912",
    pin: "awaiting-pin",
    activatedAt: NOW - 600,
    lastUsedAt: null,
  }),
  device("Old laptop", { state: "revoked", lastUsedAt: NOW - 20 * 86_400 }),
];

export const digital: PurchaseView = {
  purchaseId: id("digital"),
  role: "initiator",
  state: "quoted",
  shopName: "Lamplight Press",
  shopOrigin: "https://lamplight.example",
  title: "The Harbour at Night (e-book)",
  amount: "49000",
  currency: "EUR",
  scale: 4,
  createdAt: NOW - 60,
  givenBack: false,
  waiting: null,
  transactionNumber: "q8Jt0sVb1nZ4mQe7xYc2dA",
  kind: "digital",
  addressRequired: false,
  lines: [
    { description: "The Harbour at Night (e-book)", quantity: 1, amount: "59000" },
    { description: "Reader’s discount", quantity: 1, amount: "-10000" },
  ],
  expiresAt: NOW + 840,
  issuers: [account.issuer],
  accounts: [account],
  accountKey: null,
  confirmable: true,
  payLink: null,
  mayBePaidByAnother: true,
  calledOff: false,
  payment: null,
  steps: [{ step: 2, at: NOW - 60 }],
  wrongPin: null,
  failure: null,
  refund: null,
  recognise: null,
  goods: [],
  delivery: null,
  address: null,
  technical: [
    { name: "merchantId", value: "Zm9vYmFyYmF6cXV4MTIzNA" },
    { name: "quoteHash", value: "8NV3mQxJq0gQ2dPpWcY0b3nqk1mE9aTzL7uHfRsoXiw" },
    { name: "suite", value: "0x0020/0x0001/0x0001" },
  ],
};

type Step = PurchaseView["steps"][number]["step"];
const ALL_STEPS: readonly Step[] = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The steps up to one, a second or so apart. */
export const stepsTo = (last: number): PurchaseView["steps"] =>
  ALL_STEPS.filter((step) => step <= last).map((step) => ({ step, at: NOW - 40 + step }));

/** A purchase under way: Pay was pressed. */
export const underWay = {
  confirmable: false,
  mayBePaidByAnother: false,
  accountKey: account.accountKey,
} satisfies Partial<PurchaseView>;

const item = (name: string, rest: Partial<GoodsView>): GoodsView => ({
  goodsId: id(name.replace(/[^A-Za-z]/g, "")),
  name,
  filename: "goods.bin",
  mediaType: "application/octet-stream",
  size: 1_248_000,
  received: 1_248_000,
  presentation: "save",
  stored: true,
  ...rest,
});

export const book = item("The Harbour at Night", {
  filename: "harbour.epub",
  mediaType: "application/epub+zip",
});
export const picture = item("Harbour, six in the morning", {
  filename: "harbour.png",
  mediaType: "image/png",
  size: 2_348,
  received: 2_348,
});
export const article = item("What the tide brought", {
  filename: "tide.html",
  mediaType: "text/html",
  presentation: "page",
  stored: false,
  size: 18_200,
  received: 18_200,
});

export const complete: PurchaseView = {
  ...digital,
  ...underWay,
  state: "complete",
  steps: stepsTo(10),
  goods: [book],
  accounts: [{ ...account, balance: "151000", balanceAt: NOW }],
};

export const savedAddress: SavedAddress = {
  addressId: id("address"),
  address: {
    name: "Annemarie Oberhauser",
    lines: ["Marktstraße 12", "Hinterhaus, 3. Stock"],
    postalCode: "83646",
    city: "Bad Tölz",
    country: "DE",
  },
};
export const otherAddress: SavedAddress = {
  addressId: id("other"),
  address: { name: "Office", lines: ["1 Quay Street"], city: "Galway", country: "IE" },
};

export const physical: PurchaseView = {
  ...digital,
  purchaseId: id("physical"),
  kind: "physical",
  addressRequired: true,
  shopName: "Töpferei am Walchensee",
  shopOrigin: "https://www.toepferei-walchensee.example",
  title: "Mug, lake blue",
  amount: "278000",
  lines: [
    { description: "Mug, lake blue, hand-thrown", quantity: 2, amount: "238000" },
    { description: "Postage", quantity: 1, amount: "40000" },
  ],
  accounts: [{ ...account, balance: "1200000" }],
};

export const delivered: PurchaseView = {
  ...physical,
  ...underWay,
  state: "complete",
  steps: stepsTo(8),
  address: savedAddress.address,
  delivery: {
    text: "We pack it tomorrow. It travels by parcel post, well wrapped.",
    carrier: "Parcel Post",
    trackingUrl: "https://parcel.example/track/1234",
    expectedFrom: NOW + 2 * 86_400,
    expectedUntil: NOW + 4 * 86_400,
  },
};

/** As a list shows it. */
export function summary(
  purchase: PurchaseView,
  changed: Partial<PurchaseSummary> = {},
): PurchaseSummary {
  const { purchaseId, role, state, shopName, shopOrigin, title, amount, currency, scale } =
    purchase;
  const { createdAt, givenBack, waiting } = purchase;
  return {
    purchaseId,
    role,
    state,
    shopName,
    shopOrigin,
    title,
    amount,
    currency,
    scale,
    createdAt,
    givenBack,
    waiting,
    ...changed,
  };
}

/** Names and texts at the protocol's bounds, amounts at both ends. */
export const longWinded: PurchaseView = {
  ...digital,
  shopName: "Oberbayerische Landwirtschaftsgenossenschaft Kreisverband Süd",
  shopOrigin: "https://xn--landwirtschaftsgenossenschaft-sd-vwc.kreisverband.example:8443",
  amount: "9223372036854775",
  lines: [
    {
      description:
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft, Jahrbuch",
      quantity: 1_000_000,
      amount: "9223372036854765",
    },
    { description: 'Wort für Wort <b>kein</b> HTML & "Zeichen"', quantity: 1, amount: "10" },
  ],
  accounts: [
    {
      ...account,
      operator: "Genossenschaftsbank der Vereinigten Talschaften e. G.",
      balance: "9223372036854775807",
    },
  ],
};

export const manyLines: PurchaseView = {
  ...digital,
  amount: "500",
  lines: Array.from({ length: 100 }, (_, index) => ({
    description: `Page ${index + 1} of the almanac`,
    quantity: 1,
    amount: "5",
  })),
};
