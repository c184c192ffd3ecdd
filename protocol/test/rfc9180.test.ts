/** RFC 9180 appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode. */
import { toBase64url, utf8 } from "@chit/protocol";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeCrypto } from "@chit/protocol/node";
import { describe, expect, test } from "vitest";
import { openReply, sealReply } from "../src/sealed-message.ts";
import { seededBytes } from "./fixture.ts";
import { hex, unhex } from "./vectors/form.ts";

const A11 = {
  info: "4f6465206f6e2061204772656369616e2055726e",
  ikmE: "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
  pkEm: "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
  skEm: "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
  ikmR: "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
  pkRm: "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
  skRm: "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
  plaintext: "4265617574792069732074727574682c20747275746820626561757479",
  // Sequence numbers 0 and 1.
  encryptions: [
    {
      aad: "436f756e742d30",
      ct: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    },
    {
      aad: "436f756e742d31",
      ct: "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
    },
  ],
  exports: [
    { context: "", value: "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee" },
    { context: "00", value: "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5" },
    {
      context: "54657374436f6e74657874",
      value: "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    },
  ],
} as const;

const node = nodeCrypto(() => unhex(A11.ikmE));
const noble = nobleCrypto(seededBytes("noble"));
const info = unhex(A11.info);

describe("RFC 9180 A.1.1, node suite", () => {
  test("derives the key pairs", async () => {
    for (const [ikm, sk, pk] of [
      [A11.ikmE, A11.skEm, A11.pkEm],
      [A11.ikmR, A11.skRm, A11.pkRm],
    ] as const) {
      const pair = await node.suite.DeriveKeyPair(unhex(ikm), true);
      expect(hex(await node.suite.SerializePrivateKey(pair.privateKey))).toBe(sk);
      expect(hex(await node.suite.SerializePublicKey(pair.publicKey))).toBe(pk);
    }
  });

  test("seals and exports as the sender does", async () => {
    const publicKey = await node.suite.DeserializePublicKey(unhex(A11.pkRm));
    const { encapsulatedSecret, ctx } = await node.suite.SetupSender(publicKey, { info });
    expect(hex(encapsulatedSecret)).toBe(A11.pkEm);
    for (const { aad, ct } of A11.encryptions) {
      expect(hex(await ctx.Seal(unhex(A11.plaintext), unhex(aad)))).toBe(ct);
    }
    for (const { context, value } of A11.exports) {
      expect(hex(await ctx.Export(unhex(context), 32))).toBe(value);
    }
  });
});

describe.each([
  ["node", node],
  ["noble", noble],
] as const)("RFC 9180 A.1.1, %s suite", (_name, { suite, setUpRecipient }) => {
  test("a recipient's context opens the first message and exports", async () => {
    const privateKey = await suite.DeserializePrivateKey(unhex(A11.skRm), true);
    const publicKey = await suite.DeserializePublicKey(unhex(A11.pkRm));
    const key = { keyId: "", privateKey, publicKey };
    const context = await setUpRecipient(key, unhex(A11.pkEm), info);
    const [first, second] = A11.encryptions;
    expect(hex(await context.open(unhex(first.ct), unhex(first.aad)))).toBe(A11.plaintext);
    await expect(async () => context.open(unhex(first.ct), unhex(second.aad))).rejects.toThrow();
    for (const { context: exporterContext, value } of A11.exports) {
      const exported = await context.export(unhex(exporterContext), 32);
      expect(hex(exported)).toBe(value);
    }
  });

  test("opens and exports as the recipient does", async () => {
    const privateKey = await suite.DeserializePrivateKey(unhex(A11.skRm), true);
    const publicKey = await suite.DeserializePublicKey(unhex(A11.pkRm));
    const ctx = await suite.SetupRecipient({ privateKey, publicKey }, unhex(A11.pkEm), { info });
    for (const { aad, ct } of A11.encryptions) {
      expect(hex(await ctx.Open(unhex(ct), unhex(aad)))).toBe(A11.plaintext);
    }
    for (const { context, value } of A11.exports) {
      expect(hex(await ctx.Export(unhex(context), 32))).toBe(value);
    }
  });

  test("refuses public keys of small order", async () => {
    const smallOrder = [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      `ec${"ff".repeat(30)}7f`,
      `ed${"ff".repeat(30)}7f`,
      `ee${"ff".repeat(30)}7f`,
    ];
    const privateKey = await suite.DeserializePrivateKey(unhex(A11.skRm), true);
    const publicKey = await suite.DeserializePublicKey(unhex(A11.pkRm));
    for (const key of smallOrder) {
      const asReceiver = suite
        .DeserializePublicKey(unhex(key))
        .then((small) => suite.SetupSender(small, { info }));
      await expect(asReceiver, key).rejects.toThrow();
      const asEnc = suite.SetupRecipient({ privateKey, publicKey }, unhex(key), { info });
      await expect(asEnc, key).rejects.toThrow();
      const context = async () =>
        setUpRecipient({ keyId: "", privateKey, publicKey }, unhex(key), info);
      await expect(context, key).rejects.toThrow();
    }
  });
});

describe.each([
  ["node", "noble", node, noble],
  ["noble", "node", noble, node],
] as const)("from %s to %s", (_from, _to, sender, recipient) => {
  test("HPKE and the reply of RFC 9458 fit together", async () => {
    const random = seededBytes("interoperation");
    const pair = await recipient.suite.DeriveKeyPair(random(32), true);
    const raw = await recipient.suite.SerializePublicKey(pair.publicKey);
    const receiver = await sender.suite.DeserializePublicKey(raw);
    const sent = await sender.suite.SetupSender(receiver, { info });
    const enc = sent.encapsulatedSecret;
    const got = await recipient.suite.SetupRecipient(pair, enc, { info });
    const aad = utf8("plain part");
    const text = random(1_000);
    const opened = await got.Open(await sent.ctx.Seal(text, aad), aad);
    expect(hex(opened)).toBe(hex(text));
    const secret = await sent.ctx.Export(utf8("reply"), 16);
    expect(hex(await got.Export(utf8("reply"), 16))).toBe(hex(secret));

    const nonce = random(16);
    const reply = await sealReply(recipient, secret, enc, nonce, aad, text);
    expect(new TextDecoder().decode(reply)).toContain(toBase64url(nonce));
    expect(hex(await openReply(sender, secret, enc, aad, reply))).toBe(hex(text));
  });
});
