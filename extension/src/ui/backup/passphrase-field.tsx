/** A passphrase as it is typed, hidden unless somebody wants to see it. */
import { PASSPHRASE_MOST } from "../../cts/backup/passphrase.ts";
import { Field } from "../components/field.tsx";
import { t } from "../i18n.ts";

interface PassphraseFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly name: string;
  readonly value: string;
  readonly shown: boolean;
  /** With it the field has a box that shows what is typed. */
  readonly onShown?: (shown: boolean) => void;
  readonly error: string | null;
  readonly onInput: (value: string) => void;
}

export function PassphraseField(props: PassphraseFieldProps) {
  const { onShown } = props;
  return (
    <>
      <Field label={props.label} hint={props.hint} error={props.error}>
        {(wiring) => (
          <input
            {...wiring}
            class="input"
            {...({ type: props.shown ? "text" : "password" } as { type: "password" })}
            name={props.name}
            value={props.value}
            maxLength={PASSPHRASE_MOST}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        )}
      </Field>
      {onShown && (
        <label class="choice choice-plain">
          <input
            type="checkbox"
            checked={props.shown}
            onChange={(event) => onShown(event.currentTarget.checked)}
          />
          <span>{t("passphrase_show")}</span>
        </label>
      )}
    </>
  );
}
