/** Money at the bank is credited by the reference on the transfer, each entry once, in whatever way it is told. */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount } from "../src/accounts/accounts.ts";
import { createFundingApi } from "../src/funding/api.ts";
import {
  assignBankEntry,
  enterBankEntry,
  listWaitingEntries,
  returnBankEntry,
} from "../src/funding/bank-entries.ts";
import { findFundingReferences, newFundingReference } from "../src/funding/reference.ts";
import { createLog } from "../src/http/log.ts";
import { cliOf } from "./support/cli.ts";
import { entryOf as bankEntry, payee } from "./support/funding.ts";
import { createWorld, id, random, type World } from "./support/world.ts";

const MIGRATIONS = new URL("../src/store/migrations/", import.meta.url);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const account = () => payee(world);
const entryOf = (...more: [text: string, amount?: string, entryId?: string]) =>
  bankEntry(world, ...more);
const run = cliOf(() => world);

describe("a funding reference", () => {
  test("is found as people write it, and not when a digit is wrong or two are swapped", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(15), (_seed, at) => {
        const reference = newFundingReference({ randomBytes: random });
        const spaced = reference.replace(/(.{4})/g, "$1 ").toLowerCase();
        expect(findFundingReferences(`Aufladung ${spaced}, danke`)).toEqual([reference]);
        const digit = at + 2 < reference.length ? at + 2 : 2;
        const wrong = (Number(reference[digit]) + 1) % 10;
        const mistyped = `${reference.slice(0, digit)}${wrong}${reference.slice(digit + 1)}`;
        expect(findFundingReferences(mistyped)).toEqual([]);
        const swapped = reference.replace(/(.)(.)$/, "$2$1");
        if (swapped !== reference) expect(findFundingReferences(swapped)).toEqual([]);
      }),
    );
  });

  test("is not seen in a longer number, and two are two", () => {
    const one = newFundingReference({ randomBytes: random });
    const other = newFundingReference({ randomBytes: random });
    expect(findFundingReferences(`${one}7`)).toEqual([]);
    expect(findFundingReferences(`X${one}`)).toEqual([]);
    expect(findFundingReferences(`${one} ${other} ${one}`)).toEqual([one, other]);
  });
});

test("accounts of before get references of the same kind", async () => {
  const { accountId } = await account();
  const sql = (name: string) => readFile(new URL(name, MIGRATIONS), "utf8");
  const [draw = ""] = /update accounts[^;]*;/.exec(await sql("0031-funding.sql")) ?? [];
  const [move = ""] = /insert into funding_references[^;]*;/.exec(
    await sql("0038-funding-references.sql"),
  ) ?? [""];
  const statements = [
    "alter table accounts add column funding_reference text",
    draw,
    "delete from funding_references",
    move,
    "alter table accounts drop column funding_reference",
  ];
  for (const statement of statements) await world.database.query(statement);
  const shown = await run("account", "show", accountId, "--json");
  const { fundingReference } = JSON.parse(shown.out);
  expect(findFundingReferences(fundingReference)).toEqual([fundingReference]);
});

describe("an entry of the bank", () => {
  test("credits the account that it names once, though it is told at once and again", async () => {
    const { accountId, reference, balance } = await account();
    const entry = entryOf(`Chit ${reference}`);
    const told = await Promise.all([1, 2, 3].map(() => enterBankEntry(world.deps, entry, "api")));
    expect(told.filter(({ isNew }) => isNew)).toHaveLength(1);
    for (const known of told) expect(known).toMatchObject({ state: "credited", accountId });
    expect(await balance()).toBe(125_000n);
    await expect(
      enterBankEntry(world.deps, { ...entry, amount: "125001" }, "csv"),
    ).rejects.toMatchObject({ code: "reference-conflict" });
    expect(await balance()).toBe(125_000n);
  });

  test("that was paid in by hand under the same reference moves nothing more", async () => {
    const { accountId, reference, balance } = await account();
    const entry = entryOf(reference);
    expect(
      (await run("account", "fund", accountId, "12.50", "--reference", entry.entryId)).code,
    ).toBe(0);
    await enterBankEntry(world.deps, entry, "csv");
    expect(await balance()).toBe(125_000n);
  });

  test("that was paid in by hand goes to no second account, and not back to the bank as well", async () => {
    const [anna, thief] = [await account(), await account()];
    const entry = entryOf("no reference at all");
    await enterBankEntry(world.deps, entry, "csv");
    await fundAccount(world.deps, anna.accountId, 125_000n, entry.entryId);
    const conflict = expect.objectContaining({ code: "reference-conflict" });
    await expect(assignBankEntry(world.deps, entry.entryId, thief.accountId)).rejects.toEqual(
      conflict,
    );
    await expect(returnBankEntry(world.deps, entry.entryId)).rejects.toEqual(conflict);
    expect(await thief.balance()).toBe(0n);
    await assignBankEntry(world.deps, entry.entryId, anna.accountId);
    expect(await anna.balance()).toBe(125_000n);
  });

  test("that names no account, or two, waits; it is assigned or sent back once", async () => {
    const [first, second] = [await account(), await account()];
    const nobody = entryOf("Miete November");
    const both = entryOf(`${first.reference} ${second.reference}`);
    for (const entry of [nobody, both]) {
      expect(await enterBankEntry(world.deps, entry, "csv")).toMatchObject({ state: "unmatched" });
    }
    const waiting = (await listWaitingEntries(world.deps)).map(({ entryId }) => entryId);
    expect(waiting).toEqual(expect.arrayContaining([nobody.entryId, both.entryId]));
    await expect(assignBankEntry(world.deps, nobody.entryId, id())).rejects.toMatchObject({
      code: "account-unknown",
    });
    const assigned = await Promise.allSettled(
      [first, second].map(({ accountId }) =>
        assignBankEntry(world.deps, nobody.entryId, accountId),
      ),
    );
    expect(assigned.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(((await first.balance()) ?? 0n) + ((await second.balance()) ?? 0n)).toBe(125_000n);
    await returnBankEntry(world.deps, both.entryId);
    await expect(assignBankEntry(world.deps, both.entryId, first.accountId)).rejects.toMatchObject({
      code: "already-done",
    });
    await expect(returnBankEntry(world.deps, id())).rejects.toMatchObject({
      code: "entry-unknown",
    });
  });
});

test("the bank account that wallets show is checked before it is set", async () => {
  expect((await run("funding", "bank")).out).toContain("No bank account is set");
  const wrong = await run(
    "funding",
    "bank",
    "--holder",
    "Chit",
    "--iban",
    "DE89370400440532013001",
  );
  expect(wrong).toMatchObject({ code: 1, said: expect.stringContaining("mistyped") });
  const half = await run("funding", "bank", "--holder", "Chit");
  expect(half).toMatchObject({ code: 1, said: expect.stringContaining("(usage-invalid)") });
  const iban = "DE89 3704 0044 0532 0130 00";
  const { out } = await run("funding", "bank", "--holder", "Chit e. V.", "--iban", iban);
  expect(out).toMatch(/IBAN\s+DE89370400440532013000/);
});

describe("the operator's API", () => {
  const api = () => createFundingApi(world.deps, "right", createLog("silent"));
  const authorization = "Bearer right";

  test("lets nobody in without its token", async () => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "right" }]) {
      const answer = await api().inject({
        url: "/operator/v1/bank-entries?state=unmatched",
        headers,
      });
      expect(answer).toMatchObject({ statusCode: 401 });
      expect(answer.json()).toMatchObject({ code: "token-wrong" });
    }
  });

  test("enters, shows, lists, assigns; refuses with codes", async () => {
    const { accountId, balance } = await account();
    const entry = entryOf("nobody's", "5", `bank/${id()}`);
    const ask = (method: "GET" | "POST", path: string, payload?: object) =>
      api().inject({
        method,
        url: `/operator/v1/bank-entries${path}`,
        headers: { authorization },
        ...(payload && { payload }),
      });
    expect(await ask("POST", "", entry)).toMatchObject({ statusCode: 201 });
    expect(await ask("POST", "", entry)).toMatchObject({ statusCode: 200 });
    expect((await ask("POST", "", { ...entry, amount: "6" })).json()).toMatchObject({
      status: 409,
      code: "reference-conflict",
    });
    expect((await ask("POST", "", { ...entry, more: 1 })).json()).toMatchObject({
      status: 400,
      code: "setting-invalid",
    });
    const path = `/${encodeURIComponent(entry.entryId)}`;
    expect((await ask("GET", path)).json()).toMatchObject({ state: "unmatched", amount: "5" });
    expect((await ask("GET", "?state=unmatched")).json().entries).toContainEqual(
      expect.objectContaining({ entryId: entry.entryId }),
    );
    expect((await ask("POST", `${path}/assignment`, { accountId })).json()).toMatchObject({
      state: "credited",
      accountId,
    });
    expect((await ask("POST", `${path}/return`)).json()).toMatchObject({
      status: 409,
      code: "already-done",
    });
    expect((await ask("GET", `/${id()}`)).json()).toMatchObject({
      status: 404,
      code: "entry-unknown",
    });
    expect((await ask("POST", `${path}/nothing`)).json()).toMatchObject({
      status: 404,
      code: "not-found",
    });
    expect(await balance()).toBe(5n);
  });
});
