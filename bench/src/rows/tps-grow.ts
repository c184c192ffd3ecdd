/** `tps.grow`: with many accounts, against few; a payment server and a database of its own each. */
import { alternate } from "../rounds.ts";
import type { Row, RowContext } from "../row.ts";
import { addMerchants, rateOf, supplyPayments } from "../tps/payments.ts";
import { startBenchTps } from "../tps/server.ts";

export const tpsGrow: Row = {
  name: "tps.grow",
  async measure(context) {
    const { rounds, accounts } = context.effort;
    const [few, many] = accounts;
    const small = await serverWith(context, few);
    const large = await serverWith(context, many);
    const seen = await alternate(rounds, { large, small });
    return [
      {
        name: "tps.grow",
        value: seen.large,
        unit: `payments/s with ${many.toLocaleString("en")} accounts`,
        ratio: seen.large / seen.small,
        against: `${few.toLocaleString("en")} accounts, ${Math.round(seen.small)}/s`,
        rounds,
      },
    ];
  },
};

/** A server with so many accounts; the payments' are among them. */
async function serverWith(context: RowContext, accounts: number): Promise<() => Promise<number>> {
  const { payments, connections, rounds } = context.effort;
  const tps = await startBenchTps(context);
  const merchants = await addMerchants(tps, 1_000);
  const next = await supplyPayments(context, tps, payments * rounds, merchants, accounts);
  return () => rateOf(tps, next(payments), connections);
}
