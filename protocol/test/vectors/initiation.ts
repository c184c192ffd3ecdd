import { createSessionInitiation, LABELS, type Session, utf8 } from "@chit/protocol";
import { pad } from "../../src/sealed-message.ts";
import { hex, type JsonObject, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { sealedNegatives } from "./sealed.ts";
import { type Stage, sealedIntermediate, sealRaw, subjectContext } from "./stage.ts";

const ADDRESS = {
  name: "Zoë Müller",
  lines: ["Straße des 17. Juni 135"],
  postalCode: "10623",
  city: "Berlin",
  country: "DE",
};

/** What both sides of the vectors' session hold. */
export interface SessionOnStage {
  readonly body: Uint8Array;
  readonly session: Session;
  readonly context: JsonObject;
}

export async function initiateSession(stage: Stage): Promise<SessionOnStage> {
  const crypto = stage.cryptoWith(stage.bytes("ephemeral of step 3", 32));
  const subject = { ...stage.world.quoteInput, quoteHash: stage.quoteHash };
  const { body, session } = await createSessionInitiation(crypto, stage.merchantKey, subject, {
    address: ADDRESS,
    loyalty: stage.id("pseudonym"),
  });
  const { key } = session;
  const context = {
    ...subjectContext(stage),
    segmentQuoteAuthentication: hex(key.quoteAuthentication),
    segmentShippingAdvice: hex(key.shippingAdvice),
    segmentSendGoods: hex(key.sendGoods),
    segmentGoods: hex(key.goods),
    segmentToken: hex(key.token),
    sessionHash: hex(session.sessionHash),
    sealedHash: hex(session.sealedHash),
  };
  return { body, session, context };
}

export async function initiationFile(stage: Stage, { body }: SessionOnStage): Promise<VectorFile> {
  const { world, privateKeys } = stage;
  const purpose = LABELS.sessionInitiation;
  const context = {
    privateKey: hex(privateKeys.merchantSealing),
    publicKey: hex(world.merchantKey.publicRaw),
  };
  const segments = [
    "quoteAuthentication",
    "shippingAdvice",
    "sendGoods",
    "goods",
    "token",
  ] as const;
  const plain = utf8((await intermediateOf()).plain as string);
  async function intermediateOf() {
    const exports = segments.map((segment) => [LABELS[segment], 32] as const);
    return sealedIntermediate(stage, purpose, world.merchantKey, body, exports);
  }
  const withoutAddress = await sealRaw(
    stage,
    purpose,
    stage.merchantKey,
    plain,
    pad(utf8('{"address":null,"loyalty":null}'), 4_096),
  );
  return {
    kind: "session-initiation",
    describes: "Step 3, as the MTS opens it.",
    context,
    positive: [
      {
        name: "with an address and a pseudonym",
        inputs: { ikmE: hex(stage.bytes("ephemeral of step 3", 32)) },
        intermediate: await intermediateOf(),
        message: writeMessage(body),
        result: await operate("session-initiation", world.crypto, context, body),
      },
      {
        name: "with neither",
        message: writeMessage(withoutAddress),
        result: await operate("session-initiation", world.crypto, context, withoutAddress),
      },
    ],
    negative: await sealedNegatives(stage, {
      purpose,
      key: stage.merchantKey,
      body,
      plain,
      sealed: utf8(JSON.stringify({ address: ADDRESS, loyalty: null })),
      block: 4_096,
      malformedSealed: {
        "a country in small letters": { address: { ...ADDRESS, country: "de" } },
        "no lines": { address: { ...ADDRESS, lines: [] } },
        "five lines": { address: { ...ADDRESS, lines: Array(5).fill("x") } },
        "an unknown field in the address": { address: { ...ADDRESS, email: "a@b" } },
        "a city with a line break": { address: { ...ADDRESS, city: "Ber\nlin" } },
        "a name of the shopper's own as pseudonym": { loyalty: "zoe" },
        "no word on loyalty": { loyalty: undefined },
      },
    }),
  };
}
