/** What goes on with a backup, in words and as a bar; and how much is in one. */
import type { BackupContentsView } from "../../messages.ts";
import { formatSize } from "../format.ts";
import { language, type PlainKey, plural, t } from "../i18n.ts";
import type { Progress } from "./wallet-file.ts";

const PHASES: Record<Progress["phase"], PlainKey> = {
  accounts: "backup_accounts_progress",
  key: "backup_key_progress",
  write: "backup_write_progress",
  read: "backup_read_progress",
  apply: "backup_apply_progress",
};

export function WorkNotice({ progress }: { readonly progress: Progress }) {
  const { phase, share } = progress;
  const words = t(PHASES[phase]);
  return (
    <div class="stack-tight">
      <p role="status">{words}</p>
      {share === null ? (
        <progress aria-label={words} />
      ) : (
        <progress aria-label={words} max={1} value={share} />
      )}
      <p class="small soft">{t("backup_stay")}</p>
    </div>
  );
}

/** Counts, each where there is something. */
export function ContentsList({ contents }: { readonly contents: Partial<BackupContentsView> }) {
  const { accounts = 0, purchases = 0, addresses = 0, goods = 0, goodsBytes = 0 } = contents;
  const size = goodsBytes > 0 ? ` (${formatSize(language(), goodsBytes)})` : "";
  return (
    <ul class="points">
      {purchases > 0 && <li>{plural("count_purchases", purchases)}</li>}
      {accounts > 0 && <li>{plural("count_accounts", accounts)}</li>}
      {addresses > 0 && <li>{plural("count_addresses", addresses)}</li>}
      {goods > 0 && (
        <li>
          {plural("count_goods", goods)}
          {size}
        </li>
      )}
    </ul>
  );
}
