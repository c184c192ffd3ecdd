/** Something to be copied somewhere else: what it is, the text, and a button. */
import { useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { copyText } from "../platform.ts";
import { Button } from "./button.tsx";

interface CopyableProps {
  readonly name: string;
  /** As it is copied. */
  readonly value: string;
  /** As it is read, where that is another form of it. */
  readonly shown?: string;
  readonly hint?: string;
}

export function Copyable({ name, value, shown = value, hint }: CopyableProps) {
  const [told, setTold] = useState<string | null>(null);
  return (
    <div class="copyable">
      <dt class="small soft">{name}</dt>
      <dd class="copyable-value">
        <bdi>{shown}</bdi>
        {hint !== undefined && <span class="small soft">{hint}</span>}
        <span role="status" class="small">
          {told}
        </span>
      </dd>
      <dd>
        <Button
          label={t("funding_copy_named", { name })}
          onClick={() => {
            void copyText(value).then((done) =>
              setTold(done ? t("funding_copied", { name }) : t("funding_copy_failed")),
            );
          }}
        >
          {t("funding_copy")}
        </Button>
      </dd>
    </div>
  );
}
