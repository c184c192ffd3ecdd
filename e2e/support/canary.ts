/** Looks for secrets and private texts in what was stored, logged and sent: as they are, and in usual encodings. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Exchange } from "./line.ts";
import { factsOf } from "./linkage.ts";

/** What must not be found, by names for people. */
export type Canaries = Readonly<Record<string, string | Uint8Array>>;

/** Where is looked: text as it is, bytes one character each. */
export type Haystacks = Readonly<Record<string, string>>;

/** What was found where: "PIN (base64) in the log". Empty when all is well. */
export function findCanaries(canaries: Canaries, haystacks: Haystacks): string[] {
  const found: string[] = [];
  for (const [name, canary] of Object.entries(canaries)) {
    for (const [form, needle] of formsOf(canary)) {
      for (const [place, text] of Object.entries(haystacks)) {
        if (needle.test(text)) found.push(`${name} (${form}) in ${place}`);
      }
    }
  }
  return found;
}

/** How a value may be written: its bytes, hexadecimal, base64 at any place of a longer text, UTF-16, percent signs. */
function formsOf(canary: string | Uint8Array): Map<string, RegExp> {
  const bytes = Buffer.from(canary);
  if (bytes.length < 5) throw new Error("So short a canary is found anywhere.");
  const forms = new Map<string, RegExp>();
  const plain = bytes.toString("latin1");
  const isNumber = /^\d+$/.test(plain);
  forms.set("plain", isNumber ? aloneIn(plain) : literally(plain));
  forms.set("hex", literally(bytes.toString("hex"), "i"));
  if (typeof canary === "string") {
    forms.set("text", isNumber ? aloneIn(canary) : literally(canary));
    forms.set("UTF-16", literally(Buffer.from(canary, "utf16le").toString("latin1")));
    forms.set("percent signs", literally(encodeURIComponent(canary)));
    if (isNumber) forms.delete("percent signs");
  }
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const [from, to] = [Math.ceil((offset * 8) / 6), Math.floor((shifted.length * 8) / 6)];
    for (const encoding of ["base64", "base64url"] as const) {
      const inner = shifted.toString(encoding).slice(from, to);
      forms.set(`${encoding}, ${offset}`, literally(inner));
    }
  }
  return forms;
}

/** A number inside of a longer one is another number. */
const aloneIn = (digits: string) => new RegExp(`(?<!\\d)${digits}(?!\\d)`);

const literally = (text: string, flags = "") =>
  new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), flags);

/** What travelled, both ways, as it was and taken apart to the last field; with what the receiver opened of it. */
export function wireText(exchanges: readonly Exchange[], opened: readonly unknown[] = []): string {
  const raw = exchanges.flatMap(({ path, rawHeaders, body, reply }) => [
    path,
    ...rawHeaders,
    body.toString("latin1"),
    JSON.stringify(reply?.headers ?? null),
    reply?.body.toString("latin1") ?? "",
  ]);
  const parts = exchanges.map(({ body, reply }) => ({
    step: "",
    parts: { body, reply: reply?.body ?? null },
  }));
  const apart = [...factsOf([...parts, { step: "", parts: { opened } }]).keys()];
  return [...raw, ...apart.filter((fact) => !fact.startsWith("bytes "))].join("\n");
}

/** All files below a directory, names and all. */
export async function filesText(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? `${path}\n${(await readFile(path)).toString("latin1")}` : path;
    }),
  );
  return texts.join("\n");
}
