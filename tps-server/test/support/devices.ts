/** The devices exchange as a wallet uses it, without HTTP. */
import {
  activationSecretHash,
  createDevicesRequest,
  currentSealingKey,
  type Devices,
  type DevicesAction,
  formatActivationLink,
  type InvitationUse,
  openDevices,
  type PendingExchange,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { answerDevices } from "../../src/accounts/devices.ts";
import { activate, type Wallet } from "./wallet.ts";
import { ISSUER, random } from "./world.ts";

type Asker = Pick<Wallet, "world" | "accountId" | "deviceId" | "signer">;

/** A request as it travels. */
export function prepareDevices(asker: Asker, action: DevicesAction): Promise<PendingExchange> {
  const { world, accountId, deviceId, signer } = asker;
  const tpsKey = currentSealingKey(world.keyList(), world.now);
  const subject = { issuer: ISSUER, accountId, deviceId };
  return createDevicesRequest(world.deps.crypto, tpsKey, subject, action, signer.sign);
}

/** Sends a request, perhaps once more. */
export async function sendDevices(
  { world }: Pick<Asker, "world">,
  pending: PendingExchange,
): Promise<Devices & { bytes: number }> {
  const reply = await answerDevices(world.deps, pending.body);
  return { ...(await openDevices(world.deps.crypto, pending, reply)), bytes: reply.length };
}

export async function askDevices(asker: Asker, action: DevicesAction): Promise<Devices> {
  return sendDevices(asker, await prepareDevices(asker, action));
}

/** An invitation for another wallet. */
export interface Invitation {
  readonly action: Extract<DevicesAction, { action: "invite" }>;
  readonly link: string;
}

export function newInvitation({ world }: Pick<Asker, "world">, use: InvitationUse): Invitation {
  const secret = random(16);
  const { rootKey } = world.deps.keyRings.current();
  return {
    action: { action: "invite", secretHash: activationSecretHash(secret), use },
    link: formatActivationLink({ issuer: ISSUER, secret, rootKey }),
  };
}

/** Registers an invitation and gives its link. */
export async function invite(asker: Asker, use: InvitationUse): Promise<string> {
  const { action, link } = newInvitation(asker, use);
  const { outcome } = await askDevices(asker, action);
  if (outcome !== "devices") throw new Error(`The invitation was answered ${outcome}.`);
  return link;
}

/** What becomes of an activation. */
export async function outcomeOf(activation: Promise<unknown>): Promise<string> {
  return activation.then(
    () => "activated",
    (error: Error) => /was (.+)\.$/.exec(error.message)?.[1] ?? error.message,
  );
}

/** A further device of the account, with a PIN of its own. */
export async function addDevice(wallet: Wallet): Promise<Wallet> {
  const device = await activate(wallet.world, await invite(wallet, "once"));
  await device.setPinByTelephone();
  device.adoptPin(1);
  return device;
}

export const newSigner = () => nodeSigner(random(32));
