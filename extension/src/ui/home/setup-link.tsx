/** Step 1: the activation link, pasted; or the code of a letter, with the operator's address. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FailureView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { t } from "../i18n.ts";
import { activationLinkOf, isActivationCode } from "../present/activation.ts";
import { href } from "./router.ts";

interface SetupLinkProps {
  readonly initial: string;
  readonly busy: boolean;
  readonly failure: FailureView | null;
  readonly onLink: (link: string) => void;
}

export function SetupLink({ initial, busy, failure, onLink }: SetupLinkProps) {
  const [link, setLink] = useState(initial);
  const [address, setAddress] = useState("");
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const addressField = useRef<HTMLInputElement>(null);
  const needsAddress = isActivationCode(link);
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
        } else if (needsAddress && address.trim() === "") {
          setError(t("setup_address_error"));
          addressField.current?.focus();
        } else {
          onLink(activationLinkOf(link, address));
        }
      }}
    >
      <Slip>
        <SlipPart>
          <h1 tabIndex={-1}>{t("setup_link_title")}</h1>
          <Field
            label={t("setup_link_label")}
            hint={t("setup_link_hint")}
            error={needsAddress ? null : error}
          >
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
          {needsAddress && (
            <Field label={t("setup_address_label")} hint={t("setup_address_hint")} error={error}>
              {(wiring) => (
                <input
                  {...wiring}
                  ref={addressField}
                  class="input"
                  name="operator-address"
                  inputMode="url"
                  autocomplete="off"
                  spellcheck={false}
                  maxLength={200}
                  required
                  value={address}
                  onInput={(event) => {
                    setAddress(event.currentTarget.value);
                    setError(null);
                  }}
                />
              )}
            </Field>
          )}
          {failure && <FailureNotice failure={failure} />}
          <Button submit look="primary" wide large busy={busy}>
            {busy ? t("loading") : t("setup_continue")}
          </Button>
          <LinkButton href={href({ name: "restore" })} look="quiet" wide>
            {t("setup_have_backup")}
          </LinkButton>
        </SlipPart>
      </Slip>
    </form>
  );
}
