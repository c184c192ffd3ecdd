/** Money at the bank is credited by the reference on the transfer, each entry once, in whatever way it is told. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount, openAccount } from "../src/accounts/accounts.ts";
import { runCli } from "../src/cli/program.ts";
import { createFundingApi } from "../src/funding/api.ts";
import {
  assignBankEntry,
  enterBankEntry,
  listWaitingEntries,
  returnBankEntry,
} from "../src/funding/bank-entries.ts";
import { findFundingReferences, newFundingReference } from "../src/funding/reference.ts";
import { createLog } from "../src/http/log.ts";
import { systemPlatform } from "../src/platform.ts";
import { databaseUrl } from "./support/database.ts";
import { createWorld, id, random, type World } from "./support/world.ts";

const MIGRATION = new URL("../src/store/migrations/0031-funding.sql", import.meta.url);

let world: World;
let directory: string;
beforeAll(async () => {
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), "chit-funding-"));
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

/** An account, and what its holder writes on transfers. */
async function account() {
  const { accountId } = await openAccount(world.deps);
  const [row] = await world.database.query<{ funding_reference: string }>(
    "select funding_reference from accounts where account_id = $1",
    [accountId],
  );
  const reference = row?.funding_reference ?? "";
  const balance = async () => {
    const [now] = await world.database.query<{ balance: bigint }>(
      "select balance from accounts where account_id = $1",
      [accountId],
    );
    return now?.balance;
  };
  return { accountId, reference, balance };
}

const entryOf = (text: string, amount = "125000", entryId: string = id()) => ({
  entryId,
  amount,
  bookedAt: world.now,
  text,
});

async function run(...args: string[]) {
  let out = "";
  let said = "";
  const code = await runCli(args, {
    platform: systemPlatform,
    environment: { ...world.environment, DATABASE_URL: databaseUrl(world.databaseName) },
    args,
    onReplace: () => undefined,
    out: (text) => {
      out += `${text}\n`;
    },
    say: (text) => {
      said += `${text}\n`;
    },
    untilStopped: async () => undefined,
  });
  return { code, out, said };
}

async function fileWith(content: string): Promise<string> {
  const path = join(directory, id());
  await writeFile(path, content);
  return path;
}

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
  const [update] = /update accounts[^;]*;/.exec(await readFile(MIGRATION, "utf8")) ?? [];
  await world.database.query(update ?? "the migration has no such statement");
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

describe("a file of the bank", () => {
  test("as CSV is entered, told in a table, and moves nothing the second time", async () => {
    const { reference, balance } = await account();
    const names = [id(), id(), id()];
    const file = await fileWith(
      [
        "entry,booked,amount,currency,text,balance",
        `${names[0]},2026-11-20,12.50,EUR,"${reference}, danke",100.00`,
        `${names[1]},2026-11-20,-3.00,EUR,Gebühren,97.00`,
        `${names[2]},2026-11-21,0.0005,EUR,,97.00`,
      ].join("\r\n"),
    );
    const first = await run("funding", "import", file);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/credited\s+1\s+12\.50 EUR/);
    expect(first.out).toMatch(/name no account\s+1\s+0\.0005 EUR/);
    expect(first.out).toMatch(/no money coming in\s+1/);
    expect(first.said).toContain("funding assign");
    const again = await run("funding", "import", file, "--json");
    expect(JSON.parse(again.out)).toMatchObject({ credited: { count: 0 }, known: 2, skipped: 1 });
    expect(await balance()).toBe(125_000n);
    expect((await run("funding", "list")).out).toContain(names[2] ?? "?");
  });

  test("with a bad line enters nothing, and says which line", async () => {
    const { reference, balance } = await account();
    const lines = [
      "entry,amount,currency,booked,text",
      `${id()},12.50,EUR,2026-11-20,${reference}`,
    ];
    const bad = [
      `${id()},12.50,USD,2026-11-20,x`,
      `${id()},12.50001,EUR,2026-11-20,x`,
      `${id()},12.50,EUR,20.11.2026,x`,
      `${id()},12.50,EUR`,
    ];
    for (const line of bad) {
      const { code, said } = await run(
        "funding",
        "import",
        await fileWith([...lines, line].join("\n")),
      );
      expect(code).toBe(1);
      expect(said).toMatch(/(Line|line) 3.*\(file-unreadable\)/);
    }
    expect(await balance()).toBe(0n);
  });

  test("one entry that cannot be entered is named, and the others are entered", async () => {
    const { reference, balance } = await account();
    const known = entryOf("x", "1");
    await enterBankEntry(world.deps, known, "api");
    const file = await fileWith(
      `entry,amount,currency,booked,text\n${known.entryId},2.00,EUR,2026-11-20,x\n${id()},2.00,EUR,2026-11-20,${reference}\n`,
    );
    const { code, out, said } = await run("funding", "import", file);
    expect(code).toBe(1);
    expect(out).toContain(known.entryId);
    expect(said).toContain("Not entered: 1.");
    expect(await balance()).toBe(20_000n);
  });

  test("names an entry as the operator's own bank does, whatever else it tells of it and in whatever form", async () => {
    const { reference, balance } = await account();
    const [name, part] = [id(), id()];
    const transfer = (refs: string, amount = "") =>
      `<TxDtls>${refs}${amount}<RmtInf><Ustrd>${reference}</Ustrd></RmtInf></TxDtls>`;
    const statement = (amount: string, ref: string, details: string, more = "") =>
      `<Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>${more}<Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>${ref}</AcctSvcrRef><NtryDtls>${details}</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`;
    const payersOwn = "<Refs><TxId>1</TxId></Refs>";
    const enter = async (file: string) => run("funding", "import", await fileWith(file), "--json");

    expect((await enter(statement("1.00", name, transfer("")))).out).toMatch(/"count": 1/);
    expect((await enter(statement("1.00", name, transfer(payersOwn)))).out).toMatch(/"known": 1/);
    const csv = `entry,amount,currency,booked,text\n${name},1.00,EUR,2026-11-20,${reference}\n`;
    expect((await enter(csv)).out).toMatch(/"known": 1/);
    expect(await balance()).toBe(10_000n);

    const half = '<Amt Ccy="EUR">2.00</Amt>';
    const parts = (second: string) =>
      transfer(payersOwn, half) + transfer(`<Refs><TxId>${second}</TxId></Refs>`, half);
    expect((await enter(statement("4.00", part, parts("2")))).code).toBe(0);
    expect((await enter(statement("4.00", id(), parts("2")))).code).toBe(0);
    expect(await balance()).toBe(90_000n);
    const twice = await enter(statement("4.00", id(), parts("1")));
    expect([twice.code, twice.out]).toEqual([1, expect.stringContaining("twice")]);
    expect(await balance()).toBe(110_000n);

    const nameless = await enter(statement("1.00", "NONREF", transfer(payersOwn)));
    expect([nameless.code, nameless.said]).toEqual([1, expect.stringContaining("no reference")]);
    const reversal = statement("1.00", id(), transfer(""), "<RvslInd>1</RvslInd>");
    expect((await enter(reversal)).out).toMatch(/"skipped": 1/);
    const entities = await enter(`<!DOCTYPE x [<!ENTITY a "a">]>${statement("1.00", id(), "")}`);
    expect([entities.code, entities.said]).toEqual([1, expect.stringContaining("document type")]);
    expect(await balance()).toBe(110_000n);
  });

  test("as camt.053 is entered by structured and free references, collections by their parts", async () => {
    const [first, second, third] = [await account(), await account(), await account()];
    const file = await fileWith(camt(first.reference, second.reference, third.reference));
    const { code, out } = await run("funding", "import", file);
    expect(code).toBe(0);
    expect(out).toMatch(/credited\s+3\s+42\.00 EUR/);
    expect(out).toMatch(/no money coming in\s+3/);
    expect(await Promise.all([first, second, third].map(({ balance }) => balance()))).toEqual([
      250_000n,
      100_000n,
      70_000n,
    ]);
    expect((await run("funding", "import", file, "--json")).out).toContain('"known": 3');
  });

  test.each([
    ["no XML", "<Document><unclosed>"],
    ["another document", "<Document><CstmrCdtTrfInitn/></Document>"],
    ["a collection that does not add up", camt("a", "b", "c").replace(">17.00<", ">18.00<")],
    [
      "an entry without the bank's reference",
      camt("a", "b", "c").replace(/<AcctSvcrRef>S1.*?>/, ""),
    ],
    ["another currency", camt("a", "b", "c").replace('Ccy="EUR">25.00', 'Ccy="CHF">25.00')],
  ])("as camt.053 is refused whole when it is %s", async (_what, text) => {
    const { code, said } = await run("funding", "import", await fileWith(text));
    expect(code).toBe(1);
    expect(said).toContain("(file-unreadable)");
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

/** A statement with one transfer by structured reference, a collection of two, and three entries that bring nothing. */
function camt(first: string, second: string, third: string): string {
  const amount = (text: string) => `<Amt Ccy="EUR">${text}</Amt>`;
  const booked = "<BookgDt><Dt>2026-11-20</Dt></BookgDt>";
  const entry = (inner: string) => `<Ntry>${inner}</Ntry>`;
  const transfer = (name: string, text: string, remittance: string) =>
    `<TxDtls><Refs><AcctSvcrRef>${name}</AcctSvcrRef></Refs>${amount(text)}<RmtInf>${remittance}</RmtInf></TxDtls>`;
  const names = [...first, ...second, ...third].join("").slice(-20);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id>
${entry(`${amount("25.00")}<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>${booked}<AcctSvcrRef>S1${names}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Strd><CdtrRefInf><Ref>${first}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>`)}
${entry(`${amount("17.00")}<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>${booked}<NtryDtls>${transfer(`S2${names}`, "10.00", `<Ustrd>Rent &amp; more</Ustrd><Ustrd>${second}</Ustrd>`)}${transfer(`S3${names}`, "7.00", `<Ustrd>${third}</Ustrd>`)}</NtryDtls>`)}
${entry(`${amount("5.00")}<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>${booked}<AcctSvcrRef>S4</AcctSvcrRef>`)}
${entry(`${amount("6.00")}<CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts>${booked}<AcctSvcrRef>S5</AcctSvcrRef>`)}
${entry(`${amount("7.00")}<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts>${booked}<AcctSvcrRef>S6</AcctSvcrRef>`)}
</Stmt></BkToCstmrStmt></Document>`;
}
