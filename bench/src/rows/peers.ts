/** `peers`: the same article sold through Chit, and by x402 behind the same Express to the same `fetch`. */
import { openChit } from "../peers/chit/side.ts";
import { figuresOf, mediansOf, type SaleFigures } from "../peers/figures.ts";
import { compare } from "../peers/results.ts";
import type { Side } from "../peers/side.ts";
import { installPeers, PEER } from "../peers/x402/install.ts";
import { openX402 } from "../peers/x402/side.ts";
import type { Row } from "../row.ts";

/** One shopper buys one article after another, which takes longer than many at once: a part of the effort's sales. */
const SALES_SHARE = 1 / 20;
/** Both shops become twice as fast in their first hundreds of sales, and a real one is long past them. */
const WARM_UP_SHARE = 2 / 5;

export const peers: Row = {
  name: "peers",
  isLong: true,
  async measure(context) {
    const { rounds, sales, saleWarmUp } = context.effort;
    const version = await installPeers(context.say);
    const sides = { ours: await openChit(context), theirs: await openX402(context) };
    for (const side of Object.values(sides)) {
      await buyAll(side, Math.ceil(saleWarmUp * WARM_UP_SHARE));
    }
    const count = Math.ceil(sales * SALES_SHARE);
    const seen: Record<keyof typeof sides, SaleFigures[]> = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      const order = ["ours", "theirs"] as const;
      for (const name of round % 2 === 0 ? order : order.toReversed()) {
        seen[name].push(await buyAll(sides[name], count));
      }
    }
    const [ours, theirs] = [mediansOf(seen.ours), mediansOf(seen.theirs)];
    return compare(ours, theirs, `${PEER} ${version}`, rounds);
  },
};

/** A round: purchases, of which every one has to be in the books. */
async function buyAll(side: Side, count: number): Promise<SaleFigures> {
  const soldBefore = await side.sales();
  const before = await side.spent();
  const bought = await side.buy(count);
  const after = await side.spent();
  const sold = (await side.sales()) - soldBefore;
  if (sold !== count) throw new Error(`Of ${count} purchases ${sold} are in the books.`);
  return figuresOf(before, after, bought);
}
