/** The issuer's TPS as the wallet sees it. All throw as `exchange` does. */
import {
  ACCOUNT_STATUS_PATH,
  ACTIVATIONS_PATH,
  DEVICES_PATH,
  fromUtf8,
  KEY_LIST_PATH,
  LIMITS,
  PAYMENTS_PATH,
} from "@chit/protocol";
import { exchange, type HttpDeps } from "./http.ts";

/** The issuer's key list, not yet verified. */
export async function fetchKeyList(deps: HttpDeps, issuer: string): Promise<string> {
  const body = await exchange(deps, issuer + KEY_LIST_PATH, undefined, LIMITS.keyListBytes);
  return fromUtf8(body);
}

/** Steps 5 and 6. */
export function postPayment(deps: HttpDeps, issuer: string, body: Uint8Array): Promise<Uint8Array> {
  return exchange(deps, issuer + PAYMENTS_PATH, body);
}

export function postActivation(
  deps: HttpDeps,
  issuer: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  return exchange(deps, issuer + ACTIVATIONS_PATH, body);
}

export function postAccountStatus(
  deps: HttpDeps,
  issuer: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  return exchange(deps, issuer + ACCOUNT_STATUS_PATH, body);
}

export function postDevices(deps: HttpDeps, issuer: string, body: Uint8Array): Promise<Uint8Array> {
  return exchange(deps, issuer + DEVICES_PATH, body);
}
