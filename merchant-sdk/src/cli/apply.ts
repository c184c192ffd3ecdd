/** `chit-merchant apply` and `fetch`: from new keys to the bundle. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ChitError,
  createApplication,
  identifier,
  isSecureUrl,
  LIMITS,
  message,
  parseMessage,
  SUITE,
  toBase64url,
} from "@chit/protocol";
import { nodeCrypto, nodeSigner } from "@chit/protocol/node";
import * as v from "valibot";
import {
  checkCertificate,
  type MerchantBundle,
  type MerchantKeysInput,
  readBundle,
  readKeys,
  sealingPublicKey,
} from "../credentials.ts";
import { verifyBundleList } from "./check.ts";
import { type CliDeps, CliError, callIssuer, FILES } from "./context.ts";

const APPLICATIONS_PATH = "/v1/merchant-applications";

const state = v.picklist(["pending", "approved", "rejected"]);
const registeredSchema = message({ applicationId: identifier, state });
const applicationSchema = message({
  state,
  bundle: v.exactOptional(v.record(v.string(), v.unknown())),
});

export interface ApplyOptions {
  readonly name: string;
  readonly origins: string[];
  readonly contact: string;
  readonly directory: string;
  readonly tps: string | undefined;
}

/** Makes keys and a signed application, and sends it in where a TPS is named. */
export async function apply(deps: CliDeps, options: ApplyOptions): Promise<void> {
  const keys = await keysIn(deps, options.directory);
  const document = await sign(deps, keys, options);
  const path = join(options.directory, FILES.application);
  await writeFile(path, `${document}\n`);
  deps.print(`Application  ${path}`);
  if (options.tps === undefined) {
    deps.print("Send this file to the operator, who answers with the bundle.");
    return;
  }
  const url = `${issuerOrigin(options.tps)}${APPLICATIONS_PATH}`;
  const reply = await callIssuer(deps, url, { method: "POST", body: document });
  const { applicationId, state } = await readReply(registeredSchema, reply);
  deps.print(`Id           ${applicationId} (${state})`);
  if (state === "rejected") throw rejected(applicationId);
  deps.print(`When the operator has approved it:`);
  deps.print(`  chit-merchant fetch --tps ${issuerOrigin(options.tps)} --id ${applicationId}`);
}

/** Keys that exist are kept: new ones would make the certificate useless. */
async function keysIn(deps: CliDeps, directory: string): Promise<string | MerchantKeysInput> {
  const path = join(directory, FILES.keys);
  if (existsSync(path)) {
    deps.print(`Keys         ${path} (kept)`);
    return path;
  }
  const keys: MerchantKeysInput = {
    v: 1,
    sealingKey: toBase64url(deps.randomBytes(32)),
    signingKey: toBase64url(deps.randomBytes(32)),
  };
  await writeFile(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  deps.print(`Keys         ${path} (secret: keep a copy in a safe place, give it to nobody)`);
  return keys;
}

async function sign(
  deps: CliDeps,
  source: string | MerchantKeysInput,
  { name, origins, contact }: ApplyOptions,
): Promise<string> {
  const keys = readKeys(source);
  const signer = nodeSigner(keys.signingKey);
  for (const origin of origins) {
    if (isSecureUrl(origin) && new URL(origin).origin === origin) continue;
    throw new CliError(
      `--origin ${origin}: write the shop's origin as browsers do, such as https://shop.example (http only on this computer, no path, no slash at the end).`,
    );
  }
  if (origins.length === 0 || origins.length > LIMITS.certificateOrigins) {
    throw new CliError(`Give --origin 1 to ${LIMITS.certificateOrigins} times.`);
  }
  return createApplication(signer, {
    v: 1,
    iat: deps.clock(),
    name,
    origins,
    contact,
    suite: SUITE,
    sealingKey: toBase64url(sealingPublicKey(keys.sealingKey)),
    signingKey: toBase64url(signer.publicKey),
  });
}

export interface FetchOptions {
  readonly tps: string;
  readonly id: string;
  readonly directory: string;
}

/** Gets the bundle of an approved application, checks that it is for the keys here, and writes it. */
export async function fetchBundle(deps: CliDeps, options: FetchOptions): Promise<void> {
  const { tps, id, directory } = options;
  const url = `${issuerOrigin(tps)}${APPLICATIONS_PATH}/${encodeURIComponent(id)}`;
  const { state, bundle } = await readReply(applicationSchema, await callIssuer(deps, url));
  if (state === "rejected") throw rejected(id);
  if (state === "pending" || bundle === undefined) {
    throw new CliError("The operator has not approved this application yet. Try again later.");
  }
  const read = readBundle(bundle as unknown as Parameters<typeof readBundle>[0]);
  checkBundle(deps, read, directory, issuerOrigin(tps));
  const path = join(directory, FILES.bundle);
  await writeFile(path, `${JSON.stringify(bundle, null, 2)}\n`);
  deps.print(`Bundle       ${path}`);
  deps.print(`Root key     ${toBase64url(read.rootKey)}`);
  deps.print("Compare the root key with the one that the operator publishes.");
}

function rejected(id: string): CliError {
  return new CliError(
    `The operator has rejected the application ${id}. Ask the operator why, mend that, and apply again with "chit-merchant apply".`,
  );
}

function checkBundle(
  deps: CliDeps,
  bundle: MerchantBundle,
  directory: string,
  issuer: string,
): void {
  if (bundle.issuer !== issuer) {
    throw new CliError(`The bundle is of ${bundle.issuer}, not of ${issuer}.`);
  }
  const crypto = nodeCrypto(deps.randomBytes);
  const list = verifyBundleList(crypto, bundle, deps.clock());
  const keys = readKeys(join(directory, FILES.keys));
  checkCertificate(crypto, keys, bundle.certificate, list, deps.clock());
}

function issuerOrigin(tps: string): string {
  if (!isSecureUrl(tps)) {
    throw new CliError(`--tps ${tps}: give the issuer's address, such as https://tps.example.`);
  }
  return new URL(tps).origin;
}

async function readReply<S extends v.GenericSchema>(
  schema: S,
  reply: Response,
): Promise<v.InferOutput<S>> {
  try {
    return parseMessage(schema, new Uint8Array(await reply.arrayBuffer()), LIMITS.keyListBytes * 2);
  } catch (cause) {
    if (!(cause instanceof ChitError)) throw cause;
    throw new CliError(`${reply.url} gave no answer of a TPS: ${cause.message} Check --tps.`);
  }
}
