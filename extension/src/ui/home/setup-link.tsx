/** Step 1: the activation link, pasted. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FailureView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { t } from "../i18n.ts";

interface SetupLinkProps {
  readonly initial: string;
  readonly busy: boolean;
  readonly failure: FailureView | null;
  readonly onLink: (link: string) => void;
}

export function SetupLink({ initial, busy, failure, onLink }: SetupLinkProps) {
  const [link, setLink] = useState(initial);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (link.trim() === "") {
          setError(t("setup_link_error"));
          field.current?.focus();
          return;
        }
        onLink(link.trim());
      }}
    >
      <Slip>
        <SlipPart>
          <h1 tabIndex={-1}>{t("setup_link_title")}</h1>
          <Field label={t("setup_link_label")} hint={t("setup_link_hint")} error={error}>
            {(wiring) => (
              <textarea
                {...wiring}
                ref={field}
                class="input"
                name="activation-link"
                rows={4}
                autocomplete="off"
                spellcheck={false}
                maxLength={2_000}
                required
                value={link}
                onInput={(event) => {
                  setLink(event.currentTarget.value);
                  setError(null);
                }}
              />
            )}
          </Field>
          {failure && <FailureNotice failure={failure} />}
          <Button submit look="primary" wide large busy={busy}>
            {busy ? t("loading") : t("setup_continue")}
          </Button>
        </SlipPart>
      </Slip>
    </form>
  );
}
