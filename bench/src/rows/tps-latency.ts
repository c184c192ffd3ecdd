/** `tps.latency`: how long a payment takes at half of the top rate, and a lone one. */
import { median, quantile } from "../rounds.ts";
import type { Row } from "../row.ts";
import { addMerchants, rateOf, sendPayments, supplyPayments } from "../tps/payments.ts";
import { startBenchTps } from "../tps/server.ts";

/** Of a round of the top rate; lone payments come one after another and take longer. */
const LONE_SHARE = 1 / 8;

export const tpsLatency: Row = {
  name: "tps.latency",
  async measure(context) {
    const { effort } = context;
    const { payments, connections, rounds } = effort;
    const tps = await startBenchTps(context);
    const merchants = await addMerchants(tps, 1_000);
    const lone = Math.ceil(payments * LONE_SHARE);
    const needed = rounds * (2 * payments + lone);
    const next = await supplyPayments(context, tps, needed, merchants, effort.accounts[0]);
    const seen = {
      p50: [] as number[],
      p99: [] as number[],
      lone: [] as number[],
      rate: [] as number[],
    };
    for (let round = 0; round < rounds; round++) {
      const top = await rateOf(tps, next(payments), connections);
      const half = await sendPayments(tps, next(payments), connections, top / 2);
      const alone = await sendPayments(tps, next(lone), 1);
      seen.rate.push(top / 2);
      seen.p50.push(quantile(half.latencies, 0.5));
      seen.p99.push(quantile(half.latencies, 0.99));
      seen.lone.push(quantile(alone.latencies, 0.5));
    }
    const alone = median(seen.lone);
    const against = `a lone payment, ${alone.toFixed(1)} ms`;
    const at = `at ${Math.round(median(seen.rate))} payments/s`;
    const row = (name: string, value: number, unit: string) => ({ name, value, unit, rounds });
    return [
      { ...row("tps.latency.lone", alone, "ms"), ratio: null, against: null },
      ...(["p50", "p99"] as const).map((name) => {
        const value = median(seen[name]);
        return { ...row(`tps.latency.${name}`, value, `ms ${at}`), ratio: value / alone, against };
      }),
    ];
  },
};
