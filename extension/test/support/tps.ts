/** A TPS for tests: the protocol's real openers and the paper's rules, accounts in memory, over HTTP. */
import {
  ACCOUNT_RECORDS_PATH,
  ACCOUNT_STATUS_PATH,
  ACTIVATIONS_PATH,
  type AccountMovement,
  type AccountRecords,
  type AccountRecordsWish,
  addModifiers,
  ChitError,
  createCertificate,
  createPaymentResponse,
  createVerdict,
  DEVICES_PATH,
  type DenialReason,
  type Device,
  decodeRequestForPayment,
  deviceCheckNumber,
  equalBytes,
  formatActivationLink,
  INITIAL_MODIFIER,
  KEY_LIST_PATH,
  modifyPin,
  type OpenedRequest,
  openAccountStatusRequest,
  openActivation,
  openDevicesRequest,
  openRequestForPayment,
  PAYMENTS_PATH,
  type PaymentOutcome,
  SUITE,
  toBase64url,
  utf8,
  verifyPinTag,
} from "@chit/protocol";
import { type NodeOpeningKey, nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { type Received, type Reply, TestServer } from "./http-server.ts";
import { keyListOf } from "./key-list.ts";
import { tellMovements } from "./returns.ts";

const YEAR = 31_536_000;

export class TestTps {
  readonly server = new TestServer((request) => this.#handle(request));
  readonly crypto;
  readonly root;
  signer;
  sealing!: NodeOpeningKey;
  /** Keys that the TPS still opens with. */
  readonly oldSealing: NodeOpeningKey[] = [];
  sequence = 1;
  balance = 1_000_000n;
  held = false;
  denial: DenialReason | null = null;
  readonly device = {
    accountId: "",
    deviceId: "",
    key: new Uint8Array() as Uint8Array,
    modifiedPin: null as Uint8Array | null,
    generation: 0,
    count: 0,
    attempts: 0,
    revoked: false,
    last: null as { hash: Uint8Array; reply: Uint8Array } | null,
  };
  /** The account's other devices. */
  readonly others: Device[] = [];
  /** Hashes of the secrets by which more devices may come. */
  readonly invited: Uint8Array[] = [];
  /** How many of them, the first ones, the operator has withdrawn. */
  withdrawn = 0;
  readonly secret: Uint8Array;
  payments = 0;
  /** Money that came to the account. */
  readonly movements: AccountMovement[] = [];
  /** What it answers about statements and paying in. */
  records: (wish: AccountRecordsWish) => AccountRecords = () => ({ outcome: "no-funding" });
  readonly #random: (length: number) => Uint8Array;
  readonly #now: () => number;

  constructor(random: (length: number) => Uint8Array, now: () => number) {
    this.#random = random;
    this.#now = now;
    this.crypto = nodeCrypto(random);
    this.root = nodeSigner(random(32));
    this.signer = nodeSigner(random(32));
    this.secret = random(16);
    this.device.accountId = this.id();
    this.device.deviceId = this.id();
  }

  id = () => toBase64url(this.#random(16));

  async start(): Promise<void> {
    this.sealing = await nodeOpeningKey(this.crypto, this.#random(32));
    await this.server.start();
  }

  get link(): string {
    const { secret, root } = this;
    return formatActivationLink({ issuer: this.server.origin, secret, rootKey: root.publicKey });
  }

  /** What the telephone does. */
  setPin(pin: string): void {
    this.device.modifiedPin = modifyPin(pin, INITIAL_MODIFIER);
    this.device.generation += 1;
    this.device.attempts = 0;
  }

  /** A new sealing key; the old one is forgotten unless it is kept. */
  async rotateSealingKey(keepOld: boolean): Promise<void> {
    if (keepOld) this.oldSealing.push(this.sealing);
    this.sealing = await nodeOpeningKey(this.crypto, this.#random(32));
    this.sequence += 1;
  }

  keyList(): Promise<string> {
    return keyListOf(this, this.#now());
  }

  certify(merchant: {
    id: string;
    name: string;
    origins: string[];
    sealingKey: Uint8Array;
    signingKey: Uint8Array;
    expires?: number;
  }): Promise<string> {
    return createCertificate(this.signer, {
      v: 1,
      iss: this.server.origin,
      jti: this.id(),
      iat: this.#now() - 1_000,
      nbf: this.#now() - 1_000,
      exp: merchant.expires ?? this.#now() + YEAR,
      merchantId: merchant.id,
      name: merchant.name,
      origins: merchant.origins,
      suite: SUITE,
      sealingKey: toBase64url(merchant.sealingKey),
      signingKey: toBase64url(merchant.signingKey),
      currency: "EUR",
      scale: 4,
    });
  }

  async #handle({ path, body }: Received): Promise<Reply> {
    try {
      switch (path) {
        case KEY_LIST_PATH:
          return utf8(await this.keyList());
        case ACTIVATIONS_PATH:
          return await this.#activate(body);
        case ACCOUNT_STATUS_PATH:
          return await this.#status(body);
        case DEVICES_PATH:
          return await this.#devices(body);
        case PAYMENTS_PATH:
          return await this.#pay(body);
        case ACCOUNT_RECORDS_PATH:
          return await tellMovements(this, body);
        default:
          return { problem: "not-found" };
      }
    } catch (error) {
      if (!(error instanceof ChitError)) throw error;
      return {
        problem: error.code === "sealing-key-unknown" ? error.code : "authentication-failed",
      };
    }
  }

  async #activate(body: Uint8Array): Promise<Uint8Array> {
    const { activation, reply } = await openActivation(this.crypto, this.sealing, body);
    const { device } = this;
    const known = device.key.length === 0 || equalBytes(device.key, activation.deviceKey);
    if (!known || !equalBytes(activation.secret, this.secret)) {
      return reply({ outcome: "refused" }, this.#random(16));
    }
    device.key = activation.deviceKey;
    const { accountId, deviceId } = device;
    return reply({ outcome: "activated", accountId, deviceId }, this.#random(16));
  }

  async #status(body: Uint8Array): Promise<Uint8Array> {
    const { request, reply } = await openAccountStatusRequest(this.crypto, this.sealing, body);
    const { device } = this;
    const nonce = this.#random(16);
    if (!this.crypto.verifyEd25519(device.key, request.signedBytes, request.signature)) {
      return reply({ outcome: "refused" }, nonce);
    }
    if (device.revoked) return reply({ outcome: "device-revoked" }, nonce);
    if (device.modifiedPin === null) return reply({ outcome: "awaiting-pin" }, nonce);
    const pin = device.attempts >= 5 ? "locked" : "active";
    const { generation: pinGeneration } = device;
    const account = this.held ? "held" : "active";
    const { balance } = this;
    return reply({ outcome: "status", balance, account, pin, pinGeneration }, nonce);
  }

  async #devices(body: Uint8Array): Promise<Uint8Array> {
    const { request, reply } = await openDevicesRequest(this.crypto, this.sealing, body);
    const { device, others } = this;
    const nonce = this.#random(16);
    if (!this.crypto.verifyEd25519(device.key, request.signedBytes, request.signature)) {
      return reply({ outcome: "refused" }, nonce);
    }
    const { action } = request;
    if (action.action === "revoke") {
      if (action.deviceId === device.deviceId) device.revoked = true;
      const index = others.findIndex(({ deviceId }) => deviceId === action.deviceId);
      const other = others[index];
      if (other !== undefined) others[index] = { ...other, state: "revoked" };
    }
    if (device.revoked) return reply({ outcome: "device-revoked" }, nonce);
    if (device.modifiedPin === null) return reply({ outcome: "awaiting-pin" }, nonce);
    if (action.action === "invite") {
      const at = this.invited.findIndex((hash) => equalBytes(hash, action.secretHash));
      if (at !== -1 && at < this.withdrawn) return reply({ outcome: "invitation-void" }, nonce);
      const crowded = this.invited.length - this.withdrawn >= 2;
      if (at === -1 && crowded) return reply({ outcome: "too-many-invites" }, nonce);
      if (at === -1) this.invited.push(action.secretHash);
    }
    const own: Device = {
      deviceId: device.deviceId,
      name: "Chromium on Linux",
      state: "active",
      pin: device.attempts >= 5 ? "locked" : "active",
      activatedAt: this.#now() - 1_000,
      lastUsedAt: null,
      checkNumber: deviceCheckNumber(device.key),
    };
    const inviteExpiresAt = action.action === "invite" ? this.#now() + 86_400 : null;
    return reply({ outcome: "devices", devices: [...others, own], inviteExpiresAt }, nonce);
  }

  async #pay(body: Uint8Array): Promise<Uint8Array> {
    const decoded = decodeRequestForPayment(body);
    const keys = [this.sealing, ...this.oldSealing];
    const key = keys.find(({ keyId }) => keyId === decoded.keyId) ?? this.sealing;
    const opened = await openRequestForPayment(this.crypto, key, decoded);
    const { device } = this;
    if (device.last !== null && equalBytes(device.last.hash, opened.requestHash)) {
      return device.last.reply;
    }
    const outcome = await this.#judge(opened);
    const reply = await createPaymentResponse(this.crypto, opened, outcome, this.#random(16));
    if (outcome.outcome !== "refused") device.last = { hash: opened.requestHash, reply };
    return reply;
  }

  async #judge(opened: OpenedRequest): Promise<PaymentOutcome> {
    const { device } = this;
    const { payer, order } = opened;
    if (!this.crypto.verifyEd25519(device.key, opened.signedBytes, opened.signature)) {
      return { outcome: "refused" };
    }
    if (device.revoked) return { outcome: "device-revoked" };
    if (device.modifiedPin === null) return { outcome: "awaiting-pin" };
    if (device.attempts >= 5) return { outcome: "pin-locked" };
    if (payer.pinGeneration !== device.generation) {
      return { outcome: "pin-changed", pinGeneration: device.generation };
    }
    if (payer.count !== device.count) return { outcome: "out-of-sequence" };
    if (!verifyPinTag(opened.pinTag, device.modifiedPin, opened.tagInput)) {
      device.attempts += 1;
      if (device.attempts >= 5) return { outcome: "pin-locked" };
      return { outcome: "wrong-pin", attemptsLeft: 5 - device.attempts };
    }
    const component = this.#random(32);
    device.modifiedPin = addModifiers(device.modifiedPin, component, opened.component);
    device.count += 1;
    device.attempts = 0;
    const advanced = { component, nextCount: device.count };
    const reason = this.denial ?? (order.amount > this.balance ? "insufficient-funds" : null);
    const verdict = reason === null ? "proof" : "denial";
    const document = await createVerdict(this.signer, verdict, order, this.id(), this.#now());
    if (reason !== null) {
      const { balance } = this;
      return { outcome: "denied", ...advanced, balance, denial: document, reason };
    }
    this.balance -= order.amount;
    this.payments += 1;
    return { outcome: "paid", ...advanced, balance: this.balance, proof: document };
  }
}
