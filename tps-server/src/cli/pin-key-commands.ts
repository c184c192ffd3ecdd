/** `pin-key show|rotate|lost`. */
import { toBase64url } from "@chit/protocol";
import type { Command } from "commander";
import { findLostPinKeys, replaceLostPinKeys } from "../keys/lost-pin-key.ts";
import { pinKeySource } from "../keys/outside-keys.ts";
import { rotatePinKey } from "../keys/pin-key-rotation.ts";
import { countSealed, readHolders } from "../keys/rotate-pin-key.ts";
import {
  type CliContext,
  existingStorage,
  type GlobalOptions,
  within,
  withStorage,
} from "./context.ts";
import { json, table } from "./output.ts";

/** Adds the commands. */
export function addPinKeyCommands(program: Command, context: CliContext): void {
  const pinKey = program.command("pin-key").description("the key that seals PINs in the database");
  pinKey
    .command("show")
    .description(
      "show the keys in use, how many PINs are under each, and which processes hold them",
    )
    .action((_options, command: Command) => show(context, command.optsWithGlobals()));
  pinKey
    .command("rotate")
    .description("replace the key while everything runs; broken off, it goes on when run again")
    .action((_options, command: Command) => rotate(context, command.optsWithGlobals()));
  pinKey
    .command("lost")
    .description(
      "when a key is lost for good: its PINs are locked, their owners telephone for new ones",
    )
    .option("--lock-pins", "do it; without it, it only says how many")
    .action((_options, command: Command) => lost(context, command.optsWithGlobals()));
}

async function show(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const keys = await countSealed(deps.database);
    const processes = await readHolders(deps, deps.database);
    if (options.json) return context.out(json({ keys, processes }));
    context.out(
      [
        table(
          ["KEY", "STATE", "PINS"],
          keys.map(({ keyId, state, pins }) => [keyId, state, String(pins)]),
        ),
        processes.length === 0
          ? "No process is running."
          : table(
              ["KIND", "PROCESS", "SEALS UNDER", "HOLDS"],
              processes.map(({ kind, process, sealsUnder, keyIds }) => [
                kind,
                process,
                sealsUnder,
                keyIds.join(" "),
              ]),
            ),
      ].join("\n\n"),
    );
  });
}

async function rotate(context: CliContext, options: GlobalOptions): Promise<void> {
  const { dataDir } = existingStorage(context, options);
  const { platform, environment, say } = context;
  const source = pinKeySource(dataDir, environment);
  await withStorage(context, options, async (deps) => {
    const rotation = await rotatePinKey({ ...deps, platform, source, say });
    if (rotation.kind === "give-variable") {
      const value = rotation.keys.map(toBase64url).join(",");
      context.out(options.json ? json({ CHIT_PIN_KEY: value }) : `CHIT_PIN_KEY=${value}`);
      return say(
        "This is a secret. Give it to every TPS and telephone service and to this command, restart them one after another, and run this again. Nothing was changed yet.",
      );
    }
    const { keyId, dropped } = rotation;
    context.out(
      options.json
        ? json({ keyId, dropped })
        : `All PINs are sealed under ${keyId}. The old key is dropped.`,
    );
  });
}

async function lost(
  context: CliContext,
  options: GlobalOptions & { lockPins?: boolean },
): Promise<void> {
  const storage = { ...existingStorage(context, options), pinKeysLost: true };
  await within(context, storage, async (deps) => {
    const held = deps.pinVault.keyIds();
    const act = options.lockPins === true ? replaceLostPinKeys : findLostPinKeys;
    const { keyIds, pins } = await act(deps, held);
    if (options.json) return context.out(json({ keyIds, pins, locked: options.lockPins === true }));
    context.out(
      options.lockPins === true
        ? `${pins} PINs are locked; their owners get new ones by telephone. New PINs are sealed under ${held[0]}. Start TPS and telephone service with it.`
        : `${pins} PINs are sealed under ${keyIds.join(", ")}, which is not given. If it is lost for good, run this again with --lock-pins.`,
    );
  });
}
