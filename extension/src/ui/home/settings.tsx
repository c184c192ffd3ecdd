/** Settings: two choices, what the wallet may do and why, and what it is made of. */
import { useState } from "preact/hooks";
import type { SettingsView } from "../../messages.ts";
import { LinkButton } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { type PlainKey, t } from "../i18n.ts";
import { walletVersion } from "../platform.ts";
import { useAction, useRequest } from "../request.ts";
import { Loading } from "./loading.tsx";
import { LoyaltySection } from "./loyalty.tsx";
import { href, type Route } from "./router.ts";

export function SettingsPage() {
  const followed = useRequest("settings", {});
  return (
    <>
      <h1 tabIndex={-1}>{t("settings_title")}</h1>
      {followed.value === null ? (
        <Loading followed={followed} />
      ) : (
        <Choices settings={followed.value} onValue={followed.put} />
      )}
      <LoyaltySection />
      <section class="sheet stack-tight">
        <h2>{t("backup_title")}</h2>
        <p class="small soft">{t("backup_intro")}</p>
        <BackupLink route={{ name: "backup" }} label="backup_make" hint="backup_make_hint" />
        <BackupLink route={{ name: "restore" }} label="backup_restore" hint="backup_restore_hint" />
      </section>
      <section class="sheet stack-tight">
        <h2>{t("settings_permissions")}</h2>
        <ul class="points">
          <li>{t("permission_pages")}</li>
          <li>{t("permission_storage")}</li>
          <li>{t("permission_alarms")}</li>
        </ul>
      </section>
      <section class="sheet stack-tight">
        <h2>{t("settings_about")}</h2>
        <p>{t("settings_version", { version: walletVersion() })}</p>
        <p>{t("settings_licence")}</p>
        <p class="small soft">{t("settings_libraries")}</p>
        <p class="small soft">{t("settings_paper")}</p>
      </section>
    </>
  );
}

function BackupLink(props: {
  readonly route: Route;
  readonly label: PlainKey;
  readonly hint: PlainKey;
}) {
  return (
    <div>
      <LinkButton href={href(props.route)} wide>
        {t(props.label)}
      </LinkButton>
      <p class="hint">{t(props.hint)}</p>
    </div>
  );
}

interface ChoicesProps {
  readonly settings: SettingsView;
  readonly onValue: (settings: SettingsView) => void;
}

function Choices({ settings, onValue }: ChoicesProps) {
  const action = useAction();
  const [said, setSaid] = useState("");
  const save = (changed: Partial<SettingsView>) => {
    setSaid("");
    void action.run("saveSettings", { ...settings, ...changed }, (value) => {
      onValue(value);
      setSaid(t("settings_saved"));
    });
  };
  return (
    <section class="sheet stack-tight">
      <h2>{t("settings_behaviour")}</h2>
      <Switch
        label={t("settings_open_window")}
        hint={t("settings_open_window_hint")}
        checked={settings.openWindow}
        onChange={(openWindow) => save({ openWindow })}
      />
      <Switch
        label={t("settings_keep_goods")}
        hint={t("settings_keep_goods_hint")}
        checked={settings.keepGoods}
        onChange={(keepGoods) => save({ keepGoods })}
      />
      <p role="status" class="small soft">
        {said}
      </p>
      {action.failure && <FailureNotice failure={action.failure} />}
    </section>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Switch({ label, hint, checked, onChange }: SwitchProps) {
  return (
    <label class="choice choice-plain">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <span class="strong">{label}</span>
        <br />
        <span class="small soft">{hint}</span>
      </span>
    </label>
  );
}
