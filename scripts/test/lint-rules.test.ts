// The architecture is held by lint rules. Each is shown here to fire on a file that breaks it, and to leave
// alone a file that keeps it: a rule that matches nothing looks the same as a tidy code base.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Case = { file: string; text: string; rule: string };

const imports = "lint/style/noRestrictedImports";
const globals = "lint/style/noRestrictedGlobals";

const bad: Case[] = [
  // protocol ← {extension, merchant-sdk, tps-server} ← {demo, e2e, simulation, bench}
  { file: "protocol/src/a1.ts", text: `import "@chit/tps-server";`, rule: imports },
  { file: "protocol/test/a2.ts", text: `import "@chit/merchant";`, rule: imports },
  { file: "protocol/src/node/a3.ts", text: `export * from "@chit/demo";`, rule: imports },
  { file: "extension/src/a4.ts", text: `import "@chit/merchant";`, rule: imports },
  { file: "extension/src/cts/a5.ts", text: `import "@chit/tps-server";`, rule: imports },
  { file: "merchant-sdk/src/a6.ts", text: `import "@chit/tps-server";`, rule: imports },
  { file: "merchant-sdk/test/a7.ts", text: `import "../../tps-server/src/a.ts";`, rule: imports },
  { file: "tps-server/src/a8.ts", text: `import "@chit/merchant/express";`, rule: imports },
  { file: "tps-server/src/vru/main.ts", text: `import "@chit/extension";`, rule: imports },
  { file: "tps-server/src/a9.ts", text: `await import("@chit/demo");`, rule: imports },
  { file: "demo/src/a10.ts", text: `import "@chit/e2e";`, rule: imports },
  { file: "demo/src/a11.ts", text: `import "../../extension/src/cts/a.ts";`, rule: imports },
  { file: "extension/src/a12.ts", text: `import "../../protocol/src/pin.ts";`, rule: imports },
  { file: "tps-server/src/a13.ts", text: `import "@chit/extension/core";`, rule: imports },
  { file: "demo/src/a14.ts", text: `import "@chit/extension/core";`, rule: imports },
  { file: "demo/src/a15.ts", text: `import "../../simulation/src/a.ts";`, rule: imports },
  { file: "tps-server/src/a18.ts", text: `import "../../bench/src/a.ts";`, rule: imports },
  { file: "bench/src/a19.ts", text: `import "@chit/demo";`, rule: imports },
  { file: "bench/src/a20.ts", text: `import "../../tps-server/src/a.ts";`, rule: imports },
  { file: "simulation/src/a16.ts", text: `import "@chit/demo";`, rule: imports },
  { file: "simulation/src/a17.ts", text: `import "../../tps-server/src/a.ts";`, rule: imports },
  // code that also runs in a browser
  { file: "protocol/src/b1.ts", text: `import "node:fs";`, rule: imports },
  { file: "extension/src/background/b2.ts", text: `import "node:fs/promises";`, rule: imports },
  // the wallet's core knows no browser
  { file: "extension/src/cts/c1.ts", text: `import "webextension-polyfill";`, rule: imports },
  { file: "extension/src/cts/c2.ts", text: `import "idb";`, rule: imports },
  { file: "extension/src/cts/c3.ts", text: `import "../background/a.ts";`, rule: imports },
  { file: "extension/src/cts/c4.ts", text: `import "../ui/pages/a.ts";`, rule: imports },
  { file: "extension/src/cts/deep/c5.ts", text: `import "../../content/a.ts";`, rule: imports },
  { file: "extension/src/cts/c6.ts", text: `export const a = chrome.runtime;`, rule: globals },
  { file: "extension/src/cts/c7.ts", text: `export const a = fetch("/");`, rule: globals },
  // time and chance are passed in
  { file: "protocol/src/d1.ts", text: `export const a = Date.now();`, rule: "plugin" },
  { file: "protocol/src/node/d2.ts", text: `export const a = new Date();`, rule: "plugin" },
  { file: "tps-server/src/d3.ts", text: `export const clock = { now: Date.now };`, rule: "plugin" },
  { file: "merchant-sdk/src/d4.ts", text: `export const a = Math.random();`, rule: "plugin" },
  { file: "extension/src/cts/d5.ts", text: `export const a = performance.now();`, rule: "plugin" },
  {
    file: "extension/src/background/d6.ts",
    text: `export const a = crypto.getRandomValues(new Uint8Array(8));`,
    rule: "plugin",
  },
  { file: "extension/src/ui/d7.ts", text: `export const a = crypto.randomUUID();`, rule: "plugin" },
  { file: "merchant-sdk/src/d8.ts", text: `globalThis.setTimeout(() => {}, 1);`, rule: "plugin" },
  { file: "merchant-sdk/src/d9.ts", text: `setTimeout(() => {}, 1);`, rule: globals },
  { file: "tps-server/src/d10.ts", text: `setInterval(() => {}, 1);`, rule: globals },
  {
    file: "tps-server/src/d11.ts",
    text: `import { randomBytes } from "node:crypto";\nexport const a = randomBytes(1);`,
    rule: imports,
  },
  {
    file: "tps-server/src/d12.ts",
    text: `import crypto from "node:crypto";\nexport const a = crypto;`,
    rule: imports,
  },
  {
    file: "tps-server/src/d15.ts",
    text: `import * as crypto from "node:crypto";\nexport const a = crypto;`,
    rule: "plugin",
  },
  {
    file: "protocol/src/d13.ts",
    text: `import { randomBytes } from "@noble/hashes/utils.js";\nexport const a = randomBytes(1);`,
    rule: imports,
  },
  {
    file: "tps-server/src/d14.ts",
    text: `import { setTimeout as sleep } from "node:timers/promises";\nawait sleep(1);`,
    rule: imports,
  },
  // no cycles
  {
    file: "protocol/src/e1.ts",
    text: `import { b } from "./e2.ts";\nexport const a = () => b;`,
    rule: "lint/suspicious/noImportCycles",
  },
  {
    file: "protocol/src/e2.ts",
    text: `import { a } from "./e1.ts";\nexport const b = () => a;`,
    rule: "lint/suspicious/noImportCycles",
  },
  // types are not waved away
  {
    file: "protocol/src/f1.ts",
    text: `export const a = (x: any) => x;`,
    rule: "lint/suspicious/noExplicitAny",
  },
  {
    file: "protocol/src/f2.ts",
    text: `// @ts-ignore\nexport const a: number = 1;`,
    rule: "lint/suspicious/noTsIgnore",
  },
  {
    file: "protocol/src/f3.ts",
    text: `export const a = (x: string | null) => x!.length;`,
    rule: "lint/style/noNonNullAssertion",
  },
  {
    file: "protocol/src/f4.ts",
    text: `import { a } from "./f3";\nexport const b = a;`,
    rule: "lint/correctness/useImportExtensions",
  },
];

const good: Omit<Case, "rule">[] = [
  { file: "protocol/src/ok1.ts", text: `import { f } from "@noble/hashes/sha2.js";\nf();` },
  { file: "protocol/src/ok2.ts", text: `export const a = (ms: number) => new Date(ms);` },
  { file: "protocol/src/node/ok3.ts", text: `import { hkdfSync } from "node:crypto";\nhkdfSync;` },
  {
    file: "protocol/src/ok11.ts",
    text: `export const a = (crypto: { randomBytes(n: number): Uint8Array }) => crypto.randomBytes(1);`,
  },
  { file: "extension/src/ok4.ts", text: `import { f } from "@chit/protocol";\nf();` },
  {
    file: "extension/src/cts/ok5.ts",
    text: `export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;`,
  },
  { file: "extension/src/cts/ok6.ts", text: `import { f } from "./ok5.ts";\nf();` },
  { file: "extension/src/background/index.ts", text: `export const a = { now: Date.now };` },
  { file: "extension/src/ui/ok7.ts", text: `setTimeout(() => {}, 1);` },
  { file: "merchant-sdk/src/platform.ts", text: `setTimeout(() => {}, Date.now());` },
  {
    file: "tps-server/src/main.ts",
    text: `import { randomBytes } from "node:crypto";\nrandomBytes(1);`,
  },
  {
    file: "tps-server/src/ok8.ts",
    text: `export const a = (deps: { now(): number }) => deps.now();`,
  },
  { file: "demo/src/ok9.ts", text: `import { f } from "@chit/merchant";\nf(Date.now());` },
  { file: "simulation/src/ok12.ts", text: `import { f } from "@chit/extension/core";\nf();` },
  { file: "bench/src/ok13.ts", text: `import { f } from "@chit/tps-server";\nf();` },
  { file: "bench/src/ok14.ts", text: `import { f } from "@chit/extension/core";\nf();` },
  { file: "e2e/ok10.spec.ts", text: `import { f } from "@chit/demo";\nf(Math.random());` },
];

let folder: string;
let found: Map<string, string[]>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chit-lint-"));
  cpSync(join(root, "biome.json"), join(folder, "biome.json"));
  cpSync(join(root, "scripts/lint"), join(folder, "scripts/lint"), { recursive: true });
  for (const { file, text } of [...bad, ...good]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  found = lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Biome says of each file of the folder: its rules by file name. */
function lint(): Map<string, string[]> {
  const biome = join(root, "node_modules/.bin/biome");
  const options = ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none"];
  let output: string;
  try {
    output = execFileSync(biome, options, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const rules = new Map<string, string[]>();
  const report = JSON.parse(output) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  for (const { category, location } of report.diagnostics) {
    rules.set(location.path, [...(rules.get(location.path) ?? []), category]);
  }
  return rules;
}

describe("a lint rule refuses", () => {
  test.each(bad)("$file: $text", ({ file, rule }) => {
    expect(found.get(file) ?? []).toContain(rule);
  });
});

describe("the lint rules allow", () => {
  test.each(good)("$file: $text", ({ file }) => {
    const architecture = (found.get(file) ?? []).filter((rule) =>
      [imports, globals, "plugin", "lint/suspicious/noImportCycles"].includes(rule),
    );
    expect(architecture).toEqual([]);
  });
});
