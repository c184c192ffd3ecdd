/**
 * Invitations: activation links that a wallet makes. The operator's own links have no bounds; invitations do, so
 * that nobody who holds a wallet's key or a backup floods an account with devices.
 *
 * Rows are locked in one order, as everywhere: account, device, invitation.
 */
import { type DevicesAction, LIMITS } from "@chit/protocol";
import { lockAccount } from "../accounts/accounts.ts";
import { logDeviceAction } from "../accounts/device-log.ts";
import type { DeviceName } from "../accounts/pin-state.ts";
import type { TpsDeps } from "../deps.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";

type Invite = Extract<DevicesAction, { action: "invite" }>;

/** What became of an invitation. */
export type Registered =
  | { readonly kind: "open"; readonly expiresAt: number | null }
  | { readonly kind: "void" }
  | { readonly kind: "too-many" };

/**
 * Registers an invitation. The same one again changes nothing, not even when it expires.
 *
 * @param tx a transaction that holds the account's lock
 */
export async function registerInvitation(
  deps: Pick<TpsDeps, "platform">,
  tx: Queryable,
  maker: DeviceName,
  { secretHash, use }: Invite,
): Promise<Registered> {
  const now = deps.platform.nowSeconds();
  const crowd = await countCrowd(tx, maker.accountId, now);
  const expiresAt = use === "once" ? now + LIMITS.invitationSeconds : null;
  if (!mayInvite(crowd, use)) {
    return (await readInvitation(tx, maker.accountId, secretHash, use)) ?? { kind: "too-many" };
  }
  const added = await tx.query(
    `insert into activations (secret_hash, account_id, use, made_by, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning 1 as added`,
    [secretHash, maker.accountId, use, maker.deviceId, expiresAt, now],
  );
  if (added.length === 0) {
    return (await readInvitation(tx, maker.accountId, secretHash, use)) ?? { kind: "void" };
  }
  await logDeviceAction(deps, tx, maker, `invite ${use}`, null);
  return { kind: "open", expiresAt };
}

/** What is known of a secret; undefined where nothing is. */
async function readInvitation(
  tx: Queryable,
  accountId: string,
  secretHash: Uint8Array,
  use: Invite["use"],
): Promise<Registered | undefined> {
  const row = one(
    await tx.query<{ same: boolean; expires_at: bigint | null }>(
      `select account_id = $2 and use = $3 and made_by is not null and withdrawn_at is null as same, expires_at
       from activations where secret_hash = $1`,
      [secretHash, accountId, use],
    ),
  );
  if (row === undefined) return undefined;
  if (!row.same) return { kind: "void" };
  return { kind: "open", expiresAt: row.expires_at === null ? null : Number(row.expires_at) };
}

interface Crowd {
  /** Devices that are not revoked. */
  readonly active: number;
  /** Of these, the invited ones that have had no PIN yet. */
  readonly awaiting: number;
  /** Devices that came by invitation within the last day, revoked ones too. */
  readonly today: number;
  /** Invitations for one more device that can still be used; those of a revoked device cannot. */
  readonly open: number;
  readonly recovery: number;
}

async function countCrowd(tx: Queryable, accountId: string, now: number): Promise<Crowd> {
  const [devices] = await tx.query<Record<"active" | "awaiting" | "today", bigint>>(
    `select count(*) filter (where state = 'active') as active,
            count(*) filter (where state = 'active' and invited and pin_state = 'awaiting-pin') as awaiting,
            count(*) filter (where invited and activated_at > $2) as today
     from devices where account_id = $1`,
    [accountId, now - DAY_SECONDS],
  );
  const [invitations] = await tx.query<Record<"open" | "recovery", bigint>>(
    `select count(*) filter (where i.use = 'once' and i.device_id is null and i.expires_at >= $2
                                   and m.state = 'active') as open,
            count(*) filter (where i.use = 'recovery') as recovery
     from activations i join devices m on m.account_id = i.account_id and m.device_id = i.made_by
     where i.account_id = $1 and i.withdrawn_at is null`,
    [accountId, now],
  );
  return {
    active: Number(devices?.active),
    awaiting: Number(devices?.awaiting),
    today: Number(devices?.today),
    open: Number(invitations?.open),
    recovery: Number(invitations?.recovery),
  };
}

const DAY_SECONDS = 86_400;

function mayInvite(
  { active, awaiting, today, open, recovery }: Crowd,
  use: Invite["use"],
): boolean {
  return use === "recovery"
    ? recovery < LIMITS.recoveryInvitations
    : awaiting + open < LIMITS.devicesAwaiting &&
        active + open < LIMITS.devicesTold &&
        today + open < LIMITS.invitedDevicesInADay;
}

/**
 * Whether a recovery secret may make one more device now. An invitation for one device was admitted when it was
 * made, and is honoured.
 *
 * @param tx a transaction that holds the account's lock
 */
export async function hasRoomForRecovery(
  tx: Queryable,
  accountId: string,
  now: number,
): Promise<boolean> {
  const { active, awaiting, today } = await countCrowd(tx, accountId, now);
  return (
    awaiting < LIMITS.devicesAwaiting &&
    active < LIMITS.devicesTold &&
    today < LIMITS.invitedDevicesInADay
  );
}

/**
 * Withdraws every link and invitation of an account that could still make a device, the operator's own ones too.
 * Devices that were made already stay.
 *
 * @returns how many
 * @throws {OperatorError} `account-unknown`
 */
export async function withdrawInvitations(deps: TpsDeps, accountId: string): Promise<number> {
  return deps.database.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    const now = deps.platform.nowSeconds();
    const rows = await tx.query(
      `update activations set withdrawn_at = $2
       where account_id = $1 and withdrawn_at is null and device_id is null
         and coalesce(expires_at, $2) >= $2
       returning 1 as withdrawn`,
      [accountId, now],
    );
    const details = { withdrawn: rows.length };
    await logOperation(deps, tx, "account withdraw-invitations", accountId, details);
    return rows.length;
  });
}
