/** A purchase as it travelled, with the keys that open it, in the form of `scripts/verify-purchase.mjs --help`. */
import { formatDecimal, KEY_LIST_PATH, PAYMENTS_PATH, toBase64url } from "@chit/protocol";
import type { Exchange, Reply } from "./line.ts";
import type { PaymentService } from "./payment-service.ts";
import type { Shop } from "./shop.ts";

type Party = "CTS" | "MTS" | "TPS";

interface Message {
  readonly step: number;
  readonly from: Party;
  readonly to: Party;
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly headers: Exchange["headers"];
  readonly body: string;
}

/** The device's public key and modified PIN at this moment. */
export async function deviceSecrets({ tps }: PaymentService, accountId: string) {
  const [device] = await tps.deps.database.query<{
    device_id: string;
    public_key: Buffer;
    modified_pin: Buffer;
    modified_pin_key_id: string;
  }>(
    `select device_id, public_key, modified_pin, modified_pin_key_id from devices
     where account_id = $1 and modified_pin is not null`,
    [accountId],
  );
  if (device === undefined) throw new Error("The account has no device with a PIN.");
  const sealed = { keyId: device.modified_pin_key_id, sealed: device.modified_pin };
  const modifiedPin = tps.deps.pinVault.open(sealed, accountId, device.device_id);
  return { device: toBase64url(device.public_key), modifiedPin: toBase64url(modifiedPin) };
}

/** The private halves of the TPS's sealing keys. */
async function tpsSealingKeys({ tps }: PaymentService) {
  const keys = await tps.deps.database.query<{
    key_id: string;
    sealed_private_key: Buffer;
    sealed_under: string;
  }>("select key_id, sealed_private_key, sealed_under from keys where purpose = 'sealing'");
  return keys.map(({ key_id: id, sealed_private_key: sealed, sealed_under: keyId }) => ({
    private: toBase64url(tps.deps.masterVault.open({ keyId, sealed }, "sealing", id)),
  }));
}

async function rootKey({ tps }: PaymentService): Promise<string> {
  const [key] = await tps.deps.database.query<{ public_key: Buffer }>(
    "select public_key from keys where purpose = 'root'",
  );
  if (key === undefined) throw new Error("The TPS has no root key.");
  return toBase64url(key.public_key);
}

/** The wallet's PIN and its secrets right before the first payment. */
export interface Before {
  readonly pin: string;
  readonly now: number;
  readonly secrets: Awaited<ReturnType<typeof deviceSecrets>>;
}

/** The only purchase that the two lines carried; it was the account's first. */
export async function record(
  service: PaymentService,
  shop: Shop,
  accountId: string,
  before: Before,
) {
  const after = await deviceSecrets(service, accountId);
  const keyList = await fetch(service.tps.issuer + KEY_LIST_PATH);
  const [sale] = await shop.merchant.sales({ limit: 1 });
  const shopMessages = (path: string, first: number) =>
    shop.line.to(path).flatMap((one) => exchanged(shop.origin, "MTS", one, first));
  const messages = [
    ...shopMessages("/chit/quotes/", 1).slice(1, 2), // step 1 is the page itself
    ...shopMessages("/chit/session", 3),
    ...service.line
      .to(PAYMENTS_PATH)
      .flatMap((one) => exchanged(service.tps.issuer, "TPS", one, 5)),
    ...shopMessages("/chit/proof", 7),
    ...shopMessages("/chit/goods", 9),
  ];
  return {
    description: `A purchase in Chromium of ${sale && formatDecimal(sale.amount, sale.scale)} ${sale?.currency}`,
    now: before.now,
    pageOrigin: shop.origin,
    keys: {
      root: await rootKey(service),
      tpsSealing: await tpsSealingKeys(service),
      merchantSealing: shop.sealingKey,
      device: before.secrets.device,
      modifiedPin: before.secrets.modifiedPin,
      pin: before.pin,
      modifier: toBase64url(new Uint8Array(32)),
      nextModifiedPin: after.modifiedPin,
    },
    keyList: await keyList.text(),
    messages,
  };
}

/** A request and its answer, as two messages. */
function exchanged(origin: string, server: Party, exchange: Exchange, step: number): Message[] {
  const { method, path, headers, body, reply } = exchange;
  if (reply === null) throw new Error(`Step ${step} was not answered.`);
  const url = origin + path;
  return [
    { step, from: "CTS", to: server, method, url, headers, body: body.toString("base64url") },
    { step: step + 1, from: server, to: "CTS", ...answered(reply) },
  ];
}

function answered({ status, headers, body }: Reply) {
  return { status, headers, body: body.toString("base64url") };
}
