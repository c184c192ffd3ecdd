/** The passphrase of a new backup: suggested and shown, or one's own, typed twice. */
import { useState } from "preact/hooks";
import { strengthOf, suggestPassphrase } from "../../cts/backup/passphrase.ts";
import { Button } from "../components/button.tsx";
import { type PlainKey, t } from "../i18n.ts";
import { backupDeps } from "../platform.ts";
import { PassphraseField } from "./passphrase-field.tsx";

const STRENGTH_WORDS: Record<ReturnType<typeof strengthOf>, PlainKey> = {
  "too-short": "passphrase_too_short",
  weak: "passphrase_weak",
  fair: "passphrase_fair",
  strong: "passphrase_strong",
};

/** What the person chose so far. */
export type PassphraseChoice =
  | { readonly kind: "suggested"; readonly text: string; readonly written: boolean }
  | { readonly kind: "own"; readonly text: string; readonly again: string };

export const suggestedChoice = (): PassphraseChoice => ({
  kind: "suggested",
  text: suggestPassphrase(backupDeps.randomBytes),
  written: false,
});

/** What is still wrong with the choice; null: it can be used. */
export function choiceError(choice: PassphraseChoice): PlainKey | null {
  if (choice.kind === "suggested") return choice.written ? null : "passphrase_written_error";
  const strength = strengthOf(choice.text);
  if (strength === "too-short" || strength === "weak") return STRENGTH_WORDS[strength];
  return choice.text === choice.again ? null : "passphrase_differs";
}

interface PassphraseChoiceProps {
  readonly choice: PassphraseChoice;
  /** Shown where the choice cannot be used. */
  readonly error: PlainKey | null;
  readonly onChange: (choice: PassphraseChoice) => void;
}

export function PassphraseChooser({ choice, error, onChange }: PassphraseChoiceProps) {
  return (
    <>
      <h2>{t("passphrase_title")}</h2>
      {choice.kind === "suggested" ? (
        <Suggested choice={choice} error={error} onChange={onChange} />
      ) : (
        <Own choice={choice} error={error} onChange={onChange} />
      )}
    </>
  );
}

function Suggested(
  props: PassphraseChoiceProps & { readonly choice: { readonly kind: "suggested" } },
) {
  const { choice, error, onChange } = props;
  return (
    <>
      <p>{t("passphrase_suggested")}</p>
      <p class="passphrase" data-passphrase>
        {choice.text}
      </p>
      <label class="choice choice-plain">
        <input
          type="checkbox"
          checked={choice.kind === "suggested" && choice.written}
          aria-invalid={error === null ? undefined : "true"}
          aria-describedby={error === null ? undefined : "written-error"}
          onChange={(event) => onChange({ ...choice, written: event.currentTarget.checked })}
        />
        <span class="strong">{t("passphrase_written")}</span>
      </label>
      <div role="alert" id="written-error">
        {error && <p class="error">{t(error)}</p>}
      </div>
      <div class="row">
        <Button icon="refresh" onClick={() => onChange(suggestedChoice())}>
          {t("passphrase_another")}
        </Button>
        <Button look="quiet" onClick={() => onChange({ kind: "own", text: "", again: "" })}>
          {t("passphrase_own")}
        </Button>
      </div>
    </>
  );
}

function Own(props: PassphraseChoiceProps & { readonly choice: { readonly kind: "own" } }) {
  const { choice, error, onChange } = props;
  const [shown, setShown] = useState(false);
  const differs = error === "passphrase_differs";
  return (
    <>
      <PassphraseField
        label={t("passphrase_label")}
        hint={t("passphrase_hint")}
        name="passphrase"
        value={choice.text}
        shown={shown}
        onShown={setShown}
        error={error !== null && !differs ? t(error) : null}
        onInput={(text) => onChange({ ...choice, text })}
      />
      <p class="small" role="status">
        {choice.text !== "" && error === null && t(STRENGTH_WORDS[strengthOf(choice.text)])}
      </p>
      <PassphraseField
        label={t("passphrase_again")}
        name="passphrase-again"
        value={choice.again}
        shown={shown}
        error={differs ? t("passphrase_differs") : null}
        onInput={(again) => onChange({ ...choice, again })}
      />
      <div class="row">
        <Button look="quiet" onClick={() => onChange(suggestedChoice())}>
          {t("passphrase_suggest")}
        </Button>
      </div>
    </>
  );
}
