/** Four digits that the telephone says as well. */
import type { AccountView } from "../../messages.ts";

export function CheckNumber({ account }: { readonly account: Pick<AccountView, "checkNumber"> }) {
  return (
    <>
      <br />
      <strong class="check-number">{account.checkNumber}</strong>
    </>
  );
}
