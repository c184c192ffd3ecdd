/** The lines of a statement: a table, or below each other where the window is narrow. */
import type { StatementLineView, StatementView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Amount } from "../components/money.tsx";
import { formatTime } from "../format.ts";
import { language, t } from "../i18n.ts";
import { lineWords } from "../present/statement.ts";
import { href } from "./router.ts";

/** More lines than this are folded: a browser draws thousands of them slowly. */
const SHOWN = 300;

interface StatementTableProps {
  readonly statement: StatementView;
  /** Without folding. */
  readonly all: boolean;
  readonly onAll: () => void;
}

export function StatementTable({ statement, all, onAll }: StatementTableProps) {
  const { lines } = statement;
  const shown = all ? lines : lines.slice(0, SHOWN);
  const numbers = {
    shown: shown.length.toLocaleString(language()),
    count: lines.length.toLocaleString(language()),
  };
  return (
    <section class="sheet stack">
      <table class="statement">
        <thead>
          <tr>
            <th scope="col">{t("statement_column_date")}</th>
            <th scope="col">{t("statement_column_what")}</th>
            <th scope="col" class="statement-money">
              {t("statement_column_amount")}
            </th>
            <th scope="col" class="statement-money">
              {t("statement_column_balance")}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line, index) => (
            // Lines have no name of their own, and never move.
            <Line key={String(index)} line={line} statement={statement} />
          ))}
        </tbody>
      </table>
      {shown.length < lines.length && (
        <>
          <Button look="quiet" onClick={onAll}>
            {t("statement_show_all", { count: numbers.count })}
          </Button>
          <p class="only-printed">{t("statement_part_printed", numbers)}</p>
        </>
      )}
    </section>
  );
}

interface LineProps {
  readonly line: StatementLineView;
  readonly statement: StatementView;
}

function Line({ line, statement }: LineProps) {
  const { title, about } = lineWords(line);
  const money = (amount: string) => <Amount money={{ ...statement, amount }} />;
  return (
    <tr>
      <td class="statement-date small soft">
        <time dateTime={new Date(line.at * 1_000).toISOString()}>
          {formatTime(language(), line.at, statement.madeAt)}
        </time>
      </td>
      <td class="statement-what">
        {line.purchase === null ? (
          <bdi class="strong">{title}</bdi>
        ) : (
          <a href={href({ name: "purchase", purchaseId: line.purchase.purchaseId })}>
            <bdi>{title}</bdi>
          </a>
        )}
        {about !== "" && (
          <span class="statement-about small soft">
            <bdi>{about}</bdi>
          </span>
        )}
      </td>
      <td class="statement-money strong">{money(line.amount)}</td>
      <td class="statement-money statement-balance soft">
        <span class="statement-label">{t("statement_column_balance")} </span>
        {money(line.balance)}
      </td>
    </tr>
  );
}
