// deploy/alerts.yaml is a rule file of Prometheus, and asks for nothing that a running server does not export.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTps } from "@chit/tps-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const file: { groups: { name: string; rules: Rule[] }[] } = parse(read("deploy/alerts.yaml"));
const rules = file.groups.flatMap((group) => group.rules);

/** PromQL's own words that these rules use. */
const WORDS = new Set(["and", "or", "by", "on", "sum", "rate"]);
/** Of Prometheus itself and of node_exporter. */
const FOREIGN = /^(up|node_filesystem_(avail|size)_bytes)$/;
const directory = mkdtempSync(join(tmpdir(), "chit-alerts-"));
let exposed = "";

/** The metrics of a server that did its chores once and answered a request. */
beforeAll(async () => {
  // Run by root, the database's own user must be able to pass through.
  chmodSync(directory, 0o755);
  const chores = "by-hand";
  const options = { dataDir: directory, port: 0, metricsPort: 0, issuer: {}, chores } as const;
  const tps = await startTps({ ...options, logLevel: "silent" });
  try {
    await tps.runChores();
    await fetch(`${tps.address}/v1/payments`, { method: "POST", body: "nothing" });
    exposed = await (await fetch(`${tps.metricsAddress}/metrics`)).text();
  } finally {
    await tps.close();
  }
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Names of metrics in an expression: what is neither a call, nor a word, nor inside of a selector. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}/g, "").replace(/\b(by|on) *\([^)]*\)/g, "");
  return [...bare.matchAll(/(?<![\d\w])[a-z_]\w*(?!\w|\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS.has(name));
}

/** What a rule selects: the metric, and each label with the values that it may have. */
function selectorsIn(expression: string): [metric: string, label: string, values: string[]][] {
  return [...expression.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, metric = "", matchers = ""]) =>
    [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)].map(
      ([, label = "", values = ""]): [string, string, string[]] => [
        metric,
        label,
        values.split("|"),
      ],
    ),
  );
}

test("every rule has an expression, a severity and a sentence", () => {
  expect(rules.length).toBeGreaterThan(15);
  for (const { alert, expr, labels, annotations, ...rest } of rules) {
    expect(alert).toMatch(/^Chit[A-Z]\w+$/);
    expect(metricsIn(expr).length, alert).toBeGreaterThan(0);
    for (const [open, close] of ["()", "{}", "[]"]) {
      expect(expr.split(open ?? "").length, alert).toBe(expr.split(close ?? "").length);
    }
    expect(["page", "ticket"]).toContain(labels.severity);
    expect(annotations.summary, alert).toMatch(/^[A-Z].+\.$/);
    expect(Object.keys(rest).filter((key) => key !== "for")).toEqual([]);
    if (rest.for !== undefined) expect(rest.for).toMatch(/^\d+[mh]$/);
  }
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});

test("every metric is one that a running server exports", () => {
  const families = [...exposed.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
    type === "histogram" ? ["_bucket", "_count", "_sum"].map((end) => name + end) : [name],
  );
  const asked = new Set(rules.flatMap(({ expr }) => metricsIn(expr)));
  const ours = [...asked].filter((name) => !FOREIGN.test(name));
  expect(ours.length).toBeGreaterThan(12);
  expect(ours.filter((name) => !families.includes(name))).toEqual([]);
});

test("every label that is selected has the values that are named", () => {
  const asked = rules.flatMap(({ expr }) => selectorsIn(expr));
  const ours = asked.filter(([metric, label]) => !FOREIGN.test(metric) && label !== "status");
  expect(ours.length).toBeGreaterThan(5);
  for (const [metric, label, values] of ours) {
    const samples = exposed.split("\n").filter((line) => line.startsWith(`${metric}{`));
    for (const value of values) {
      expect(
        samples.some((line) => line.includes(`${label}="${value}"`)),
        `${metric} ${label} ${value}`,
      ).toBe(true);
    }
  }
});

test("every rule says in OPERATING.md what to do, and every one there is a rule", () => {
  const [, section = ""] = /^## Alerts$([\s\S]*?)(?=^## )/m.exec(read("docs/OPERATING.md")) ?? [];
  const told = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(Chit\w+)`/g)].map(([, name]) => name),
  );
  expect(told.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
});
