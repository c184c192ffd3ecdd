/** All vector files, made anew: the same bytes every time. */
import { batchFiles } from "./batches.ts";
import { deviceFiles } from "./device.ts";
import { documentFiles } from "./documents.ts";
import { hex, type Json, type VectorFile } from "./form.ts";
import { initiateSession } from "./initiation.ts";
import { logFiles } from "./log.ts";
import { payerFiles } from "./payer.ts";
import { paymentFiles } from "./payment.ts";
import { primitiveFiles } from "./primitives.ts";
import { recordsFiles } from "./records.ts";
import { recoveryFiles } from "./recovery.ts";
import { sessionFiles } from "./session.ts";
import { settlementFiles } from "./settlement.ts";
import { createStage, type Stage } from "./stage.ts";
import { statementFiles } from "./statements.ts";

function keys({ world, privateKeys }: Stage): Json {
  const entry = (kind: string, privateKey: Uint8Array, publicKey: Uint8Array, kid: string) => ({
    kind,
    privateKey: hex(privateKey),
    publicKey: hex(publicKey),
    kid,
  });
  const ed = (key: Uint8Array, signer: { publicKey: Uint8Array; kid: string }) =>
    entry("Ed25519", key, signer.publicKey, signer.kid);
  const x = (key: Uint8Array, opening: { publicRaw: Uint8Array; keyId: string }) =>
    entry("X25519", key, opening.publicRaw, opening.keyId);
  return {
    kind: "keys",
    describes: "The keys of all vectors. Test keys: never use them.",
    keys: {
      root: ed(privateKeys.root, world.root),
      tpsSigning: ed(privateKeys.tpsSigning, world.tpsSigner),
      tpsSealing: x(privateKeys.tpsSealing, world.tpsKey),
      merchantSealing: x(privateKeys.merchantSealing, world.merchantKey),
      merchantSigning: ed(privateKeys.merchantSigning, world.merchantSigner),
      device: ed(privateKeys.device, world.device),
    },
  };
}

/** File name (without `.json`) → content. */
export async function makeVectors(): Promise<Record<string, VectorFile | Json>> {
  const stage = await createStage();
  const session = await initiateSession(stage);
  return {
    keys: keys(stage),
    ...primitiveFiles(stage),
    ...(await documentFiles(stage)),
    ...(await sessionFiles(stage, session)),
    ...(await recoveryFiles(stage, session)),
    ...(await paymentFiles(stage)),
    ...(await payerFiles(stage, session)),
    ...(await deviceFiles(stage)),
    ...(await batchFiles(stage)),
    ...(await settlementFiles(stage)),
    ...(await recordsFiles(stage)),
    ...(await statementFiles(stage)),
    ...(await logFiles(stage)),
  };
}

/** The text of a vector file. */
export function vectorText(content: VectorFile | Json): string {
  return `${JSON.stringify(content, null, 1)}\n`;
}
