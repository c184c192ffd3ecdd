/** How the sources handle secrets, where no test of behaviour sees it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = "{protocol,extension,merchant-sdk,tps-server}/src/**/*.{ts,tsx}";

const SECRET = /(?:mac|tag|secret|passcode|password|token|signature|digest|hash|modifier|pin)s?$/i;
/** The only functions that may look at two of them at once. */
const COMPARES_IN_CONSTANT_TIME = ["protocol/src/bytes.ts"];
/** Compared in the open, and why that tells nobody anything. */
const IN_THE_OPEN: ReadonlySet<string> = new Set([
  // Digests of migrations, which are public.
  "tps-server/src/store/migrate.ts: before === digest",
  // The order of a portion's entries in the public log, which shows them to anybody.
  "tps-server/src/log/append.ts: Buffer.compare(",
  // Two readings of one row: whether the passcode changed meanwhile. Neither is a caller's.
  "tps-server/src/vru/identification.ts: access.passcode_hash === hash",
]);

/** Comparisons in `source` that stop at the first difference and look at what may be secret. */
function hastyComparisons(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const found = [...code.matchAll(/([\w.[\]]+) [!=]==? ([\w.[\]]+)/g)].flatMap(
    ([text, left = "", right = ""]) => {
      const isPlain = [left, right].some((side) =>
        /^(undefined|null|true|false|\d+)$|\.length$/.test(side),
      );
      return !isPlain && (SECRET.test(left) || SECRET.test(right)) ? [text] : [];
    },
  );
  const calls = [...code.matchAll(/Buffer\.compare\(|\.equals\(|indexedDB\.cmp\(/g)];
  return [...found, ...calls.map(([text]) => text)];
}

test("threat 25: MACs, tags, hashes and secrets are compared in constant time everywhere", () => {
  const files = globSync(SOURCES, { cwd: ROOT }).filter(
    (file) => !COMPARES_IN_CONSTANT_TIME.includes(file),
  );
  expect(files.length).toBeGreaterThan(200);
  const hasty = files.flatMap((file) =>
    hastyComparisons(readFileSync(join(ROOT, file), "utf8")).map((text) => `${file}: ${text}`),
  );
  expect(hasty.filter((one) => !IN_THE_OPEN.has(one))).toEqual([]);
  // It finds what it looks for.
  for (const bad of [
    "if (received.mac === expected) {",
    "return stored.tokenHash !== given;",
    "Buffer.compare(a, b)",
    "given.equals(wanted)",
  ]) {
    expect(hastyComparisons(bad), bad).toHaveLength(1);
  }
  expect(hastyComparisons("if (tag === undefined || secret.length !== 16) // mac === x")).toEqual(
    [],
  );
});

test("threat 23: servers fetch no address that a message names: only the shop asks, and only its operator", () => {
  const calls = globSync("{tps-server,merchant-sdk}/src/**/*.ts", { cwd: ROOT }).flatMap((file) => {
    const code = readFileSync(join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const asks = /\bfetch\(|\bhttps?\.(?:get|request)\(|\bconnect\(\{|undici/.test(code);
    return asks ? [file] : [];
  });
  expect(calls.sort()).toEqual([
    // The operator's origin that a merchant typed.
    "merchant-sdk/src/cli/context.ts",
    // Batches and requests for reports, to the same operator.
    "merchant-sdk/src/mts/clearing/issuer-client.ts",
    // The operator's key list, at the origin of the merchant's bundle.
    "merchant-sdk/src/mts/issuer-keys.ts",
    "merchant-sdk/src/platform.ts",
  ]);
});
