#!/usr/bin/env node
/** The command `chit-merchant`: composition root. */
import { parseArgs } from "node:util";
import { apply, fetchBundle } from "./cli/apply.ts";
import { check } from "./cli/check.ts";
import { type CliDeps, CliError } from "./cli/context.ts";
import { systemPlatform } from "./platform.ts";

const USAGE = `chit-merchant: keys and certificate of a shop that sells through Chit

  chit-merchant apply --name <shop> --origin <https://shop.example> --contact <e-mail>
                      [--origin <another>] [--tps <https://tps.example>] [--dir <directory>]
      Makes chit-merchant-keys.json (secret) and chit-application.jws; with --tps sends it in.

  chit-merchant fetch --tps <https://tps.example> --id <application> [--dir <directory>]
      Gets chit-merchant-bundle.json once the operator approved the application.

  chit-merchant check [--origin <https://shop.example>] [--dir <directory>]
      Says what is right and what is wrong with the files and the clock.
`;

const deps: CliDeps = {
  clock: systemPlatform.clock,
  randomBytes: systemPlatform.randomBytes,
  fetch: systemPlatform.fetch,
  print: (line) => console.log(line),
};

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: "string" },
      origin: { type: "string", multiple: true },
      contact: { type: "string" },
      tps: { type: "string" },
      id: { type: "string" },
      dir: { type: "string", default: "." },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    console.log(USAGE);
    return;
  }
  if (rest.length > 0) throw new CliError(`"${rest[0]}" is not understood.\n\n${USAGE}`);
  const { origin: origins = [], dir: directory, tps } = values;
  switch (command) {
    case "apply":
      return apply(deps, {
        name: needed(values.name, "--name"),
        contact: needed(values.contact, "--contact"),
        origins,
        directory,
        tps,
      });
    case "fetch":
      return fetchBundle(deps, {
        tps: needed(tps, "--tps"),
        id: needed(values.id, "--id"),
        directory,
      });
    case "check":
      if (!(await check(deps, { directory, origin: origins[0] }))) process.exitCode = 1;
      return;
    default:
      throw new CliError(`There is no command "${command}".\n\n${USAGE}`);
  }
}

function needed(value: string | undefined, option: string): string {
  if (value === undefined) throw new CliError(`${option} is missing.\n\n${USAGE}`);
  return value;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
