// Every check on a recorded purchase, in the order of the steps. Written from docs/PROTOCOL.md alone.
import { demand, fail, fromBase64url } from "./bytes.mjs";
import { same } from "./crypto.mjs";
import { verifyKeyList } from "./documents.mjs";
import * as payment from "./payment.mjs";
import { Checks, checkOrder, checkReplyHttp, checkRequestHttp, need } from "./recording.mjs";
import * as shop from "./shop.mjs";

/** @typedef {import("./recording.mjs").Message} Message */

const JSON_TYPE = "application/json";

/** @param {import("./recording.mjs").Recording} recording */
export function verifyPurchase(recording) {
  const { now, pageOrigin, messages } = recording;
  const keys = {
    root: fromBase64url(recording.keys.root, 32),
    merchant: fromBase64url(recording.keys.merchantSealing, 32),
    tps: recording.keys.tpsSealing.map((key) => fromBase64url(key.private, 32)),
    device: fromBase64url(recording.keys.device, 32),
    modifiedPin: fromBase64url(recording.keys.modifiedPin, 32),
  };
  const checks = new Checks();
  const check = checks.check.bind(checks);
  const message = (/** @type {number} */ step) =>
    messages.find((one) => one.step === step) ?? fail(`the recording has no step ${step}`);
  const body = (/** @type {number} */ step) => fromBase64url(message(step).body);
  const posted = (/** @type {Message} */ one, /** @type {string} */ url) => {
    demand(one.url === url, `goes to ${one.url}, not ${url}`);
    checkRequestHttp(one);
  };

  check(0, "every step is there, in order, between the right two", () => checkOrder(messages));
  const list = check(0, "key list verifies under the root key and is in force", () =>
    verifyKeyList(recording.keyList, keys.root, now),
  );
  const theList = () => need(list, "the key list");

  // Step 2
  check(2, "HTTP: status, media type, headers", () => checkReplyHttp(message(2), JSON_TYPE));
  const quote = check(2, "quote is well formed", () => shop.readQuote(body(2)));
  const theQuote = () => need(quote, "the quote");
  check(2, "lines add up; life, kind and time are right", () =>
    shop.checkQuoteItself(theQuote(), now),
  );
  const certificate = check(2, "merchant certificate verifies and is in force", () =>
    shop.verifyCertificate(theQuote(), theList(), now),
  );
  const theCertificate = () => need(certificate, "the certificate");
  check(2, "issuer, merchant, currency and scale are the certified ones", () =>
    shop.checkQuoteFitsCertificate(theQuote(), theCertificate(), theList()),
  );
  check(2, "page and URLs have one origin, and it is certified", () =>
    shop.checkOrigins(theQuote(), theCertificate(), pageOrigin, message(2).url),
  );

  // Steps 3 and 4
  check(3, "HTTP: POST to sessionUrl, a simple request", () =>
    posted(message(3), theQuote().sessionUrl),
  );
  const initiation = check(3, "plain part names the certified key and the quote", () =>
    shop.readInitiation(body(3), theQuote(), theCertificate()),
  );
  const session = check(3, "sealed part opens; five segments exported", () =>
    shop.openInitiation(
      need(initiation, "the plain part"),
      theQuote(),
      theCertificate(),
      keys.merchant,
    ),
  );
  const theSession = () => need(session, "the session");
  check(3, "an address is there exactly if the quote requires one", () =>
    demand(
      (theSession().address !== null) === theQuote().addressRequired,
      "it is the other way round",
    ),
  );
  check(3, "no pseudonym where the quote asks for none", () =>
    demand(theSession().loyalty === null || theQuote().loyalty, "the shop did not ask"),
  );
  check(4, "HTTP: status, media type, headers", () => checkReplyHttp(message(4), JSON_TYPE));
  check(4, "quote authentication: MAC", () => shop.checkQuoteAuthentication(body(4), theSession()));

  // Steps 5 and 6
  check(5, "HTTP: POST to the issuer's /v1/payments, a simple request", () =>
    posted(message(5), `${theList().iss}/v1/payments`),
  );
  const request = check(5, "request-for-payment and its plain part are well formed", () =>
    payment.readRequest(body(5)),
  );
  const theRequest = () => need(request, "the request");
  check(5, "plain part fits issuer and quote", () =>
    payment.checkRequestFitsQuote(theRequest(), theQuote(), theList()),
  );
  check(5, "sealed to the newest key in force", () =>
    payment.checkSealingKey(theRequest(), theList(), now),
  );
  const opened = check(5, "sealed part opens", () => payment.openRequest(theRequest(), keys.tps));
  const theOpened = () => need(opened, "the sealed part");
  check(5, "device's signature", () => payment.checkDeviceSignature(theOpened(), keys.device));
  check(5, "PIN tag under the modified PIN", () =>
    payment.checkPinTag(theOpened(), keys.modifiedPin),
  );
  const { pin, modifier, nextModifiedPin } = recording.keys;
  if (pin !== undefined && modifier !== undefined) {
    check(5, "modified PIN is PIN plus modifier", () =>
      payment.checkModifiedPin(pin, fromBase64url(modifier, 32), keys.modifiedPin),
    );
  }
  check(6, "HTTP: status, media type, headers", () => checkReplyHttp(message(6), JSON_TYPE));
  const response = check(6, "payment response opens", () =>
    payment.openResponse(body(6), theOpened()),
  );
  const theResponse = () => need(response, "the response");
  check(6, "outcome is paid", () =>
    demand(theResponse().outcome === "paid", `it is ${theResponse().outcome}`),
  );
  check(6, "nextCount is the request's count + 1", () => {
    const { count } = theOpened().sealed;
    const { nextCount } = theResponse();
    demand(nextCount === count + 1, `${nextCount} after ${count}`);
  });
  check(6, "proof-of-payment verifies, and is for this quote", () =>
    payment.verifyProof(need(theResponse().proof, "a proof"), theQuote(), theList()),
  );
  if (nextModifiedPin !== undefined) {
    check(6, "next modified PIN is this one plus both components", () => {
      const next = payment.nextModifiedPin(keys.modifiedPin, theOpened(), theResponse());
      demand(same(next, fromBase64url(nextModifiedPin, 32)), "it is another one");
    });
  }

  // Steps 7 and 8
  check(7, "HTTP: POST to proofUrl, a simple request", () =>
    posted(message(7), theQuote().proofUrl),
  );
  const forwarded = check(7, "forwarded proof is well formed", () =>
    payment.readForwarded(body(7)),
  );
  check(7, "it is the proof of step 6", () =>
    demand(
      need(forwarded, "the forwarded proof").proof === need(theResponse().proof, "a proof"),
      "it is another one",
    ),
  );
  if (forwarded?.keyList !== undefined) {
    check(7, "forwarded key list verifies, and the proof under it", () =>
      payment.checkForwardedKeyList(forwarded, theQuote(), {
        list: theList(),
        root: keys.root,
        now,
      }),
    );
  }
  check(7, "it asks for the advice: MAC of the session's initiator", () =>
    shop.verifyAdviceRequest(need(forwarded, "the forwarded proof"), theSession()),
  );
  check(8, "HTTP: status, media type, headers", () => checkReplyHttp(message(8), JSON_TYPE));
  const adviceBytes = check(8, "shipping advice: MAC", () =>
    shop.verifyAdvice(body(8), theSession()),
  );
  const advice = check(8, "advice is well formed", () =>
    shop.readAdvice(need(adviceBytes, "the MAC"), theQuote()),
  );
  const theAdvice = () => need(advice, "the advice");

  // Steps 9 and 10, once for each of the goods or more often
  /** @type {Map<string, Buffer>} */
  const held = new Map();
  /** @type {any} */
  let asked;
  for (const one of messages) {
    if (one.step === 9) {
      asked = undefined;
      check(9, "HTTP: POST to sendGoodsUrl, a simple request", () =>
        posted(one, theAdvice().sendGoodsUrl),
      );
      const sendGoods = check(9, "send goods: MAC", () =>
        shop.verifySendGoods(fromBase64url(one.body), theSession()),
      );
      asked = check(9, "the goods were advised", () =>
        shop.goodsAskedFor(need(sendGoods, "the message"), theAdvice()),
      );
    } else if (one.step === 10) {
      const goods = asked;
      check(10, "HTTP: status, media type, headers", () =>
        checkReplyHttp(one, "application/vnd.chit.goods"),
      );
      const delivered = check(10, `goods decrypt${goods ? `: ${goods.filename}` : ""}`, () =>
        shop.openGoods(fromBase64url(one.body), need(goods, "step 9"), theSession()),
      );
      check(10, "size and digest are the advised ones", () =>
        shop.checkGoods(need(delivered, "the goods"), need(goods, "step 9"), held),
      );
    }
  }
  check(10, "everything advised was delivered", () => {
    for (const { goodsId, name } of theAdvice().goods) {
      demand(held.has(goodsId), `"${name}" was not`);
    }
  });
  return checks.results;
}
