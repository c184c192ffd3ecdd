/** `tps.floor`, `tps.tpcb`, `memory`: durable payments a second through HTTP, against two yardsticks of the same run. */
import { alternate } from "../rounds.ts";
import type { Result, Row } from "../row.ts";
import { cryptographicFloor } from "../tps/floor.ts";
import { addMerchants, rateOf, supplyPayments } from "../tps/payments.ts";
import { hasPgbench, preparePgbench } from "../tps/pgbench.ts";
import { startBenchTps } from "../tps/server.ts";

const FLOOR_SECONDS = 0.5;

export const tpsRate: Row = {
  name: "tps.rate",
  async measure(context) {
    const { effort, say } = context;
    const { payments, connections, rounds } = effort;
    const tps = await startBenchTps(context);
    const merchants = await addMerchants(tps, 1_000);
    const restMegabytes = await tps.residentMegabytes();
    const few = effort.accounts[0];
    const next = await supplyPayments(context, tps, payments * rounds, merchants, few);
    const pgbench = (await hasPgbench())
      ? await preparePgbench(tps, effort.pgbenchScale)
      : undefined;
    if (pgbench === undefined) say("tps.tpcb is left out: this system has no pgbench.");
    let topMegabytes = 0;
    const seen = await alternate(rounds, {
      async payments() {
        const rate = await rateOf(tps, next(payments), connections);
        topMegabytes = Math.max(topMegabytes, await tps.residentMegabytes());
        return rate;
      },
      floor: async () => cryptographicFloor(FLOOR_SECONDS),
      pgbench: async () => (pgbench === undefined ? 0 : pgbench(payments)),
    });
    const rate = { value: seen.payments, unit: "payments/s", rounds };
    const results: Result[] = [
      {
        name: "tps.floor",
        ...rate,
        ratio: seen.payments / seen.floor,
        against: `X25519 + Ed25519 on one core, ${Math.round(seen.floor)}/s`,
      },
    ];
    if (pgbench !== undefined) {
      results.push({
        name: "tps.tpcb",
        ...rate,
        ratio: seen.payments / seen.pgbench,
        against: `pgbench TPC-B-like, ${Math.round(seen.pgbench)}/s`,
      });
    }
    const processes = tps.workers === 1 ? "1 process" : `${tps.workers + 1} processes`;
    return [
      ...results,
      {
        name: "memory.tps",
        value: topMegabytes,
        unit: "MB",
        ratio: topMegabytes / restMegabytes,
        against: `at rest, ${Math.round(restMegabytes)} MB in ${processes}`,
        rounds,
      },
    ];
  },
};
