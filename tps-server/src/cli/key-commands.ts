/** `keys`. */
import { toBase64url } from "@chit/protocol";
import { Argument, type Command } from "commander";
import { publishKeyList } from "../keys/key-list.ts";
import { readKeys } from "../keys/key-store.ts";
import { resealKeys } from "../keys/reseal-keys.ts";
import { type RotatedPurpose, rotateKey } from "../keys/rotate.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, table } from "./output.ts";

/** Enough to tell keys apart, in a table that fits into 80 columns; `--json` has all of it. */
const SHOWN_OF_KEY_ID = 14;

/** Adds the commands. */
export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command("keys").description("the issuer's keys");
  keys
    .command("list")
    .description("list the keys")
    .action((_options, command: Command) =>
      listKeys(context, command.optsWithGlobals<GlobalOptions>()),
    );
  keys
    .command("rotate")
    .description("list a new key, which replaces the current one after a day")
    .addArgument(new Argument("<purpose>").choices(["signing", "sealing"]))
    .option("--now", "use it at once (the old key may be known to others)")
    .action((purpose: RotatedPurpose, _options, command: Command) =>
      rotate(context, purpose, command.optsWithGlobals<GlobalOptions & { now?: boolean }>()),
    );
  keys
    .command("reseal")
    .description("seal the private keys under the newest master key, so that the old one can go")
    .action((_options, command: Command) =>
      reseal(context, command.optsWithGlobals<GlobalOptions>()),
    );
}

async function listKeys(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const now = deps.platform.nowSeconds();
    const keys = (await readKeys(deps.database)).map((key) => ({
      purpose: key.purpose,
      keyId: key.keyId,
      publicKey: toBase64url(key.publicKey),
      notBefore: key.notBefore,
      notAfter: key.notAfter,
      state: now < key.notBefore ? "announced" : now <= key.notAfter ? "in force" : "retired",
    }));
    if (options.json) return context.out(json(keys));
    const root = keys.find((key) => key.purpose === "root");
    context.out(
      [
        table(
          ["PURPOSE", "KEY", "FROM", "UNTIL", "STATE"],
          keys.map((key) => [
            key.purpose,
            `${key.keyId.slice(0, SHOWN_OF_KEY_ID)}…`,
            moment(key.notBefore),
            moment(key.notAfter),
            key.state,
          ]),
        ),
        fields([["root key to publish", root?.publicKey ?? "-"]]),
      ].join("\n\n"),
    );
  });
}

async function rotate(
  context: CliContext,
  purpose: RotatedPurpose,
  options: GlobalOptions & { now?: boolean },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const { keyId, notBefore } = await rotateKey(deps, purpose, options.now ? 0 : undefined);
    const { sequence } = await publishKeyList(deps);
    context.out(
      options.json
        ? json({ purpose, keyId, notBefore, keyListSequence: sequence })
        : fields([
            ["new key", keyId],
            ["in force from", moment(notBefore)],
            ["key list", `number ${sequence}`],
          ]),
    );
  });
}

async function reseal(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const { masterKey, resealed } = await resealKeys(deps);
    context.out(
      options.json
        ? json({ masterKey, resealed })
        : fields([
            ["master key", masterKey],
            ["sealed anew", String(resealed)],
          ]),
    );
    context.say(
      "Every private key is under it. The older master keys open nothing here any more, but the backups from before do need them.",
    );
  });
}
