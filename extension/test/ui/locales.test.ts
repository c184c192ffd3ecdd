/** The texts of both languages: complete, alike, and all of them used. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import german from "../../src/ui/_locales/de/messages.json" with { type: "json" };
import english from "../../src/ui/_locales/en/messages.json" with { type: "json" };

interface Text {
  readonly message: string;
  readonly placeholders?: Readonly<Record<string, { readonly content: string }>>;
}

const en: Readonly<Record<string, Text>> = english;
const de: Readonly<Record<string, Text>> = german;
const keys = Object.keys(en);
const valuesIn = (text: Text) => [...text.message.matchAll(/\$(\w+)\$/g)].map(([, name]) => name);
const sorted = (names: readonly (string | undefined)[]) => [...new Set(names)].sort();

describe("the texts", () => {
  it("have the same keys in both languages", () => {
    expect(Object.keys(de).sort()).toEqual([...keys].sort());
  });

  it("say something, with the same values, in both languages", () => {
    for (const key of keys) {
      const both = [en[key], de[key]] as [Text, Text];
      expect(sorted(valuesIn(both[1])), key).toEqual(sorted(valuesIn(both[0])));
      for (const text of both) {
        expect(text.message.trim(), key).not.toBe("");
        expect(sorted(Object.keys(text.placeholders ?? {})), key).toEqual(sorted(valuesIn(text)));
        for (const [name, { content }] of Object.entries(text.placeholders ?? {})) {
          expect(content, key).toBe(`{${name}}`);
        }
      }
    }
  });

  it("have both forms of every plural", () => {
    const bases = keys.filter((key) => key.endsWith("_other")).map((key) => key.slice(0, -6));
    for (const base of bases) expect(keys).toContain(`${base}_one`);
  });

  it("are all used", () => {
    const root = new URL("../../", import.meta.url).pathname;
    const files = globSync("src/**/*.{ts,tsx}", { cwd: root });
    const sources = files.map((file) => readFileSync(`${root}${file}`, "utf8")).join("\n");
    const manifest = readFileSync(`${root}../manifest.json`, "utf8");
    const unused = keys.filter((key) => {
      const base = key.replace(/_(one|other)$/, "");
      return (
        !sources.includes(`"${key}"`) &&
        !sources.includes(`"${base}"`) &&
        !manifest.includes(`__MSG_${key}__`)
      );
    });
    expect(unused).toEqual([]);
  });
});
