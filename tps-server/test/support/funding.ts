/** Accounts that are paid into, and what the bank tells. */
import { openAccount } from "../../src/accounts/accounts.ts";
import { id, type World } from "./world.ts";

/** An account, and what its holder writes on transfers. */
export async function payee(world: World) {
  const { accountId, fundingReference: reference } = await openAccount(world.deps);
  const balance = async () => {
    const [now] = await world.database.query<{ balance: bigint }>(
      "select balance from accounts where account_id = $1",
      [accountId],
    );
    return now?.balance;
  };
  return { accountId, reference, balance };
}

/** An entry of the bank; 12.50 EUR unless told. */
export const entryOf = (world: World, text: string, amount = "125000", entryId: string = id()) => ({
  entryId,
  amount,
  bookedAt: world.now,
  text,
});
