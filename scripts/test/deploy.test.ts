/** What stands in `deploy/` fits the programs that it starts. No container engine is needed here: images are not built. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(ROOT, path), "utf8");
const PROGRAM = "tps-server/src/main.ts";

/** Commands of `chit-tps` with their options, as the program itself tells them. */
async function helpOf(command: string): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [
    join(ROOT, PROGRAM),
    ...command.split(" "),
    "--help",
  ]);
  return stdout;
}

interface Compose {
  readonly services: Readonly<
    Record<string, { command?: string[]; environment?: Record<string, string>; volumes?: string[] }>
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Every command line that one of the files starts. */
async function startedCommands(): Promise<string[][]> {
  const units = (await readdir(join(ROOT, "deploy/systemd"))).filter((name) =>
    name.endsWith(".service"),
  );
  const lines: string[][] = [];
  for (const unit of units) {
    for (const [, command] of (await read(`deploy/systemd/${unit}`)).matchAll(
      /^ExecStart=(.*)$/gm,
    )) {
      const [node, program, ...words] = (command ?? "").split(" ");
      expect(node).toBe("/opt/chit/node_modules/node/bin/node");
      expect(program).toBe(PROGRAM);
      lines.push(words);
    }
  }
  const { services }: Compose = parse(await read("deploy/compose.yaml"));
  for (const name of ["tps", "vru"])
    if (services[name]?.command) lines.push(services[name].command);
  const [, image] = /^CMD (\[.*\])$/m.exec(await read("deploy/Containerfile")) ?? [];
  lines.push(JSON.parse(image ?? "[]"));
  return lines;
}

test("every command and option that is started exists", async () => {
  const commands = await startedCommands();
  expect(commands.map(([command]) => command)).toEqual(
    expect.arrayContaining(["serve", "vru", "settle", "audit"]),
  );
  for (const name of new Set(commands.map(([command = ""]) => command))) {
    const help = await helpOf(name);
    expect(help).toContain(`chit-tps ${name}`);
    const words = commands.filter(([command]) => command === name).flat();
    for (const word of words.filter((text) => text.startsWith("--"))) expect(help).toContain(word);
  }
}, 120_000);

test("every variable of ours is one that the documents name", async () => {
  const documents = (await read("docs/OPERATING.md")) + (await read("docs/TELEPHONE.md"));
  const { services }: Compose = parse(await read("deploy/compose.yaml"));
  const used = Object.entries(services)
    .filter(([name]) => name !== "postgres")
    .flatMap(([, { environment = {} }]) => Object.keys(environment));
  const [, inImage = ""] = /^ENV (.*)$/m.exec(await read("deploy/Containerfile")) ?? [];
  const all = [...used, ...inImage.split(" ").map((pair) => pair.split("=")[0] ?? "")];
  for (const name of all.filter((text) => text !== "NODE_ENV"))
    expect(documents).toContain(`\`${name}\``);
});

test("what must be filled in stands in the example, and every volume is declared", async () => {
  const text = await read("deploy/compose.yaml");
  const example = await read("deploy/example.env");
  for (const [, name] of text.matchAll(/\$\{(\w+)/g))
    expect(example).toMatch(new RegExp(`^${name}=`, "m"));
  const { services, volumes }: Compose = parse(text);
  const named = Object.values(services)
    .flatMap((service) => service.volumes ?? [])
    .map((volume) => volume.split(":")[0] ?? "")
    .filter((name) => !name.startsWith("."));
  expect(new Set(named)).toEqual(new Set(Object.keys(volumes)));
});

test("the image knows every package of the workspace", async () => {
  const containerfile = await read("deploy/Containerfile");
  const { workspaces } = JSON.parse(await read("package.json"));
  for (const name of workspaces)
    expect(containerfile).toMatch(new RegExp(`^COPY ${name}(/package.json)? `, "m"));
});
