/** A thread that makes accounts' devices and seals one request-for-payment for each, as a wallet does. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";
import {
  createRequestForPayment,
  INITIAL_MODIFIER,
  modifyPin,
  type SealingKey,
  toBase64url,
} from "@chit/protocol";
import { nodeCrypto, nodeSigner } from "@chit/protocol/node";

/** What to seal. Merchants are paid in turn. */
export interface SealOrder {
  readonly count: number;
  readonly issuer: string;
  readonly tpsKey: SealingKey;
  readonly merchantIds: readonly string[];
  readonly pin: string;
}

/** An account's device and the request that it sends once. */
export interface SealedPayment {
  readonly accountId: string;
  readonly deviceId: string;
  readonly publicKey: Uint8Array;
  readonly body: Uint8Array;
}

const random = (length: number) => Uint8Array.from(randomBytes(length));
const id = () => toBase64url(random(16));
const crypto = nodeCrypto(random);

async function seal(order: SealOrder, index: number): Promise<SealedPayment> {
  const signer = nodeSigner(random(32));
  const [accountId, deviceId] = [id(), id()];
  const { body } = await createRequestForPayment(
    crypto,
    order.tpsKey,
    {
      issuer: order.issuer,
      merchantId: order.merchantIds[index % order.merchantIds.length] ?? "",
      transactionNumber: id(),
      amount: 100n,
      currency: "EUR",
      scale: 4,
      quoteHash: random(32),
    },
    { accountId, deviceId, count: 0, pinGeneration: 1 },
    modifyPin(order.pin, INITIAL_MODIFIER),
    signer.sign,
  );
  return { accountId, deviceId, publicKey: signer.publicKey, body };
}

parentPort?.on("message", async (order: SealOrder) => {
  const sealed: SealedPayment[] = [];
  for (let index = 0; index < order.count; index++) sealed.push(await seal(order, index));
  parentPort?.postMessage(sealed);
});
