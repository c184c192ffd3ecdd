/** `merchant apply|list|approve|reject|revoke`. */
import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { OperatorError } from "../errors.ts";
import {
  approveMerchant,
  registerApplication,
  rejectApplication,
} from "../merchants/applications.ts";
import { listMerchants, revokeMerchant } from "../merchants/merchants.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment } from "./output.ts";
import { addMerchantStatementCommand } from "./statement-commands.ts";

/** Adds the commands. */
export function addMerchantCommands(program: Command, context: CliContext): void {
  const merchant = program.command("merchant").description("merchants and their certificates");
  merchant
    .command("apply")
    .description('register an application made by "chit-merchant apply", for review')
    .argument("<file>")
    .action((file: string, _options, command: Command) =>
      apply(context, file, command.optsWithGlobals()),
    );
  merchant
    .command("list")
    .description("list applications and merchants")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  merchant
    .command("approve")
    .description("certify an application that you have reviewed; writes the merchant's bundle")
    .argument("<application>")
    .option("--out <file>", "where to write the bundle (standard output unless given)")
    .action((id: string, _options, command: Command) =>
      approve(context, id, command.optsWithGlobals()),
    );
  merchant
    .command("reject")
    .description("turn down an application that you have reviewed; its merchant is told so")
    .argument("<application>")
    .action((id: string, _options, command: Command) =>
      reject(context, id, command.optsWithGlobals()),
    );
  merchant
    .command("revoke")
    .description("revoke a merchant: no payment to it passes from now on")
    .argument("<merchant>")
    .action((id: string, _options, command: Command) =>
      revoke(context, id, command.optsWithGlobals()),
    );
  addMerchantStatementCommand(merchant, context);
}

async function apply(context: CliContext, file: string, options: GlobalOptions): Promise<void> {
  const document = await readFile(file, "utf8").catch((cause: Error) => {
    throw new OperatorError("setting-invalid", `${file} cannot be read: ${cause.message}`, {
      cause,
    });
  });
  const registered = await withStorage(context, options, (deps) =>
    registerApplication(deps, document.trim()),
  );
  context.out(
    options.json
      ? json(registered)
      : fields([
          ["application", registered.applicationId],
          ["state", registered.state],
        ]),
  );
}

async function list(context: CliContext, options: GlobalOptions): Promise<void> {
  const merchants = await withStorage(context, options, listMerchants);
  if (options.json) return context.out(json(merchants));
  if (merchants.length === 0) return context.out("No merchant has applied yet.");
  context.out(
    merchants
      .map(({ certificateExpiresAt: expires, ...merchant }) =>
        fields([
          ["name", merchant.name],
          ["state", merchant.state],
          ["application", merchant.applicationId],
          ...(merchant.merchantId === null ? [] : [["merchant", merchant.merchantId] as const]),
          ...merchant.origins.map((origin) => ["origin", origin] as const),
          ["contact", merchant.contact],
          ...(expires === null ? [] : [["certified until", moment(expires)] as const]),
        ]),
      )
      .join("\n\n"),
  );
}

async function approve(
  context: CliContext,
  id: string,
  options: GlobalOptions & { out?: string },
): Promise<void> {
  const { merchantId, bundle } = await withStorage(context, options, (deps) =>
    approveMerchant(deps, id),
  );
  if (options.out === undefined) return context.out(json(bundle));
  const { out } = options;
  await writeFile(out, `${json(bundle)}\n`).catch((cause: Error) => {
    throw new OperatorError(
      "setting-invalid",
      `The merchant ${merchantId} is certified, but ${out} cannot be written: ${cause.message}. Approve again with another --out.`,
      { cause },
    );
  });
  context.out(
    options.json
      ? json({ merchantId, file: out })
      : fields([
          ["merchant", merchantId],
          ["bundle", out],
        ]),
  );
}

async function reject(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, (deps) => rejectApplication(deps, id));
  context.out(
    options.json
      ? json({ applicationId: id, state: "rejected" })
      : `The application ${id} is rejected.`,
  );
}

async function revoke(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, (deps) => revokeMerchant(deps, id));
  context.out(
    options.json ? json({ merchantId: id, state: "revoked" }) : `The merchant ${id} is revoked.`,
  );
}
