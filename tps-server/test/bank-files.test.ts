/** A bank's file is entered whole or not at all, and each of its entries once. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterBankEntry } from "../src/funding/bank-entries.ts";
import { cliOf } from "./support/cli.ts";
import { entryOf as bankEntry, payee } from "./support/funding.ts";
import { createWorld, id, type World } from "./support/world.ts";

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

const account = () => payee(world);
const entryOf = (...more: [text: string, amount?: string, entryId?: string]) =>
  bankEntry(world, ...more);
const run = cliOf(() => world);

async function fileWith(content: string): Promise<string> {
  const path = join(directory, id());
  await writeFile(path, content);
  return path;
}

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
