/** What the operator sees of an account. */
import type { TpsDeps } from "../deps.ts";
import { one } from "../store/database.ts";
import { unknownAccount } from "./accounts.ts";
import type { Holds } from "./holds.ts";

/** A device as the operator sees it. Times in seconds. */
export interface DeviceOverview {
  readonly deviceId: string;
  readonly name: string;
  readonly state: "active" | "revoked";
  readonly pin: "awaiting-pin" | "active" | "locked";
  readonly pinGeneration: number;
  readonly count: number;
  readonly wrongPins: number;
  readonly activatedAt: number;
  /** Its last authenticated transaction. */
  readonly lastUsedAt: number | null;
}

/** Links and invitations that can still make a device. */
export interface OpenLinks {
  /** For one device, the operator's own ones too. */
  readonly once: number;
  /** In backups: they do not expire. */
  readonly recovery: number;
}

/** A movement on an account. */
export interface Movement {
  readonly kind: "payment" | "denial" | "refund" | "funding";
  readonly at: number;
  /** Smallest units: negative for a payment, 0 for a denial. */
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  /** The merchant's name (or id), also of a refund's, the reason of a denial, or the funding's reference. */
  readonly text: string;
}

/** An account as the operator sees it. */
export interface AccountOverview {
  readonly accountId: string;
  readonly balance: bigint;
  readonly status: "active" | "held";
  readonly held: Holds;
  readonly telephoneId: string;
  /** What its holder writes on a bank transfer; null where a program of the operator's opened it. */
  readonly fundingReference: string | null;
  readonly createdAt: number;
  readonly devices: readonly DeviceOverview[];
  readonly links: OpenLinks;
  /** The latest 20, newest first. */
  readonly movements: readonly Movement[];
}

/**
 * @throws {OperatorError} `account-unknown`
 */
export async function showAccount(
  { database, platform }: Pick<TpsDeps, "database" | "platform">,
  accountId: string,
): Promise<AccountOverview> {
  const account = one(
    await database.query<{
      balance: bigint;
      status: "active" | "held";
      held_by_operator: boolean;
      held_by_holder: boolean;
      telephone_id: string;
      funding_reference: string | null;
      created_at: bigint;
    }>(
      `select a.balance, a.status, a.held_by_operator, a.held_by_holder, t.telephone_id,
              f.reference as funding_reference, a.created_at
       from accounts a join telephone_access t on t.account_id = a.account_id
       left join funding_references f on f.account_id = a.account_id
       where a.account_id = $1`,
      [accountId],
    ),
  );
  if (account === undefined) throw unknownAccount(accountId);
  return {
    accountId,
    balance: account.balance,
    status: account.status,
    held: { byOperator: account.held_by_operator, byHolder: account.held_by_holder },
    telephoneId: account.telephone_id,
    fundingReference: account.funding_reference,
    createdAt: Number(account.created_at),
    devices: await listDevices(database, accountId),
    links: await countLinks(database, accountId, platform.nowSeconds()),
    movements: await listMovements(database, accountId),
  };
}

async function listDevices(
  database: TpsDeps["database"],
  accountId: string,
): Promise<DeviceOverview[]> {
  const rows = await database.query<{
    device_id: string;
    name: string;
    state: DeviceOverview["state"];
    pin_state: DeviceOverview["pin"];
    pin_generation: bigint;
    count: bigint;
    failures: number;
    activated_at: bigint;
    last_used_at: bigint | null;
  }>(
    `select device_id, name, state, pin_state, pin_generation, count, failures, activated_at,
            last_paid_at as last_used_at
     from devices where account_id = $1 order by activated_at, device_id`,
    [accountId],
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    name: row.name,
    state: row.state,
    pin: row.pin_state,
    pinGeneration: Number(row.pin_generation),
    count: Number(row.count),
    wrongPins: row.failures,
    activatedAt: Number(row.activated_at),
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
  }));
}

async function countLinks(
  database: TpsDeps["database"],
  accountId: string,
  now: number,
): Promise<OpenLinks> {
  const [row] = await database.query<{ once: bigint; recovery: bigint }>(
    `select count(*) filter (where use = 'once' and device_id is null and expires_at >= $2) as once,
            count(*) filter (where use = 'recovery') as recovery
     from activations where account_id = $1 and withdrawn_at is null`,
    [accountId, now],
  );
  return { once: Number(row?.once), recovery: Number(row?.recovery) };
}

async function listMovements(
  database: TpsDeps["database"],
  accountId: string,
): Promise<Movement[]> {
  const rows = await database.query<{
    kind: Movement["kind"];
    at: bigint;
    amount: bigint;
    balance_after: bigint;
    text: string;
  }>(
    `select case verdict when 'proof' then 'payment' else 'denial' end as kind, p.paid_at as at,
            case verdict when 'proof' then -p.amount else 0 end as amount, p.balance_after,
            coalesce(p.denial_reason, m.name, p.merchant_id) as text
     from (select * from payments where account_id = $1 order by paid_at desc, count desc limit 20) p
     left join merchants m on m.merchant_id = p.merchant_id
     union all
     select 'refund', r.refunded_at, r.amount, r.balance_after, coalesce(m.name, r.merchant_id)
     from refunds r left join merchants m on m.merchant_id = r.merchant_id where r.account_id = $1
     union all
     select 'funding', funded_at, amount, balance_after, reference from fundings where account_id = $1
     order by at desc limit 20`,
    [accountId],
  );
  return rows.map((row) => ({
    kind: row.kind,
    at: Number(row.at),
    amount: row.amount,
    balanceAfter: row.balance_after,
    text: row.text,
  }));
}
