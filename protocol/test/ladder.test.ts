import { createHash } from "node:crypto";
import {
  addModifiers,
  concatBytes,
  createForward,
  createPaymentResponse,
  createQuoteAuthentication,
  createRequestForPayment,
  createSendGoods,
  createSessionInitiation,
  createShippingAdvice,
  createVerdict,
  currentSealingKey,
  decodeForward,
  decodeRequestForPayment,
  decodeSendGoods,
  decryptGoods,
  deliveryLength,
  encryptGoods,
  INITIAL_MODIFIER,
  LOYALTY_SECRET_BYTES,
  loyaltyPseudonym,
  merchantSealingKey,
  modifyPin,
  openPaymentResponse,
  openRequestForPayment,
  openSessionInitiation,
  type ProtocolCrypto,
  toBase64url,
  verifyPinTag,
  verifyQuote,
  verifyQuoteAuthentication,
  verifySendGoods,
  verifyShippingAdvice,
  verifyVerdict,
} from "@chit/protocol";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { describe, expect, test } from "vitest";
import { createWorld, ISSUER, NOW, SHOP, seededBytes } from "./fixture.ts";

const PIN = "314159";

describe.each<[string, (random: (length: number) => Uint8Array) => ProtocolCrypto | null]>([
  ["node:crypto", () => null],
  ["noble", (random) => nobleCrypto(random)],
])("a purchase, with the wallet on %s", (_name, walletCrypto) => {
  test("runs down the ladder of steps 2 to 10", async () => {
    const world = await createWorld("ladder");
    const { crypto: server, random } = world;
    const wallet = walletCrypto(seededBytes("wallet")) ?? server;

    // 2. Quote: MTS → CTS
    const { quote, certificate, hash } = verifyQuote(
      wallet,
      world.keyList,
      world.quoteBody,
      SHOP,
      NOW,
    );
    const subject = { ...quote, quoteHash: hash };

    // 3. Session initiation: CTS → MTS
    const address = { name: "A. Shopper", lines: ["Street 1"], city: "Berlin", country: "DE" };
    const loyalty = loyaltyPseudonym(random(LOYALTY_SECRET_BYTES), quote.merchantId, 0);
    const initiation = await createSessionInitiation(
      wallet,
      merchantSealingKey(certificate),
      subject,
      { address, loyalty },
    );
    const atMerchant = await openSessionInitiation(server, world.merchantKey, initiation.body);
    expect(atMerchant).toMatchObject({ address, loyalty });
    expect(atMerchant.session.key).toEqual(initiation.session.key);

    // 4. Quote authentication: MTS → CTS
    const authentication = createQuoteAuthentication(atMerchant.session, subject);
    verifyQuoteAuthentication(initiation.session, subject, authentication);

    // 5. Request-for-payment: CTS → TPS
    const payer = { accountId: world.id(), deviceId: world.id(), count: 7, pinGeneration: 1 };
    const modifiedPin = modifyPin(PIN, INITIAL_MODIFIER);
    const request = await createRequestForPayment(
      wallet,
      currentSealingKey(world.keyList, NOW),
      { ...subject, issuer: ISSUER },
      payer,
      modifiedPin,
      world.device.sign,
    );
    const opened = await openRequestForPayment(
      server,
      world.tpsKey,
      decodeRequestForPayment(request.body),
    );
    expect(opened.payer).toEqual(payer);
    expect(verifyPinTag(opened.pinTag, modifiedPin, opened.tagInput)).toBe(true);
    expect(
      verifyPinTag(opened.pinTag, modifyPin("314158", INITIAL_MODIFIER), opened.tagInput),
    ).toBe(false);
    expect(server.verifyEd25519(world.device.publicKey, opened.signedBytes, opened.signature)).toBe(
      true,
    );

    // 6. Payment response: TPS → CTS
    const proof = await createVerdict(world.tpsSigner, "proof", opened.order, world.id(), NOW);
    const component = random(32);
    const reply = await createPaymentResponse(
      server,
      opened,
      { outcome: "paid", component, nextCount: 8, balance: 1n, proof },
      random(16),
    );
    const response = await openPaymentResponse(wallet, request, reply);
    if (response.outcome !== "paid") throw new Error(response.outcome);
    expect(addModifiers(INITIAL_MODIFIER, request.component, response.component)).toEqual(
      addModifiers(INITIAL_MODIFIER, component, opened.component),
    );
    verifyVerdict(wallet, world.keyList, "proof", response.proof, subject);

    // 7. Proof forwarded: CTS → MTS
    const forwarded = decodeForward(createForward("proof", response.proof));
    if (forwarded.type !== "proof-of-payment") throw new Error(forwarded.type);
    verifyVerdict(server, world.keyList, "proof", forwarded.proof, subject);

    // 8. Shipping advice: MTS → CTS
    const goods = random(200_000);
    const goodsId = world.id();
    const adviceBody = createShippingAdvice(atMerchant.session, subject, {
      goods: [
        {
          goodsId,
          name: "Notes on chits",
          filename: "notes.epub",
          mediaType: "application/epub+zip",
          size: goods.length,
          digest: toBase64url(createHash("sha256").update(goods).digest()),
          presentation: "save",
        },
      ],
      sendGoodsUrl: `${SHOP}/chit/goods`,
      delivery: { text: "The mug leaves tomorrow." },
    });
    const advice = verifyShippingAdvice(initiation.session, subject, adviceBody);

    // 9. Send goods: CTS → MTS
    const content = { ...subject, goodsId, firstChunk: 0, time: NOW };
    const sendGoods = decodeSendGoods(createSendGoods(initiation.session.key, content));
    verifySendGoods(atMerchant.session.key, sendGoods);

    // 10. Goods: MTS → CTS
    const delivery = encryptGoods(
      nodeGoodsCipher,
      atMerchant.session.key,
      sendGoods,
      [goods],
      sendGoods.firstChunk,
      random(32),
    );
    const sent: Uint8Array[] = [];
    for await (const piece of delivery) sent.push(piece);
    expect(concatBytes(...sent).length).toBe(deliveryLength(goods.length, 0));
    const got: Uint8Array[] = [];
    async function* wire() {
      yield concatBytes(...sent);
    }
    for await (const chunk of decryptGoods(
      nodeGoodsCipher,
      initiation.session.key,
      content,
      wire(),
      0,
    )) {
      got.push(chunk);
    }
    const digest = createHash("sha256")
      .update(concatBytes(...got))
      .digest();
    expect(Uint8Array.from(digest)).toEqual(advice.goods[0]?.digest);
  });
});
