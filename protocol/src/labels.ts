/**
 * Every domain-separation label of the protocol, in one table. A label names the one purpose of a hash, a
 * MAC, a signature or a derived key; two purposes never share one. `1` is the protocol's version.
 */
export const LABELS = {
  /** HPKE `info` of every sealed message; followed by the message's own label, suite and key id. */
  hpkeInfo: "chit/1/hpke-info",
  /** Step 2: hash of the quote's exact bytes. */
  quote: "chit/1/quote",
  /** Step 3: purpose of the sealed message, and hash of its exact bytes. */
  sessionInitiation: "chit/1/session-initiation",
  /** Step 3: hash of the sealed part, which carries the shipping address. */
  sessionSealedPart: "chit/1/session-sealed-part",
  /** Step 4: MAC of the MTS over quote and address; also the segment that keys it. */
  quoteAuthentication: "chit/1/quote-authentication",
  /** Step 5: purpose of the sealed message, and hash of its exact bytes. */
  requestForPayment: "chit/1/request-for-payment",
  /** Step 5: value exported from the request's HPKE context that goes into the PIN tag. */
  pinTagBinding: "chit/1/pin-tag-binding",
  /** Step 5: the tag under the modified PIN. */
  pinTag: "chit/1/pin-tag",
  /** Step 5: the device's signature over the request. */
  deviceSignature: "chit/1/device-signature",
  /** Step 6: secret exported for the reply, and the reply's associated data. */
  paymentResponse: "chit/1/payment-response",
  /** Step 7: MAC of the CTS by which the session's initiator asks for the shipping advice. */
  adviceRequest: "chit/1/advice-request",
  /** Someone else pays: the key in the initiator's link. */
  payerLink: "chit/1/payer-link",
  /** Step 8: MAC of the MTS over the shipping advice; also the segment that keys it. */
  shippingAdvice: "chit/1/shipping-advice",
  /** Step 9: MAC of the CTS over send goods; also the segment that keys it. */
  sendGoods: "chit/1/send-goods",
  /** Step 10: the goods segment, and the key of one delivery derived from it. */
  goods: "chit/1/goods",
  /** Step 3: the pseudonym by which one shop knows a shopper again. */
  loyalty: "chit/1/loyalty",
  /** The token: the segment kept to refer back to the transaction. */
  token: "chit/1/token",
  /** Recovery after the sale: purpose, and hash of the request; the acknowledgment's secret and associated data. */
  recovery: "chit/1/recovery",
  recoveryAcknowledgment: "chit/1/recovery-acknowledgment",
  /** Activation of a device: purpose, hash, signature of possession, reply. */
  activation: "chit/1/activation",
  activationPossession: "chit/1/activation-possession",
  activationResponse: "chit/1/activation-response",
  /** The hash by which the TPS knows an activation link's secret. */
  activationSecret: "chit/1/activation-secret",
  /** The number that wallet and telephone both tell, to compare them. */
  deviceCheckNumber: "chit/1/device-check-number",
  /** Account status: purpose, hash, device's signature, reply. */
  accountStatus: "chit/1/account-status",
  accountStatusSignature: "chit/1/account-status-signature",
  accountStatusResponse: "chit/1/account-status-response",
  /** Devices of an account: purpose, hash, device's signature, reply. */
  devices: "chit/1/devices",
  devicesSignature: "chit/1/devices-signature",
  devicesResponse: "chit/1/devices-response",
  /** Records of an account: purpose, hash, device's signature, reply. */
  accountRecords: "chit/1/account-records",
  accountRecordsSignature: "chit/1/account-records-signature",
  accountRecordsResponse: "chit/1/account-records-response",
  /** The entry of a proof-of-payment in the issuer's log. */
  logEntry: "chit/1/log-entry",
  /** The wallet's backup file: the check of its passphrase, the sum over its head, the key of its stream. */
  backupCheck: "chit/1/backup-check",
  backupHead: "chit/1/backup-head",
  backup: "chit/1/backup",
} as const;

/** One of the labels of {@link LABELS}. */
export type Label = (typeof LABELS)[keyof typeof LABELS];
