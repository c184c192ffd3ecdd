import { logOrigin, utf8 } from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import { describe, expect, test } from "vitest";
import { formatNote, NOTE_SIGNATURES, noteKeyId, parseNote } from "../../src/log/note.ts";

/** From the documentation of golang.org/x/mod/sumdb/note, whose format c2sp.org/signed-note describes. */
const VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

const crypto = nodeCrypto(() => {
  throw new Error("Verifying needs no chance.");
});

describe("signed notes", () => {
  test("key ids and signatures are those of another implementation", () => {
    const [name = "", id = ""] = VERIFIER.split("+");
    const typed = Buffer.from(VERIFIER.slice(name.length + id.length + 2), "base64");
    expect(typed[0]).toBe(NOTE_SIGNATURES.ed25519);
    const publicKey = Uint8Array.from(typed.subarray(1));
    const keyId = noteKeyId(name, NOTE_SIGNATURES.ed25519, publicKey);
    expect(Buffer.from(keyId).toString("hex")).toBe(id);
    const { text, signatures } = parseNote(NOTE);
    expect(signatures).toHaveLength(1);
    expect(signatures[0]).toMatchObject({ name, keyId });
    const [{ signature } = { signature: new Uint8Array() }] = signatures;
    expect(crypto.verifyEd25519(publicKey, utf8(text), signature)).toBe(true);
    expect(crypto.verifyEd25519(publicKey, utf8(text.slice(0, -1)), signature)).toBe(false);
    expect(formatNote({ text, signatures })).toBe(NOTE);
  });

  test("a key has another id for another kind of signature, and under another name", () => {
    const key = new Uint8Array(32);
    const { ed25519, cosignature } = NOTE_SIGNATURES;
    const ids = [
      noteKeyId("a.example/log", ed25519, key),
      noteKeyId("a.example/log", cosignature, key),
      noteKeyId("b.example/log", ed25519, key),
    ];
    expect(new Set(ids.map(String)).size).toBe(3);
  });

  test("the text may have empty lines; the last one parts it from the signatures", () => {
    const { text } = parseNote(NOTE.replace("problem,\n", "problem,\n\n"));
    expect(text.split("\n")).toHaveLength(4);
  });

  test("a log's name is its address without the scheme", () => {
    expect(logOrigin("https://pay.example")).toBe("pay.example/log");
    expect(logOrigin("http://localhost:8420")).toBe("localhost:8420/log");
  });

  test("what is signed for a checkpoint is never what is signed for a document", () => {
    // A JWS signing input is two runs of base64url with a dot between (RFC 7515 section 5.1).
    const signingInput = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
    const { text } = parseNote(NOTE);
    for (const signed of [text, `cosignature/v1\ntime 1\n${text}`]) {
      expect(signed).toMatch(/\n$/);
      expect(signingInput.test(signed)).toBe(false);
    }
  });
});
