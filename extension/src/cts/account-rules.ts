/**
 * What an account becomes when the TPS has spoken: the rules of modifier, count and PIN generation (paper,
 * section 4), pure.
 */
import {
  type AccountStatus,
  addModifiers,
  amountToWire,
  ChitError,
  equalBytes,
  INITIAL_MODIFIER,
  type PaymentResponse,
} from "@chit/protocol";
import type { Account, OwnRequest } from "./records.ts";

type Condition = Account["condition"];

/** The account after a payment response to `request`; the request is over in every case. */
export function accountAfterResponse(
  account: Account,
  request: Pick<OwnRequest, "component" | "count" | "pinGeneration">,
  response: PaymentResponse,
  now: number,
): Account {
  const over: Account = { ...account, pendingPurchaseId: null };
  switch (response.outcome) {
    case "paid":
    case "denied":
      return advance(over, request, response, now);
    case "wrong-pin":
      return { ...over, condition: payable(over) };
    case "pin-locked":
      return { ...over, condition: "pin-locked" };
    case "awaiting-pin":
      return { ...over, condition: "awaiting-pin" };
    case "pin-changed":
      return withGeneration({ ...over, condition: "pin-changed" }, response.pinGeneration);
    case "out-of-sequence":
      return drifted(over);
    case "device-revoked":
      return { ...over, condition: "device-revoked" };
    case "refused":
      return over;
  }
}

/** The account after its status was told. */
export function accountAfterStatus(account: Account, status: AccountStatus, now: number): Account {
  if (status.outcome === "device-revoked") return { ...account, condition: "device-revoked" };
  if (status.outcome === "refused") return account;
  if (status.outcome === "awaiting-pin") {
    return { ...account, condition: "awaiting-pin", statusAt: now };
  }
  const heard = withGeneration(account, status.pinGeneration);
  return {
    ...heard,
    condition: conditionAfterStatus(account, status),
    balance: amountToWire(status.balance),
    balanceAt: now,
    statusAt: now,
  };
}

/**
 * The account once its owner entered the count that the telephone told, after drift. Whether it is right shows at the
 * next payment: until then the drift's generation stays, so that a count that was misheard can be corrected without
 * another new PIN.
 */
export function accountAfterCount(account: Account, count: number): Account {
  return { ...account, count, condition: "pin-changed", countByHand: count };
}

/** Whether the PIN was set anew since drift was noticed: without that no count is taken. */
export function hasNewPin({ pinGeneration, driftGeneration }: Account): boolean {
  return pinGeneration > (driftGeneration ?? 0);
}

/** Both sides add both components to the modifier, and 1 to the count. */
function advance(
  account: Account,
  request: Pick<OwnRequest, "component" | "count" | "pinGeneration">,
  response: Extract<PaymentResponse, { outcome: "paid" | "denied" }>,
  now: number,
): Account {
  if (response.nextCount !== request.count + 1 || account.count !== request.count) {
    throw new ChitError(
      "authentication-failed",
      "The answer is for another place in the sequence.",
    );
  }
  // A PIN that was set after the request was judged has reset the modifier already.
  const sameGeneration = account.pinGeneration === request.pinGeneration;
  return {
    ...account,
    modifier: sameGeneration
      ? addModifiers(account.modifier, request.component, response.component)
      : account.modifier,
    count: response.nextCount,
    condition:
      response.outcome === "denied" && response.reason === "account-held"
        ? "held"
        : sameGeneration
          ? "active"
          : account.condition,
    driftGeneration: null,
    countByHand: null,
    balance: amountToWire(response.balance),
    balanceAt: now,
  };
}

/** A newer PIN resets the modifier to 0; an older number is no news. */
function withGeneration(account: Account, pinGeneration: number): Account {
  if (pinGeneration <= account.pinGeneration) return account;
  return { ...account, pinGeneration, modifier: INITIAL_MODIFIER };
}

function conditionAfterStatus(
  account: Account,
  status: Extract<AccountStatus, { outcome: "status" }>,
): Condition {
  // Only the count by telephone mends drift, only the operator a revocation.
  if (account.condition === "out-of-sequence") return "out-of-sequence";
  if (status.pin === "locked") return "pin-locked";
  if (status.account === "held") return "held";
  if (status.pinGeneration > account.pinGeneration && account.pinGeneration > 0) {
    return "pin-changed";
  }
  return payable(account);
}

/**
 * Whether its owner must be reminded of a new PIN: none was used since the modifier was reset to 0, also where a hold
 * or a lock came in between.
 */
function payable({ condition, count, modifier }: Account): Condition {
  const unused = count > 0 && equalBytes(modifier, INITIAL_MODIFIER);
  return condition === "pin-changed" || unused ? "pin-changed" : "active";
}

function drifted(account: Account): Account {
  const driftGeneration = account.driftGeneration ?? account.pinGeneration;
  return { ...account, condition: "out-of-sequence", driftGeneration };
}
