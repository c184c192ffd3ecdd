import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { formatResults, measureRows } from "../src/measure.ts";
import { alternate, median, quantile } from "../src/rounds.ts";
import type { Effort, Row } from "../src/row.ts";
import { tpsHot } from "../src/rows/tps-hot.ts";
import { tpsRate } from "../src/rows/tps-rate.ts";
import { readAnswer } from "../src/tps/load-worker.ts";

const TINY: Effort = {
  rounds: 1,
  warmUp: 8,
  payments: 24,
  connections: 8,
  accounts: [100, 200],
  directory: tmpdir(),
  sales: 4,
  saleWarmUp: 1,
  goodsMegabytes: 1,
  pgbenchScale: 1,
};

describe("rounds", () => {
  test("the median of an odd and of an even number of values; a quantile; none of nothing", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
    expect([quantile([4, 3, 2, 1], 0.5), quantile([1, 2], 0.99)]).toEqual([3, 2]);
    expect(() => median([])).toThrow();
  });

  test("take the sides in turn, each round in the other direction", async () => {
    const order: string[] = [];
    const side = (name: string) => async (round: number) => {
      order.push(`${name}${round}`);
      return round * 10;
    };
    expect(await alternate(3, { a: side("a"), b: side("b") })).toEqual({ a: 10, b: 10 });
    expect(order).toEqual(["a0", "b0", "b1", "a1", "a2", "b2"]);
  });
});

describe("the load's reader of answers", () => {
  const answer = Buffer.from("HTTP/1.1 503 Busy\r\nX: y\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1");
  test("finds one whole answer, and waits for the rest of another", () => {
    expect(readAnswer(answer)).toEqual({ status: 503, length: answer.length - 8 });
    expect(readAnswer(answer.subarray(0, answer.length - 9))).toBeUndefined();
    expect(readAnswer(answer.subarray(0, 20))).toBeUndefined();
  });

  test("takes nothing that is no answer", () => {
    expect(() => readAnswer(Buffer.from("hello\r\n\r\n"))).toThrow("What answer is this?");
  });
});

describe("rows", () => {
  test("pay for real: every payment of every round is in the books", async () => {
    const said: string[] = [];
    const results = await measureRows([tpsRate, tpsHot], TINY, (text) => said.push(text));
    const names = results.map(({ name }) => name);
    const left = said.some((text) => text.includes("has no pgbench")) ? ["tps.tpcb"] : [];
    const all = ["tps.floor", "tps.tpcb", "memory.tps", "tps.hot"];
    expect(names).toEqual(all.filter((name) => !left.includes(name)));
    for (const { value, ratio, rounds } of results) {
      expect([value > 0, Number(ratio) > 0, rounds]).toEqual([true, true, 1]);
    }
    expect(formatResults(results).split("\n")).toHaveLength(names.length + 1);
  }, 300_000);

  test("stop when they are broken off", async () => {
    let ended = false;
    const endless: Row = {
      name: "endless",
      async measure({ onEnd }) {
        onEnd(async () => {
          ended = true;
        });
        return new Promise(() => undefined);
      },
    };
    const broken = Promise.reject(new Error("Ctrl-C"));
    await expect(measureRows([endless], TINY, () => undefined, broken)).rejects.toThrow("Ctrl-C");
    expect(ended).toBe(true);
  });

  test("stop what they started, also when they fail, the last one first", async () => {
    const ended: number[] = [];
    const failing: Row = {
      name: "failing",
      async measure({ onEnd }) {
        onEnd(async () => void ended.push(1));
        onEnd(async () => void ended.push(2));
        throw new Error("It failed.");
      },
    };
    await expect(measureRows([failing], TINY, () => undefined)).rejects.toThrow("It failed.");
    expect(ended).toEqual([2, 1]);
  });
});
