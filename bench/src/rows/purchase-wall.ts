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
    const wall = median(purchases.map(({ pressedAt, doneAt }) => doneAt - pressedAt));
    const trips = median(purchases.map(roundTripTime));
    const cpu = median(purchases.map(({ cpuMilliseconds }) => cpuMilliseconds));
    const count = median(purchases.map(({ roundTrips }) => roundTrips.length));
    const row = { unit: "ms", rounds };
    return [
      {
        ...row,
        name: "purchase.wall",
        value: wall,
        ratio: wall / trips,
        against: `its ${count} round trips, ${Math.round(trips)} ms`,
      },
      { ...row, name: "cts.crypto", value: cpu, ratio: null, against: null },
    ];
  },
};

/** What the exchanges with shop and payment server take, as the browser measures them; they come one after another. */
function roundTripTime({ roundTrips }: Purchase): number {
  return roundTrips.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0);
}
