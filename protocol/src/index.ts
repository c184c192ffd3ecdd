/** The protocol's public surface, in the order of the steps. */

export * from "./account-records.ts";
export * from "./account-status.ts";
// Around the purchase
export * from "./activation.ts";
// After the sale
export * from "./batch.ts";
// Common ground
export { concatBytes, equalBytes, fromBase64url, fromUtf8, toBase64url, utf8 } from "./bytes.ts";
export * from "./certificate.ts";
export { type OpeningKey, type ProtocolCrypto, type Signer, SUITE } from "./crypto.ts";
export * from "./devices.ts";
export { ChitError, type ChitErrorCode } from "./errors.ts";
export * from "./goods.ts";
export { DOCUMENT_TYPES, type DocumentType, keyId, signDocument } from "./jws.ts";
export * from "./key-list.ts";
export { LABELS, type Label } from "./labels.ts";
export { LIMITS } from "./limits.ts";
export * from "./log/checkpoint.ts";
export * from "./log/entry.ts";
export * from "./log/notarization.ts";
export * from "./log/tiles.ts";
export * from "./log/tree.ts";
export * from "./loyalty.ts";
export * from "./merchant-request.ts";
export * from "./merchant-statement.ts";
export * from "./money.ts";
export * from "./payer.ts";
export * from "./payment-response.ts";
export * from "./pin.ts";
export * from "./problems.ts";
export * from "./proof-of-payment.ts";
// Steps 1 and 2
export * from "./quote.ts";
// After the sale
export * from "./recovery.ts";
export {
  RECOVERY_REFUSALS,
  REFUND_DECISIONS,
  REFUND_REASONS,
  type RecoveryAnswer,
  type RecoveryRefusal,
  type RecoveryWish,
  type RefundAnswer,
  type RefundDecisionState,
  type RefundReason,
  type RefundWish,
} from "./recovery-wishes.ts";
export * from "./refund-order.ts";
// Steps 5 and 6
export {
  createRequestForPayment,
  type DecodedRequest,
  type DeviceSign,
  decodeRequestForPayment,
  type OpenedRequest,
  openRequestForPayment,
  PAYMENTS_PATH,
  type Payer,
  type PaymentOrder,
  type PreparedRequest,
  readPlainPart,
  requestHash,
  signedBytes,
} from "./request-for-payment.ts";
export {
  amount,
  bytes,
  bytesUpTo,
  currency,
  displayText,
  identifier,
  isSecureUrl,
  isShowable,
  jws,
  message,
  messageBytes,
  month,
  parseMessage,
  parseValue,
  positiveAmount,
  scale,
  secureUrl,
  signedAmount,
  telephoneNumber,
  time,
  webOrigin,
  whole,
} from "./schema.ts";
export type { DecodedExchange, PendingExchange } from "./sealed-exchange.ts";
export type { SealingKey } from "./sealed-message.ts";
export * from "./send-goods.ts";
// Steps 3 and 4
export * from "./session-initiation.ts";
export { SEGMENT_BYTES, type SessionKey } from "./session-key.ts";
export * from "./settlement-report.ts";
// Steps 7 to 10
export * from "./shipping-advice.ts";
export * from "./spreadsheet.ts";
export * from "./statement.ts";
export * from "./stream.ts";
export { labelledHash, labelledKey, labelledMac } from "./transcript.ts";
