#!/usr/bin/env node
/** The command `chit-merchant`: composition root. */
import { parseArgs } from "node:util";
import { apply, fetchBundle } from "./cli/apply.ts";
import { check } from "./cli/check.ts";
import { type CliDeps, CliError } from "./cli/context.ts";
import { systemPlatform } from "./platform.ts";

const USAGE = `chit-merchant: a shop that sells through Chit, its keys, refunds and settlements

  chit-merchant apply --name <shop> --origin <https://shop.example> --contact <e-mail>
                      [--origin <another>] [--tps <https://tps.example>] [--dir <directory>]
      Makes chit-merchant-keys.json (secret) and chit-application.jws; with --tps sends it in.

  chit-merchant fetch --tps <https://tps.example> --id <application> [--dir <directory>]
      Gets chit-merchant-bundle.json once the operator approved the application.

  chit-merchant batch [--wait <seconds>] [--again] [--store <database>] [--dir <directory>]
      Sends the refunds that wait to the operator, and notes what came of them; --again also sends the
      orders of rejected batches again.

  chit-merchant reports [--store <database>] [--dir <directory>]
      Fetches the settlement reports that are not here yet.

  chit-merchant reconcile [--csv] [--store <database>] [--dir <directory>]
      Says what of sales, refunds and settlement reports does not add up, and what to do about it.

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
      store: { type: "string" },
      wait: { type: "string", default: "60" },
      again: { type: "boolean", default: false },
      csv: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    console.log(USAGE);
    return;
  }
  if (rest.length > 0) throw new CliError(`"${rest[0]}" is not understood.\n\n${USAGE}`);
  const { origin: origins = [], dir: directory, tps, store } = values;
  const endWith = (isFine: boolean) => {
    if (!isFine) process.exitCode = 1;
  };
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
      return endWith(await check(deps, { directory, origin: origins[0] }));
    case "batch":
    case "reports":
    case "reconcile": {
      // Half of the SDK, which the commands above can do without.
      const { runClearing } = await import("./cli/clearing.ts");
      const { again, csv } = values;
      const waitSeconds = secondsOf(values.wait);
      const given = { directory, store, waitSeconds, again, csv };
      return endWith(await runClearing(deps, command, given));
    }
    default:
      throw new CliError(`There is no command "${command}".\n\n${USAGE}`);
  }
}

function secondsOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new CliError(`--wait ${text}: give whole seconds, such as 60.`);
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
