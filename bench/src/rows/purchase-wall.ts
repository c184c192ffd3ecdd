/** `purchase.wall`, `cts.crypto`: from the click on Pay to the goods, and the wallet's CPU meanwhile, in a real Chromium. */
import { median } from "../rounds.ts";
import type { Row } from "../row.ts";
import { openWallet } from "../wallet/browser.ts";
import { type Purchase, purchase } from "../wallet/purchase.ts";
import { startWorld } from "../wallet/world.ts";

/** Purchases that do not count: until then the browser compiles what it runs. */
const WARM_UP = 3;
/** Of each round. */
const PURCHASES = 2;

export const purchaseWall: Row = {
  name: "purchase.wall",
  async measure(context) {
    const rounds = context.effort.rounds * PURCHASES;
    const world = await startWorld(context);
    const browser = await openWallet(context, world);
    const purchases: Purchase[] = [];
    for (let round = -WARM_UP; round < rounds; round++) {
      const seen = await purchase(browser, world.saleUrl);
      if (round >= 0) purchases.push(seen);
    }
    const paid = await world.countPaid();
    if (paid !== WARM_UP + rounds) throw new Error(`${paid} payments are in the books.`);
    for (const line of steps(purchases)) context.say(line);
    const wall = median(purchases.map(({ pressedAt, doneAt }) => doneAt - pressedAt));
    const trips = median(purchases.map(roundTripTime));
    const cpu = median(purchases.map(({ cpuMilliseconds }) => cpuMilliseconds));
    const row = { unit: "ms", rounds };
    return [
      {
        ...row,
        name: "purchase.wall",
        value: wall,
        ratio: wall / trips,
        against: `its ${EXCHANGES.length} round trips, ${Math.round(trips)} ms`,
      },
      { ...row, name: "cts.crypto", value: cpu, ratio: null, against: null },
    ];
  },
};

/** What the exchanges with shop and payment server take, as the browser measures them; they come one after another. */
function roundTripTime({ roundTrips }: Purchase): number {
  return roundTrips.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0);
}

/** What the exchanges are, in their order, and what the wallet does before each of them and after the last. */
const EXCHANGES = [
  ["the click, verifying the quote, sealing and keeping the session", "3–4 session"],
  ["verifying and keeping the answer, sealing, signing and keeping the request", "5–6 payment"],
  ["verifying and keeping the proof", "7–8 proof"],
  ["verifying and keeping the advice", "9–10 goods, until their last byte"],
] as const;
const LAST = "decrypting, digesting and keeping the goods, showing the receipt";

/** Where the time goes: medians of each step, in milliseconds. */
function steps(purchases: readonly Purchase[]): string[] {
  const line = (what: string, of: (one: Purchase) => number) =>
    `  ${median(purchases.map(of)).toFixed(0).padStart(4)} ms  ${what}`;
  const trip = (one: Purchase, index: number) => {
    const found = one.roundTrips[index];
    if (found === undefined || one.roundTrips.length !== EXCHANGES.length) {
      const paths = one.roundTrips.map(({ path }) => path).join(", ");
      throw new Error(`A purchase made other round trips than its four: ${paths}.`);
    }
    return found;
  };
  const endBefore = (one: Purchase, index: number) =>
    index === 0 ? one.pressedAt : trip(one, index - 1).endedAt;
  return [
    ...EXCHANGES.flatMap(([before, name], index) => [
      line(before, (one) => trip(one, index).startedAt - endBefore(one, index)),
      line(`⇄ ${name}`, (one) => trip(one, index).endedAt - trip(one, index).startedAt),
    ]),
    line(LAST, (one) => one.doneAt - endBefore(one, EXCHANGES.length)),
  ];
}
