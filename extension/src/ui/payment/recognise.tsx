/** The box by which a shop that asks may recognise the shopper from now on. */
import { t } from "../i18n.ts";

interface RecogniseProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Recognise({ checked, onChange }: RecogniseProps) {
  return (
    <label class="choice choice-plain">
      <input
        type="checkbox"
        name="recognise"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {t("recognise_label")}
        <br />
        <span class="small soft">{t("recognise_hint")}</span>
      </span>
    </label>
  );
}
