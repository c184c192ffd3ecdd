/** What the operators' documents tell them to type is there. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../src/cli/program.ts";
import { systemPlatform } from "../src/platform.ts";
import { migrate } from "../src/store/migrate.ts";
import { createTestDatabase } from "./support/database.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const NAMES = ["OPERATING.md", "TELEPHONE.md"];
const read = (name: string) => readFileSync(join(DOCS, name), "utf8");

/** What the program itself says of a command; undefined where it knows none of that name. */
async function helpOf(...words: string[]): Promise<string | undefined> {
  let text = "";
  const code = await runCli([...words, "--help"], {
    platform: systemPlatform,
    environment: {},
    args: [],
    out: (line) => {
      text += `${line}\n`;
    },
    say: () => undefined,
    onReplace: () => undefined,
    untilStopped: async () => undefined,
  });
  const asked = text.startsWith(`Usage: chit-tps ${words.join(" ")}`);
  return code === 0 && asked ? text : undefined;
}

/** Names below a heading of commander's help. */
const commandsIn = (help = "") =>
  [...(help.split("Commands:")[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
    ([, name = ""]) => name,
  );

/** Every command line of a document, as words: behind the program's name, or in a span of its own that begins with a command. */
function linesOf(markdown: string, commands: readonly string[]): string[][] {
  const fenced = [...markdown.matchAll(/^```sh$([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const indented = [...markdown.matchAll(/^ {4}(chit-tps .*)$/gm)].map(([, line = ""]) => line);
  const spans = [...markdown.replace(/^```sh$[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, span = ""]) => span,
  );
  const all = [...fenced, ...indented, ...spans].filter((text) => !text.startsWith("systemctl "));
  return all.flatMap((text) => {
    const bare = text.replace(/ #.*$/, "").replace(/"[^"]*"/g, "text");
    const named = /(?:^|\s)chit-tps (.*)$/.exec(bare)?.[1];
    const words = (named ?? bare).trim().split(/\s+/);
    const begins = commands.includes(words[0] ?? "") && words.length > 1;
    return (named !== undefined && words[0] !== "…") || begins ? [words] : [];
  });
}

describe("in the operators' documents", () => {
  test.each(NAMES)(
    "every command of %s is one that the program has, with its options",
    async (name) => {
      const commands = commandsIn(await helpOf());
      const lines = linesOf(read(name), commands);
      expect(lines.length).toBeGreaterThan(name === "OPERATING.md" ? 60 : 2);
      const unknown: string[] = [];
      for (const words of lines) {
        const [first = "", second = ""] = words.filter((word) => !word.startsWith("-"));
        const help = await helpOf(first);
        const below = commandsIn(help).filter((command) => command !== "help");
        const whole = below.length === 0 ? help : await helpOf(first, second);
        const options = words.filter((word) => word.startsWith("--") && word !== "--");
        const own = ["--data-dir", "--json", "--help"];
        const strange = options
          .map((option) => option.replace(/[,;]$/, ""))
          .filter((option) => !own.includes(option) && !whole?.includes(option));
        if (whole === undefined || strange.length > 0) unknown.push(words.join(" "));
      }
      expect(unknown).toEqual([]);
    },
  );

  test.each(NAMES)("every option that %s names by itself is one of some command", async (name) => {
    const helps = [await helpOf()];
    for (const first of commandsIn(await helpOf())) {
      const help = await helpOf(first);
      helps.push(help);
      for (const second of commandsIn(help)) helps.push(await helpOf(first, second));
    }
    const known = new Set(helps.flatMap((help) => help?.match(/--[a-z-]+/g) ?? []));
    const named = [...read(name).matchAll(/`(--[a-z-]+)[^`]*`/g)].map(([, option = ""]) => option);
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });

  test.each(NAMES)("every link of %s leads somewhere", (name) => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, "")
        .replaceAll(" ", "-");
    const headings = (text: string) =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading));
    const lost = [...read(name).matchAll(/\]\(([^)]+)\)/g)].flatMap(([, target = ""]) => {
      const [path = "", anchor] = target.split("#");
      if (/^https?:/.test(target)) return [];
      const file = path === "" ? join(DOCS, name) : join(dirname(join(DOCS, name)), path);
      const found =
        existsSync(file) &&
        (anchor === undefined || headings(readFileSync(file, "utf8")).includes(anchor));
      return found ? [] : [target];
    });
    expect(lost).toEqual([]);
  });

  test("the line for a master key is 32 bytes, as the server wants them", () => {
    const [, script = ""] = /`npx node -p "([^"]+)"`/.exec(read("OPERATING.md")) ?? [];
    const line = execFileSync(process.execPath, ["-p", script], { encoding: "utf8" }).trim();
    expect(Buffer.from(line, "base64url")).toHaveLength(32);
    expect(line).toMatch(/^[\w-]{43}$/);
  });
});

test("a server of the version before runs on a schema that a newer one has migrated", async () => {
  const { database, drop } = await createTestDatabase();
  try {
    await database.query(
      "insert into schema_migrations (name, digest) values ('9999-of-a-later-version.sql', 'x')",
    );
    expect(await migrate(database)).toEqual([]);
  } finally {
    await drop();
  }
});
