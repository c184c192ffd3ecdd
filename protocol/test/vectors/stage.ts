/** The world that all vectors share, and tools that make messages no honest party would make. */
import { hkdfSync } from "node:crypto";
import {
  concatBytes,
  createVerdict,
  LABELS,
  type Label,
  merchantSealingKey,
  type ProtocolCrypto,
  SUITE,
  toBase64url,
  utf8,
  type Verdict,
  verifyQuote,
} from "@chit/protocol";
import { type NodeSigner, nodeCrypto } from "@chit/protocol/node";
import {
  decodeSealedMessage,
  openSealedMessage,
  type SealingKey,
  startSealing,
} from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { createWorld, NOW, SHOP, seededBytes, type World } from "../fixture.ts";
import { hex, type JsonObject } from "./form.ts";

const SEED = "chit vectors 1";

/** The private keys of {@link World}, in the order in which it draws them. */
interface PrivateKeys {
  readonly root: Uint8Array;
  readonly tpsSigning: Uint8Array;
  readonly tpsSealing: Uint8Array;
  readonly merchantSealing: Uint8Array;
  readonly merchantSigning: Uint8Array;
  readonly device: Uint8Array;
}

export interface Stage {
  readonly world: World;
  readonly privateKeys: PrivateKeys;
  readonly merchantKey: SealingKey;
  readonly tpsKey: SealingKey;
  readonly quoteHash: Uint8Array;
  /** Fixed bytes for one named purpose. */
  bytes(name: string, length: number): Uint8Array;
  id(name: string): string;
  /** A node suite whose random bytes are exactly these, one after the other. */
  cryptoWith(...random: Uint8Array[]): ProtocolCrypto;
}

export async function createStage(): Promise<Stage> {
  const world = await createWorld(SEED);
  const draw = seededBytes(SEED);
  const privateKeys = {
    root: draw(32),
    tpsSigning: draw(32),
    tpsSealing: draw(32),
    merchantSealing: draw(32),
    merchantSigning: draw(32),
    device: draw(32),
  };
  const verified = verifyQuote(world.crypto, world.keyList, world.quoteBody, SHOP, NOW);
  const bytes = (name: string, length: number) => seededBytes(`${SEED}/${name}`)(length);
  return {
    world,
    privateKeys,
    merchantKey: merchantSealingKey(verified.certificate),
    tpsKey: { kid: world.tpsKey.keyId, publicKey: world.tpsKey.publicRaw },
    quoteHash: verified.hash,
    bytes,
    id: (name) => toBase64url(bytes(name, 16)),
    cryptoWith(...random) {
      return nodeCrypto((length) => {
        const next = random.shift();
        if (next?.length !== length) throw new Error(`No ${length} random bytes are laid out.`);
        return next;
      });
    },
  };
}

/** Entries of a context that say which transaction a message is for. */
export function subjectContext(stage: Stage): JsonObject {
  const { merchantId, transactionNumber, amount, currency, scale } = stage.world.quoteInput;
  return {
    merchantId,
    transactionNumber,
    amount,
    currency,
    scale,
    quoteHash: hex(stage.quoteHash),
  };
}

/** A proof or denial of the payment that all vectors are about. */
export function verdictOn(stage: Stage, verdict: Verdict): Promise<string> {
  const { merchantId, transactionNumber, currency, scale } = stage.world.quoteInput;
  const order = { issuer: "https://tps.example", merchantId, transactionNumber, currency, scale };
  return createVerdict(
    stage.world.tpsSigner,
    verdict,
    { ...order, amount: 135_000n, quoteHash: stage.quoteHash },
    stage.id("payment"),
    NOW,
  );
}

/** Entries of a context that let a receiver verify the issuer's documents. */
export function issuerContext({ world }: Stage): JsonObject {
  return { rootKey: hex(world.root.publicKey), keyList: world.keyListDocument, now: NOW };
}

/** What stands between the inputs and the bytes of a sealed message. */
export async function sealedIntermediate(
  stage: Stage,
  purpose: Label,
  key: World["tpsKey"],
  body: Uint8Array,
  exports: readonly (readonly [Label, number])[],
): Promise<JsonObject> {
  const received = decodeSealedMessage(body);
  const opened = await openSealedMessage(stage.world.crypto, purpose, key, received);
  const exported: Record<string, string> = {};
  for (const [label, length] of exports) exported[label] = hex(await opened.export(label, length));
  return {
    info: hex(transcript(LABELS.hpkeInfo, purpose, SUITE, key.keyId)),
    plain: new TextDecoder().decode(received.plain),
    enc: hex(received.enc),
    paddedSealedPart: hex(opened.sealed),
    ciphertext: hex(received.ciphertext),
    exports: exported,
  };
}

/** The keys of a sealed reply (RFC 9458 section 4.4). */
export function replyIntermediate(
  secret: Uint8Array,
  enc: Uint8Array,
  nonce: Uint8Array,
): JsonObject {
  const derive = (info: string, length: number) =>
    hex(new Uint8Array(hkdfSync("sha256", secret, concatBytes(enc, nonce), info, length)));
  return { key: derive("key", 16), aeadNonce: derive("nonce", 12) };
}

/** Seals any plain part and any padded sealed part. */
export async function sealRaw(
  stage: Stage,
  purpose: Label,
  key: SealingKey,
  plain: Uint8Array,
  padded: Uint8Array,
): Promise<Uint8Array> {
  const ikmE = stage.bytes(`ephemeral of ${hex(plain)}/${hex(padded)}`, 32);
  return (await startSealing(stage.cryptoWith(ikmE), purpose, key)).seal(plain, padded);
}

/** Signs any header and payload as a JWS, however odd. */
export function signRaw(signer: NodeSigner, header: string, payload: Uint8Array): string {
  const input = `${toBase64url(utf8(header))}.${toBase64url(payload)}`;
  return `${input}.${toBase64url(signer.sign(utf8(input)))}`;
}
