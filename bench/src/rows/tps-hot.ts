/** `tps.hot`: all payments to one merchant, against payments spread over 1,000. */
import { alternate } from "../rounds.ts";
import type { Row } from "../row.ts";
import { addMerchants, fillAccounts, preparePayments, sendPayments } from "../tps/payments.ts";
import { startBenchTps } from "../tps/server.ts";

export const tpsHot: Row = {
  name: "tps.hot",
  async measure(context) {
    const { effort, say } = context;
    const { payments, connections, rounds } = effort;
    const tps = await startBenchTps(context);
    const merchants = await addMerchants(tps, 1_000);
    say(`Sealing ${2 * payments * (rounds + 1)} requests.`);
    const spread = await preparePayments(tps, payments * (rounds + 1), merchants);
    const hot = await preparePayments(tps, payments * (rounds + 1), merchants.slice(0, 1));
    await fillAccounts(tps, effort.accounts[0]);
    const rate = (bodies: readonly Uint8Array[]) => async (round: number) => {
      const from = payments * (round + 1);
      const some = bodies.slice(from, from + payments);
      return payments / (await sendPayments(tps, some, connections)).seconds;
    };
    for (const bodies of [spread, hot]) await rate(bodies)(-1);
    const seen = await alternate(rounds, { hot: rate(hot), spread: rate(spread) });
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
