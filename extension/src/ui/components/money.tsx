/** An amount in words of the reader's language. */
import { formatMoney, type Money } from "../format.ts";
import { language } from "../i18n.ts";

export function Amount({ money, large }: { readonly money: Money; readonly large?: boolean }) {
  return (
    <span class={large ? "amount amount-large" : "amount"}>{formatMoney(language(), money)}</span>
  );
}

/** The same as plain text, for sentences and buttons. */
export function moneyText(money: Money): string {
  return formatMoney(language(), money);
}
