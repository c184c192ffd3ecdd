import { readdirSync, readFileSync } from "node:fs";
import { DOCUMENT_TYPES, LABELS, LIMITS, PROBLEMS } from "@chit/protocol";
import { describe, expect, test } from "vitest";

const text = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
const section = (number: number): string => {
  const from = text.indexOf(`\n## ${number}. `);
  const to = text.indexOf(`\n## ${number + 1}. `);
  return text.slice(from, to === -1 ? undefined : to);
};

describe("docs/PROTOCOL.md", () => {
  test("lists every label, and no other", () => {
    const listed = [...section(3).matchAll(/^\| `(chit\/1\/[a-z-]+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(listed.sort()).toEqual(Object.values(LABELS).sort());
  });

  test("lists every document type", () => {
    for (const type of Object.values(DOCUMENT_TYPES)) expect(section(5)).toContain(`\`${type}\``);
  });

  test("lists every problem with its status and title, and no other", () => {
    const row = /^\| `([a-z-]+)` \| (\d{3}) \| \w+ \| (.+) \|$/gm;
    const listed = [...section(9).matchAll(row)].map(([, code, status, title]) => [
      code,
      { status: Number(status), title },
    ]);
    expect(Object.fromEntries(listed)).toEqual(PROBLEMS);
  });

  test("names every error code of the messages", () => {
    const source = readFileSync(new URL("../src/errors.ts", import.meta.url), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code as string);
    expect(codes.length).toBeGreaterThan(10);
    for (const code of codes) expect(section(9)).toContain(`\`${code}\``);
  });

  test("states every limit", () => {
    for (const [name, value] of Object.entries(LIMITS)) {
      expect(text.includes(String(value)), `${name}: ${value}`).toBe(true);
    }
  });

  test("shows only bytes that are in the vectors", () => {
    const folder = new URL("./vectors/", import.meta.url);
    const vectors = readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => readFileSync(new URL(name, folder), "utf8"))
      .join("\n");
    const shown = section(13).match(/\b[0-9a-f]{24,}\b/g) ?? [];
    expect(shown.length).toBeGreaterThan(30);
    for (const value of shown) expect(vectors.includes(value), value).toBe(true);
  });
});
