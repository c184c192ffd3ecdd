/** A wallet as the TPS meets it: it keeps modifier, count and generation, and verifies what it is told. */
import {
  addModifiers,
  createActivation,
  createRequestForPayment,
  currentSealingKey,
  INITIAL_MODIFIER,
  modifyPin,
  openActivationResponse,
  openPaymentResponse,
  type PaymentOrder,
  type PaymentResponse,
  type PreparedRequest,
  parseActivationLink,
  type SealingKey,
  verifyVerdict,
} from "@chit/protocol";
import { type NodeSigner, nodeSigner } from "@chit/protocol/node";
import { fundAccount, openAccount } from "../../src/accounts/accounts.ts";
import { setPin } from "../../src/accounts/pin-state.ts";
import { activateDevice } from "../../src/activation/activate.ts";
import { createPaymentPipeline, type PaymentPipeline } from "../../src/payment/pipeline.ts";
import type { PaymentDeps } from "../../src/payment/process.ts";
import { ISSUER, id, random, type World } from "./world.ts";

export const PIN = "314159";
export const WRONG_PIN = "271828";

/** What a test may change of a request. */
export interface RequestChanges extends Partial<PaymentOrder> {
  readonly pin?: string;
  readonly count?: number;
  readonly pinGeneration?: number;
  readonly signer?: NodeSigner;
  readonly accountId?: string;
  readonly deviceId?: string;
  readonly tpsKey?: SealingKey;
}

const pipelines = new WeakMap<PaymentDeps, PaymentPipeline>();

/** The pipeline of a TPS: one, as in its process. */
function pipelineOf(deps: PaymentDeps): PaymentPipeline {
  const known = pipelines.get(deps) ?? createPaymentPipeline(deps);
  pipelines.set(deps, known);
  return known;
}

/** A request with the order it is for. */
export interface WalletRequest extends PreparedRequest {
  readonly order: PaymentOrder;
}

export class Wallet {
  readonly world: World;
  readonly accountId: string;
  readonly deviceId: string;
  readonly signer: NodeSigner;
  modifier = INITIAL_MODIFIER;
  count = 0;
  pinGeneration = 0;
  pin = PIN;

  constructor(world: World, accountId: string, deviceId: string, signer: NodeSigner) {
    this.world = world;
    this.accountId = accountId;
    this.deviceId = deviceId;
    this.signer = signer;
  }

  /** A copy of the disk. */
  clone(): Wallet {
    return Object.assign(new Wallet(this.world, this.accountId, this.deviceId, this.signer), {
      modifier: this.modifier,
      count: this.count,
      pinGeneration: this.pinGeneration,
      pin: this.pin,
    });
  }

  /** As the telephone service does it. The wallet learns of it when it is told. */
  async setPinByTelephone(pin = PIN): Promise<void> {
    const { database, pinVault } = this.world.deps;
    await database.transaction((tx) => setPin(tx, pinVault, this, pin));
  }

  /** The owner enters a new PIN. */
  adoptPin(generation: number, pin = PIN): void {
    this.pinGeneration = generation;
    this.modifier = INITIAL_MODIFIER;
    this.pin = pin;
  }

  /** Step 5. */
  async request(changes: RequestChanges = {}): Promise<WalletRequest> {
    const { pin, count, pinGeneration, signer, accountId, deviceId, tpsKey, ...order } = changes;
    const whole: PaymentOrder = {
      issuer: ISSUER,
      merchantId: this.world.merchantId,
      transactionNumber: id(),
      amount: 12_500n,
      currency: "EUR",
      scale: 4,
      quoteHash: random(32),
      ...order,
    };
    const prepared = await createRequestForPayment(
      this.world.deps.crypto,
      tpsKey ?? currentSealingKey(this.world.keyList(), this.world.now),
      whole,
      {
        accountId: accountId ?? this.accountId,
        deviceId: deviceId ?? this.deviceId,
        count: count ?? this.count,
        pinGeneration: pinGeneration ?? this.pinGeneration,
      },
      modifyPin(pin ?? this.pin, this.modifier),
      (signer ?? this.signer).sign,
    );
    return { ...prepared, order: whole };
  }

  /** Sends the exact bytes. */
  send(request: PreparedRequest, deps: PaymentDeps = this.world.deps): Promise<Uint8Array> {
    return pipelineOf(deps).pay(request.body);
  }

  /** Step 6: opens and verifies a reply, and goes a step on when it was authenticated. */
  async receive(request: WalletRequest, reply: Uint8Array): Promise<PaymentResponse> {
    const { crypto } = this.world.deps;
    const response = await openPaymentResponse(crypto, request, reply);
    if (response.outcome !== "paid" && response.outcome !== "denied") return response;
    const list = this.world.keyList();
    if (response.outcome === "paid") {
      verifyVerdict(crypto, list, "proof", response.proof, request.order);
    } else {
      verifyVerdict(crypto, list, "denial", response.denial, request.order);
    }
    this.modifier = addModifiers(this.modifier, request.component, response.component);
    this.count = response.nextCount;
    return response;
  }

  /** Steps 5 and 6. */
  async pay(changes: RequestChanges = {}): Promise<PaymentResponse> {
    const request = await this.request(changes);
    return this.receive(request, await this.send(request));
  }
}

/** Turns an activation link into a device, through the real activation. */
export async function activate(
  world: World,
  link: string,
  signer = nodeSigner(random(32)),
): Promise<Wallet> {
  const { crypto } = world.deps;
  const pending = await createActivation(
    crypto,
    currentSealingKey(world.keyList(), world.now),
    parseActivationLink(link),
    { publicKey: signer.publicKey, name: "Chromium on Linux", sign: signer.sign },
  );
  const reply = await activateDevice(world.deps, pending.body);
  const result = await openActivationResponse(crypto, pending, reply);
  if (result.outcome !== "activated") throw new Error(`The activation was ${result.outcome}.`);
  return new Wallet(world, result.accountId, result.deviceId, signer);
}

/** An account with money and a device with a PIN. 100 EUR unless told, in smallest units. */
export async function createWallet(world: World, balance = 1_000_000n): Promise<Wallet> {
  const { accountId, activationLink } = await openAccount(world.deps);
  if (balance > 0n) await fundAccount(world.deps, accountId, balance, "opening");
  const wallet = await activate(world, activationLink);
  await wallet.setPinByTelephone();
  wallet.adoptPin(1);
  return wallet;
}

/** What the database says of a wallet's device and account. */
export async function recordOf(wallet: Wallet): Promise<{
  balance: bigint;
  count: number;
  failures: number;
  pinState: string;
  payments: number;
  refused: number;
}> {
  const [row] = await wallet.world.database.query<{
    balance: bigint;
    count: bigint;
    failures: number;
    pin_state: string;
    payments: bigint;
    refused: bigint;
  }>(
    `select a.balance, d.count, d.failures, d.pin_state,
            (select count(*) from payments p where p.account_id = a.account_id) as payments,
            (select count(*) from refused_requests r where r.account_id = a.account_id) as refused
     from accounts a join devices d on d.account_id = a.account_id
     where a.account_id = $1 and d.device_id = $2`,
    [wallet.accountId, wallet.deviceId],
  );
  if (row === undefined) throw new Error("There is no such device.");
  return {
    balance: row.balance,
    count: Number(row.count),
    failures: row.failures,
    pinState: row.pin_state,
    payments: Number(row.payments),
    refused: Number(row.refused),
  };
}
