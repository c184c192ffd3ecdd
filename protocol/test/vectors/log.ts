/** Vectors of the issuer's log: signed checkpoints, notarizations, consistency of two states. */
import {
  createNotarization,
  createVerdict,
  leafHash,
  logEntry,
  logOrigin,
  nodeHash,
  signCheckpoint,
  tiledTree,
  utf8,
} from "@chit/protocol";
import { ISSUER, NOW } from "../fixture.ts";
import { naiveRoot, naiveTiles } from "../log/tree.ts";
import { hex, type Json, type NegativeVector, type VectorFile } from "./form.ts";
import { operate } from "./operations.ts";
import type { Stage } from "./stage.ts";

const YEAR = 31_536_000;
const AT = NOW + 60;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** The text with the character behind `before` exchanged. */
function changed(text: string, before: string, by = 1): string {
  const at = text.indexOf(before) + before.length + by;
  return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
}

/** A log of seven proofs, the fifth of which is shown. */
async function createLog(stage: Stage) {
  const { world } = stage;
  const { merchantId, currency, scale } = world.quoteInput;
  const order = { issuer: ISSUER, merchantId, currency, scale, amount: 135_000n };
  const { transactionNumber } = world.quoteInput;
  const { quoteHash } = stage;
  const proof = await createVerdict(
    world.tpsSigner,
    "proof",
    { ...order, transactionNumber, quoteHash },
    stage.id("payment"),
    NOW,
  );
  const entries = Array.from({ length: 7 }, (_, index) => stage.bytes(`log entry ${index}`, 32));
  entries[4] = logEntry(proof);
  const tree = tiledTree(entries.length, naiveTiles(entries));
  const state = { origin: logOrigin(ISSUER), size: entries.length, root: await tree.root() };
  const note = await signCheckpoint(world.tpsSigner, state, AT);
  return { proof, entries, tree, state, note, path: await tree.inclusionProof(4) };
}

type Log = Awaited<ReturnType<typeof createLog>>;

async function checkpointFile(stage: Stage, { state, note }: Log): Promise<VectorFile> {
  const { world } = stage;
  const context = {
    rootKey: hex(world.root.publicKey),
    keyList: world.keyListDocument,
    now: NOW,
  };
  const sign = (changes: object, at = AT, signer = world.tpsSigner) =>
    signCheckpoint(signer, { ...state, ...changes }, at);
  const [text = "", lines = ""] = note.split("\n\n");
  const [plain = "", timed = ""] = lines.split("\n");
  const malformed: Readonly<Record<string, string>> = {
    empty: "",
    "without signatures": `${text}\n`,
    "without the last line feed": note.slice(0, -1),
    "a carriage return": note.replace("\n", "\r\n"),
    "a tab in the text": note.replace(state.origin, `${state.origin}\t`),
    "two lines of text": `${state.origin}\n7\n\n${lines}`,
    "an empty line in the text": await sign({ origin: `${state.origin}\n` }),
    "a size with a leading zero": note.replace("\n7\n", "\n07\n"),
    "a size with a sign": note.replace("\n7\n", "\n+7\n"),
    "a root of 31 bytes": await sign({ root: state.root.slice(1) }),
    "a root without padding": note.replace(
      `${base64(state.root)}\n`,
      `${base64(state.root).slice(0, -1)}\n`,
    ),
    "a signature line with a hyphen": note.replace("— ", "- "),
    "a signature that is no base64": `${note}— witness.example ?\n`,
    "a signature of a key id alone": `${note}— witness.example AAAAAA==\n`,
    "33 signatures": note + "— witness.example AAAAAAAA\n".repeat(31),
  };
  const refused: readonly NegativeVector[] = [
    ["of another log", await sign({ origin: "other.example/log" }), "transaction-mismatch"],
    ["another size than was signed", note.replace("\n7\n", "\n8\n"), "authentication-failed"],
    ["another root than was signed", changed(note, "\n7\n"), "authentication-failed"],
    ["another time than was signed", changed(note, timed.slice(0, -60)), "authentication-failed"],
    ["another plain signature", changed(note, plain.slice(0, -60)), "authentication-failed"],
    ["without the signature with a time", `${text}\n\n${plain}\n`, "signing-key-unknown"],
    ["without the plain signature", `${text}\n\n${timed}\n`, "signing-key-unknown"],
    ["by a key that is not listed", await sign({}, AT, world.device), "signing-key-unknown"],
    [
      "signatures under another name",
      note.replaceAll(`— ${state.origin}`, "— other.example/log"),
      "signing-key-unknown",
    ],
    ["dated before its key", await sign({}, NOW - YEAR - 301), "expired"],
    ["dated after its key", await sign({}, NOW + YEAR + 301), "expired"],
    ["too large", `${note}${"— witness.example AAAAAAAA\n".repeat(10_000)}`, "message-too-large"],
  ].map(([name = "", message = "", error = ""]) => ({ name, message: { text: message }, error }));
  const result = (message: string) => operate("checkpoint", world.crypto, context, utf8(message));
  const witnessed = `${note}— witness.example AAAAAAAA\n`;
  const extended = await sign({ origin: state.origin, root: state.root }, AT + 1);
  return {
    kind: "checkpoint",
    describes:
      "Section 8, notarization: a checkpoint of the issuer's log, verified under its key list.",
    context,
    positive: [
      {
        name: "as the issuer makes it",
        intermediate: { text: `${text}\n`, root: hex(state.root) },
        message: { text: note },
        result: await result(note),
      },
      {
        name: "with a witness's signature",
        message: { text: witnessed },
        result: await result(witnessed),
      },
      { name: "signed again later", message: { text: extended }, result: await result(extended) },
    ],
    negative: [
      ...Object.entries(malformed).map(([name, message]) => ({
        name,
        message: { text: message },
        error: "malformed-message",
      })),
      ...refused,
    ],
  };
}

async function notarizationFile(stage: Stage, log: Log): Promise<VectorFile> {
  const { world } = stage;
  const { proof, path, note } = log;
  const documents = { proof, certificate: world.certificate, keyList: world.keyListDocument };
  const make = (changes: object = {}, place: object = {}) =>
    createNotarization(
      { ...documents, ...changes },
      { index: 4, path, checkpoint: note, ...place },
    );
  const file = make();
  const context = { rootKey: hex(world.root.publicKey) };
  const order = {
    issuer: ISSUER,
    transactionNumber: world.quoteInput.transactionNumber,
    amount: 1n,
    currency: "EUR",
    scale: 4,
    quoteHash: stage.quoteHash,
  };
  const verdict = (kind: "proof" | "denial", merchantId: string) =>
    createVerdict(world.tpsSigner, kind, { ...order, merchantId }, stage.id("other payment"), NOW);
  const { merchantId } = world.quoteInput;
  const small = { origin: log.state.origin, size: 4, root: naiveRoot(log.entries.slice(0, 4)) };
  const smaller = await signCheckpoint(world.tpsSigner, small, AT);
  const early = await signCheckpoint(world.tpsSigner, log.state, NOW - 301);
  const [first = "", extra = ""] = file.split("\n");
  const cases: readonly (readonly [string, string, string])[] = [
    ["another first line", file.replace("@v1", "@v2"), "malformed-message"],
    ["without extra data", file.replace(`${extra}\n`, ""), "malformed-message"],
    ["extra data that is no base64", file.replace("extra ", "extra !"), "malformed-message"],
    ["an index with a leading zero", file.replace("index 4", "index 04"), "malformed-message"],
    [
      "a hash of 31 bytes",
      make({}, { path: [path[0]?.slice(1), ...path.slice(1)] }),
      "malformed-message",
    ],
    [
      "64 hashes",
      make({}, { path: Array.from({ length: 64 }, () => log.state.root) }),
      "malformed-message",
    ],
    ["cut before the checkpoint", file.slice(0, file.indexOf("\n\n")), "malformed-message"],
    ["too large", `${first}\nextra ${"A".repeat(524_288)}`, "message-too-large"],
    ["an unknown field in the documents", make({ proof: `${proof}","x":"` }), "malformed-message"],
    ["another index", file.replace("index 4", "index 5"), "authentication-failed"],
    ["an index beyond the tree", file.replace("index 4", "index 7"), "authentication-failed"],
    ["a hash left out", make({}, { path: path.slice(1) }), "authentication-failed"],
    ["a hash too many", make({}, { path: [...path, log.state.root] }), "authentication-failed"],
    ["hashes in another order", make({}, { path: path.toReversed() }), "authentication-failed"],
    [
      "a checkpoint from before the payment",
      make({}, { checkpoint: smaller }),
      "authentication-failed",
    ],
    ["signed before the payment", make({}, { checkpoint: early }), "not-yet-valid"],
    [
      "a proof that is not in the log",
      make({ proof: await verdict("proof", merchantId) }),
      "authentication-failed",
    ],
    ["a denial", make({ proof: await verdict("denial", merchantId) }), "document-type-wrong"],
    [
      "a proof for another merchant",
      make({ proof: await verdict("proof", stage.id("other")) }),
      "merchant-mismatch",
    ],
    [
      "a changed proof",
      make({ proof: `${proof.slice(0, -10)}AAAAAAAAAA` }),
      "authentication-failed",
    ],
    [
      "a certificate in place of the key list",
      make({ keyList: world.certificate }),
      "document-type-wrong",
    ],
  ];
  return {
    kind: "notarization",
    describes:
      "Section 8, notarization: the file that shows one payment off line, verified under the root key.",
    context,
    positive: [
      {
        name: "as the wallet makes it",
        intermediate: {
          entry: hex(logEntry(proof)),
          leaf: hex(leafHash(logEntry(proof))),
          path: path.map(hex),
          root: hex(log.state.root),
          nodeOfTheFirstTwo: hex(
            nodeHash(...(log.entries.slice(0, 2).map(leafHash) as [Uint8Array, Uint8Array])),
          ),
        },
        message: { text: file },
        result: await operate("notarization", world.crypto, context, utf8(file)),
      },
    ],
    negative: [
      ...cases.map(([name, text, error]) => ({ name, message: { text }, error })),
      {
        name: "another root key",
        context: { rootKey: hex(world.tpsSigner.publicKey) },
        message: { text: file },
        error: "signing-key-unknown",
      },
    ],
  };
}

/** Two states and the proof between them, one hash of base64 a line. Not on the wire: wallets make it of tiles. */
async function consistencyFile(stage: Stage, { entries, tree, state }: Log): Promise<VectorFile> {
  const { world } = stage;
  const lines = (hashes: readonly Uint8Array[]) =>
    hashes.map((hash) => `${base64(hash)}\n`).join("");
  const claim = (oldSize: number, root = naiveRoot(entries.slice(0, oldSize))) => ({
    oldSize,
    oldRoot: hex(root),
    newSize: state.size,
    newRoot: hex(state.root),
  });
  const sizes = [0, 1, 2, 3, 4, 5, 6, 7];
  const positive = await Promise.all(
    sizes.map(async (size) => {
      const message = lines(await tree.consistencyProof(size));
      const context = claim(size);
      const result = await operate("consistency", world.crypto, context, utf8(message));
      return { name: `from ${size} leaves`, context, message: { text: message }, result };
    }),
  );
  const other = stage.bytes("another root", 32);
  const proof = await tree.consistencyProof(3);
  const negative = [
    ...[1, 3, 4, 6, 7].map((size) => ({
      name: `another root for ${size} leaves`,
      context: claim(size, other),
      message: positive[size]?.message ?? { text: "" },
    })),
    { name: "from more leaves", context: { ...claim(7), oldSize: 8 }, message: { text: "" } },
    { name: "no proof", context: claim(3), message: { text: "" } },
    { name: "a hash too many", context: claim(3), message: { text: lines([...proof, other]) } },
    { name: "a hash left out", context: claim(3), message: { text: lines(proof.slice(1)) } },
    { name: "a proof for the empty tree", context: claim(0), message: { text: lines([other]) } },
  ];
  return {
    kind: "consistency",
    describes:
      "RFC 9162 section 2.1.4.2: that a log of so many leaves is the beginning of a larger one.",
    context: {},
    positive,
    negative: negative.map((vector) => ({ ...vector, error: "authentication-failed" })),
  };
}

export async function logFiles(stage: Stage): Promise<Record<string, VectorFile | Json>> {
  const log = await createLog(stage);
  return {
    checkpoint: await checkpointFile(stage, log),
    notarization: await notarizationFile(stage, log),
    consistency: await consistencyFile(stage, log),
  };
}
