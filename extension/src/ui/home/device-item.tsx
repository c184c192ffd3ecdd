/** One wallet of an account, and how to shut it out. */
import type { DevicesView, DeviceView } from "../../messages.ts";
import { Fact } from "../components/delivery.tsx";
import { formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, type PlainKey, t } from "../i18n.ts";
import { useAction } from "../request.ts";
import { ConfirmAction } from "./confirm-action.tsx";

interface DeviceItemProps {
  readonly accountKey: string;
  readonly device: DeviceView;
  readonly onRevoked: (value: DevicesView) => void;
}

export function DeviceItem({ accountKey, device, onRevoked }: DeviceItemProps) {
  const action = useAction();
  const { deviceId, name, thisDevice } = device;
  return (
    <li class="device">
      <div class="row row-apart">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        {thisDevice && <span class="tag tag-good">{t("devices_this")}</span>}
      </div>
      <DeviceFacts device={device} />
      <ConfirmAction
        label={t("device_revoke")}
        heard={t("device_revoke_named", { name })}
        question={thisDevice ? t("device_revoke_this") : t("device_revoke_question", { name })}
        confirm={t("device_revoke_sure")}
        action={action}
        onConfirm={() => {
          // The answer to shutting out this very wallet is that it is shut out; the account's notice says so.
          void action.run("revokeDevice", { accountKey, deviceId }, onRevoked);
        }}
      />
    </li>
  );
}

const PIN_WORDS: Record<DeviceView["pin"], PlainKey> = {
  "awaiting-pin": "devices_pin_awaiting",
  active: "devices_pin_active",
  locked: "devices_pin_locked",
};

export function DeviceFacts({ device }: { readonly device: DeviceView }) {
  const now = useNow(60);
  const time = (seconds: number) => formatTime(language(), seconds, now);
  const { activatedAt, checkNumber, lastUsedAt, pin, state } = device;
  return (
    <dl class="facts">
      {state === "active" && <Fact name={t("devices_pin")} value={t(PIN_WORDS[pin])} />}
      <Fact
        name={t("devices_used")}
        value={lastUsedAt === null ? t("devices_never_used") : time(lastUsedAt)}
      />
      <Fact name={t("devices_added")} value={time(activatedAt)} />
      {state === "active" && <Fact name={t("check_number")} value={checkNumber} />}
    </dl>
  );
}
