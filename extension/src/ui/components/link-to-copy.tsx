/** A link to hand on: to be marked by hand, or copied with a button. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type PlainKey, t } from "../i18n.ts";
import { copyText } from "../platform.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";

interface LinkToCopyProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly link: string;
  /** Lines that the link mostly takes. */
  readonly rows: number;
  /** Further buttons, beside the one that copies. */
  readonly children?: ComponentChildren;
}

export function LinkToCopy({ label, hint, link, rows, children }: LinkToCopyProps) {
  const [copied, setCopied] = useState<PlainKey | null>(null);
  return (
    <>
      <Field label={label} hint={hint}>
        {(wiring) => (
          <textarea
            {...wiring}
            class="input invite-link"
            rows={rows}
            readOnly
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <div class="row">
        <Button
          look="primary"
          onClick={() => {
            void copyText(link).then((done) =>
              setCopied(done ? "invite_copied" : "invite_copy_failed"),
            );
          }}
        >
          {t("invite_copy")}
        </Button>
        {children}
        <span role="status">{copied !== null && t(copied)}</span>
      </div>
    </>
  );
}
