/**
 * The package as merchants get it: built, packed, installed from the tarball into applications of their own, on
 * the oldest Node that it supports.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TestIssuer, TestWallet } from "./world.ts";

const SDK = join(import.meta.dirname, "..");
const OLDEST_NODE = "22.13.0";
const execute = promisify(execFile);
const npm = (cwd: string, ...args: string[]) =>
  execute("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"], {
    cwd,
  });

const work = mkdtempSync(join(tmpdir(), "chit-package-"));
const built = join(work, "built");
let tarball: string;
let oldestNode: string;

beforeAll(async () => {
  await execute(process.execPath, [join(SDK, "scripts/build.ts"), built]);
  const { stdout } = await npm(built, "pack", "--json", "--pack-destination", work);
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  tarball = join(work, packed?.filename.replace("@", "").replace("/", "-") ?? "");
  oldestNode = await fetchOldestNode();
}, 240_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The oldest Node, from its npm package; kept beside the workspace's other caches. */
async function fetchOldestNode(): Promise<string> {
  const directory = join(SDK, `../node_modules/.cache/chit-node-${OLDEST_NODE}`);
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const binary = join(directory, "node_modules", name, "bin/node");
  if (!existsSync(binary)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "package.json"), '{"private":true}');
    await npm(directory, "install", `${name}@${OLDEST_NODE}`);
  }
  return binary;
}

/** An application that sells; told its keys on standard input when it has its port. */
const APPLICATION = `
const app = express();
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.once("data", () => {
  const merchant = createMerchant({ keys: "chit-merchant-keys.json", bundle: "chit-merchant-bundle.json" });
  app.use(merchant.router());
  app.get("/buy/ebook", merchant.sell({ name: "The book", price: "4.90", file: "./book.epub" }));
  app.use("/office", merchant.backOffice({ authenticate: () => "Ada" }));
  app.use(express.json());
  console.log("open");
});
`;
const KINDS = [
  [
    "application.mjs",
    'import express from "express";\nimport { createMerchant } from "@chit/merchant";',
  ],
  [
    "application.cjs",
    'const express = require("express");\nconst { createMerchant } = require("@chit/merchant");',
  ],
] as const;

async function install(express: string): Promise<string> {
  const directory = join(work, `express-${express}`);
  mkdirSync(directory);
  writeFileSync(join(directory, "package.json"), '{"private":true}');
  writeFileSync(join(directory, "book.epub"), "Call me a chit.");
  for (const [name, imports] of KINDS) {
    writeFileSync(join(directory, name), `${imports}\n${APPLICATION}`);
  }
  await npm(directory, "install", tarball, `express@${express}`);
  return directory;
}

async function buyFrom(directory: string, application: string): Promise<string> {
  const child = spawn(oldestNode, [application], { cwd: directory });
  onTestFinished(() => void child.kill());
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += String(text);
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  if (port === undefined) throw new Error(complaints);
  const origin = `http://127.0.0.1:${port}`;
  const issuer = new TestIssuer(Math.floor(Date.now() / 1_000));
  const { keys, bundle } = await issuer.merchant([origin]);
  writeFileSync(join(directory, "chit-merchant-keys.json"), JSON.stringify(keys));
  writeFileSync(join(directory, "chit-merchant-bundle.json"), JSON.stringify(bundle));
  child.stdin.write("go\n");
  const opened = await lines.next();
  if (opened.done === true) throw new Error(complaints);
  const wallet = await TestWallet.visit(issuer, `${origin}/buy/ebook`);
  await wallet.initiate();
  await wallet.pay();
  const goods = new TextDecoder().decode(await wallet.fetchGoods());
  for (const path of ["", "sales", "refunds", "settlement", "reconciliation", "sales.csv"]) {
    const page = await fetch(`${origin}/office/${path}`);
    expect([path, page.status]).toEqual([path, 200]);
  }
  return goods;
}

describe.each(["4.18.0", "5"])(
  "in an application on Express %s",
  { timeout: 120_000 },
  (express) => {
    let directory: string;
    beforeAll(async () => {
      directory = await install(express);
    }, 120_000);

    test.each(KINDS)(`%s sells on Node ${OLDEST_NODE}`, async (application) => {
      expect(await buyFrom(directory, application)).toBe("Call me a chit.");
    });

    test("the commands run", async () => {
      const command = join(directory, "node_modules/@chit/merchant/cli.js");
      const { stdout } = await execute(oldestNode, [command, "--help"]);
      expect(stdout).toContain("chit-merchant apply");
      const verify = join(directory, "node_modules/.bin/chit-verify");
      const help = await execute(oldestNode, [verify, "--help"]);
      expect(help.stdout).toContain("checks a notarized payment");
    });

    test("the types are complete without the protocol's package", async () => {
      await npm(directory, "install", `@types/express@${express.split(".")[0]}`, "@types/node@22");
      writeFileSync(
        join(directory, "shop.ts"),
        `import express from "express";
import { createMerchant, memoryStore, type HookEvent, type Sale } from "@chit/merchant";
const merchant = createMerchant({
  keys: "k", bundle: "b", store: memoryStore(),
  hooks: { paid: async ({ id, sale }: HookEvent) => console.log(id, sale.total, sale.address?.city) },
});
const app = express();
app.use(merchant.router());
app.get("/a", merchant.sell({ name: "A", price: "4.90", content: (sale: Sale) => sale.transactionNumber }));
app.get("/b/:slug", merchant.paywall({ offer: (req) => ({ name: String(req.params.slug), price: 5n }), content: () => "<p>" }));
// @ts-expect-error prices are no floats
merchant.sell({ name: "A", price: 4.9 });
// @ts-expect-error a misspelt option
merchant.sell({ name: "A", prize: "4.90" });
const city: string | undefined = (await merchant.sale("x"))?.address?.city;
console.log(city);
`,
      );
      writeFileSync(
        join(directory, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: {
            strict: true,
            exactOptionalPropertyTypes: true,
            noEmit: true,
            module: "nodenext",
            target: "es2022",
            types: ["node"],
            skipLibCheck: false,
          },
          files: ["shop.ts"],
        }),
      );
      writeFileSync(join(directory, "package.json"), '{"private":true,"type":"module"}');
      const tsc = join(SDK, "../node_modules/.bin/tsc");
      const { stdout } = await execute(tsc, ["-p", directory]).catch((error) => error);
      expect(stdout).toBe("");
    });
  },
);

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: built, pack: "npm", strict: true });
  const manifest = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
  expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
});
