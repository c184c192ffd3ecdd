/** `tps.hot`: all payments to one merchant, against payments spread over 1,000. */
import { alternate } from "../rounds.ts";
import type { Row } from "../row.ts";
import { addMerchants, rateOf, supplyPayments } from "../tps/payments.ts";
import { startBenchTps } from "../tps/server.ts";

export const tpsHot: Row = {
  name: "tps.hot",
  async measure(context) {
    const { effort } = context;
    const { payments, connections, rounds } = effort;
    const tps = await startBenchTps(context);
    const merchants = await addMerchants(tps, 1_000);
    const supply = (ids: readonly string[]) =>
      supplyPayments(context, tps, payments * rounds, ids, effort.accounts[0]);
    const spread = await supply(merchants);
    const hot = await supply(merchants.slice(0, 1));
    const seen = await alternate(rounds, {
      hot: () => rateOf(tps, hot(payments), connections),
      spread: () => rateOf(tps, spread(payments), connections),
    });
    return [
      {
        name: "tps.hot",
        value: seen.hot,
        unit: "payments/s",
        ratio: seen.hot / seen.spread,
        against: `1,000 merchants, ${Math.round(seen.spread)}/s`,
        rounds,
      },
    ];
  },
};
