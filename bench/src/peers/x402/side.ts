/** The article sold by x402, between two programs of `bench/peers`. */
import { parseDecimal } from "@chit/protocol";
import { ARTICLE_PATH, ARTICLE_PRICE } from "../article.ts";
import { startProgram } from "../programs.ts";
import type { OpenSide } from "../side.ts";
import { PEERS } from "./install.ts";
import type { X402Merchant, X402Shopper } from "./orders.ts";

/** Decimals of the coin. */
const COIN_SCALE = 6;
const PRICE = parseDecimal(ARTICLE_PRICE, COIN_SCALE);
const FUNDS = PRICE * 1_000_000n;

/** Puts up shop and shopper; their packages have to be there, see `installPeers`. */
export const openX402: OpenSide = async (context) => {
  const merchant = startProgram<X402Merchant>(context, new URL("merchant.ts", PEERS));
  const shopper = startProgram<X402Shopper>(context, new URL("shopper.ts", PEERS));
  const { port, express } = await merchant.ask("open", null);
  if (express !== import.meta.resolve("express")) {
    throw new Error(
      `The shops run on different Expresses: ${express}. Remove bench/peers/node_modules.`,
    );
  }
  const url = `http://127.0.0.1:${port}${ARTICLE_PATH}`;
  const { address } = await shopper.ask("open", { url });
  await merchant.ask("fund", { address, amount: FUNDS });
  const { refused } = await shopper.ask("forge", null);
  if (!refused) throw new Error("The facilitator takes any signature: it is not worth measuring.");
  return {
    buy: (count) => shopper.ask("buy", { count }),
    async spent() {
      const { all, facilitator } = await merchant.ask("spent", null);
      return { merchant: all - facilitator, payments: facilitator, database: null };
    },
    async sales() {
      const { payments, amount } = await merchant.ask("takings", null);
      if (amount !== PRICE * BigInt(payments)) throw new Error("The merchant's takings are wrong.");
      return payments;
    },
  };
};
