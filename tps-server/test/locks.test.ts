/** Advisory locks are numbers in one space for the whole database. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("no two kinds of work share a lock", () => {
  const root = join(import.meta.dirname, "../src");
  const files = globSync("**/*.ts", { cwd: root });
  const locks = files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^const \w*LOCK\w* = ([\d_]+)n;$/gm)].map(
      ([, number]) => number,
    ),
  );
  expect(locks.length).toBeGreaterThan(4);
  expect(locks.toSorted()).toEqual([...new Set(locks)].toSorted());
});
