/** What is bought, line by line; a long order is folded after the first few lines. */
import { useState } from "preact/hooks";
import type { PurchaseView } from "../../messages.ts";
import { language, plural, t } from "../i18n.ts";
import { Button } from "./button.tsx";
import { Amount } from "./money.tsx";

/** More lines than this are folded; folding one or two away would only annoy. */
const MOST_SHOWN = 8;
const SHOWN_OF_MANY = 6;

export function Lines({ purchase }: { readonly purchase: PurchaseView }) {
  const { lines, currency, scale } = purchase;
  const [all, setAll] = useState(lines.length <= MOST_SHOWN);
  const shown = all ? lines : lines.slice(0, SHOWN_OF_MANY);
  return (
    <div>
      <table class="lines">
        <caption class="only-heard">{t("order_lines")}</caption>
        <thead class="only-heard">
          <tr>
            <th scope="col">{t("column_quantity")}</th>
            <th scope="col">{t("column_item")}</th>
            <th scope="col">{t("column_amount")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line, index) => (
            // Lines have no names of their own and never change their order.
            <tr key={index}>
              <td class="line-quantity">{line.quantity.toLocaleString(language())} ×</td>
              <td class="line-item">
                <bdi>{line.description}</bdi>
              </td>
              <td class={line.amount.startsWith("-") ? "line-amount line-discount" : "line-amount"}>
                <Amount money={{ amount: line.amount, currency, scale }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!all && (
        <Button look="quiet" wide onClick={() => setAll(true)}>
          {plural("lines_show_all", lines.length - shown.length)}
        </Button>
      )}
    </div>
  );
}
