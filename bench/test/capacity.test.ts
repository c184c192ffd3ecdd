/** The capacity table is what the measured costs make it. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { capacityFor, withCapacity } from "../src/report/capacity.ts";
import { readMeasured } from "../src/results.ts";

const SCALING = new URL("../../docs/SCALING.md", import.meta.url);
const RESULTS = fileURLToPath(new URL("../results", import.meta.url));
const COSTS = { server: 200, database: 100, disk: 2_000, wal: 3_000, books: 500, network: 2_000 };

test("cores, storage and cost grow with the rate; a payment's price does not", () => {
  const [small, large] = [1_000, 1_000_000].map((rate) => capacityFor(rate, COSTS));
  // 1,000 payments of 200 µs are a fifth of a core, used to a half.
  expect(small).toMatchObject({
    serverCores: 1,
    databaseCores: 1,
    databaseServers: 1,
    walMegabytesASecond: 3,
  });
  expect(large).toMatchObject({ serverCores: 400, databaseCores: 200, databaseServers: 7 });
  expect(small?.terabytesAYear).toBeCloseTo((2_500 * 1_000 * 365 * 86_400) / 1e12);
  expect(large?.euro).toBeCloseTo(small?.euro ?? 0, 12);
});

test("the document has the table of the results that are kept, and says so where there are none", async () => {
  const document = await readFile(SCALING, "utf8");
  expect(withCapacity(document, await readMeasured(RESULTS))).toBe(document);
  expect(withCapacity(document, { results: [], runs: [] })).toContain("Not measured yet");
  const results = Object.entries(COSTS).map(([name, value]) => ({
    name: `tps.cost.${name}`,
    value,
    unit: "",
    ratio: null,
    against: null,
    rounds: 1,
  }));
  const table = withCapacity(document, { results, runs: [] });
  expect(table).toContain("| 1,000,000 | 400 | 200 | 7 |");
  expect(() => withCapacity("# No place for it", { results, runs: [] })).toThrow("SCALING.md");
});
