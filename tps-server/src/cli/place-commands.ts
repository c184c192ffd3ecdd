/** `places show|set`. */
import { readFile } from "node:fs/promises";
import { parseValue } from "@chit/protocol";
import type { Command } from "commander";
import { OperatorError } from "../errors.ts";
import { readPlaces } from "../places/lay.ts";
import { type PlacesSetting, placesSchema, setPlaces } from "../places/set-places.ts";
import { placeName } from "../store/reach-database.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { json, table } from "./output.ts";

/** Adds the commands. */
export function addPlaceCommands(program: Command, context: CliContext): void {
  const places = program
    .command("places")
    .description("accounts on several PostgreSQL servers (docs/SCALING.md)");
  places
    .command("show")
    .description("where accounts are")
    .action((_options, command: Command) => showPlaces(context, command.optsWithGlobals()));
  places
    .command("set <file>")
    .description(
      "spread accounts over the databases that a JSON file names, or tell their new addresses",
    )
    .action((file: string, _options, command: Command) =>
      changePlaces(context, command.optsWithGlobals(), file),
    );
}

/** Never a user or a password. */
async function showPlaces(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async ({ database }) => {
    const places = await readPlaces(database);
    const shown = places.map(({ place, url, telephoneUrl }) => ({
      place,
      database: placeName(url),
      telephone: telephoneUrl !== null,
    }));
    if (options.json) return context.out(json(shown));
    if (shown.length === 0) return context.out("All accounts are in the main database.");
    const rows = shown.map((one) => [`${one.place}`, one.database, one.telephone ? "yes" : "no"]);
    context.out(table(["PLACE", "DATABASE", "TELEPHONE"], rows, { right: [0] }));
  });
}

async function changePlaces(
  context: CliContext,
  options: GlobalOptions,
  file: string,
): Promise<void> {
  const setting = await readSetting(file);
  await withStorage(context, options, async (deps) => {
    // A connection that breaks fails its own statement as well.
    const result = await setPlaces(deps, setting, () => undefined);
    if (options.json) return context.out(json(result));
    const done = result.spread ? "Accounts are spread over" : "New addresses are known of";
    context.out(`${done} ${result.places} places. Start the servers again.`);
  });
}

async function readSetting(file: string): Promise<PlacesSetting> {
  try {
    return parseValue(placesSchema, JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(
      "setting-invalid",
      `${file}: ${problem}. Write {"places":[{"url":"postgres://…"},{"url":"postgres://…"}]}.`,
      { cause },
    );
  }
}
