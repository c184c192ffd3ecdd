/** The wallets of an account: which there are, shutting one out, adding another computer. */
import { useState } from "preact/hooks";
import type { AccountView, DevicesView, DeviceView } from "../../messages.ts";
import { AccountNotice } from "../components/account-notice.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { plural, t } from "../i18n.ts";
import { type Followed, request, useRequest } from "../request.ts";
import { useAsking } from "../watch.ts";
import { BackLink } from "./back-link.tsx";
import { DeviceFacts, DeviceItem } from "./device-item.tsx";
import { Invite } from "./invite.tsx";
import { Loading } from "./loading.tsx";

interface DevicesPageProps {
  readonly accountKey: string;
  readonly popup: boolean;
}

export function DevicesPage({ accountKey, popup }: DevicesPageProps) {
  const followed = useRequest("overview", {});
  const account = followed.value?.accounts.find((one) => one.accountKey === accountKey);
  return (
    <>
      <BackLink to={{ name: "account", accountKey }} label={t("account_title")} />
      <h1 tabIndex={-1}>{t("devices_title")}</h1>
      {followed.value === null && <Loading followed={followed} />}
      {followed.value !== null && account === undefined && (
        <FailureNotice failure={{ code: "unknown-account", detail: "" }} />
      )}
      {account && <OfAccount account={account} popup={popup} onChange={followed.again} />}
    </>
  );
}

interface OfAccountProps {
  readonly account: AccountView;
  readonly popup: boolean;
  readonly onChange: () => void;
}

/** A wallet that was shut out, or has no PIN yet, is not told of the others: it says what it needs instead. */
function OfAccount({ account, popup, onChange }: OfAccountProps) {
  const told = account.condition !== "device-revoked" && account.condition !== "awaiting-pin";
  return (
    <>
      <AccountNotice account={account} onChange={onChange} />
      {told && <Devices account={account} popup={popup} />}
    </>
  );
}

function Devices({ account, popup }: Omit<OfAccountProps, "onChange">) {
  const { accountKey } = account;
  const followed = useRequest("devices", { accountKey }, false);
  const [invited, setInvited] = useState(false);
  const { value } = followed;
  const waiting = invited || value?.devices.some(isAwaited) === true;
  useAsking(value !== null && waiting, async () => {
    const reply = await request("devices", { accountKey });
    if (reply.ok) followed.put(reply.value);
    return reply.ok ? null : reply.failure;
  });
  if (value === null) return <Loading followed={followed} />;
  return (
    <>
      <p class="soft">
        <bdi>{account.operator}</bdi>: {t("devices_intro")}
      </p>
      <DeviceList accountKey={accountKey} devices={value.devices} followed={followed} />
      <Invite accountKey={accountKey} popup={popup} onInvited={() => setInvited(true)} />
    </>
  );
}

const isAwaited = ({ state, pin }: DeviceView) => state === "active" && pin === "awaiting-pin";

interface DeviceListProps {
  readonly accountKey: string;
  readonly devices: readonly DeviceView[];
  readonly followed: Pick<Followed<DevicesView>, "put">;
}

function DeviceList({ accountKey, devices, followed }: DeviceListProps) {
  const [gone, setGone] = useState<string | null>(null);
  const active = devices.filter(({ state }) => state === "active");
  const revoked = devices.filter(({ state }) => state === "revoked");
  return (
    <>
      <p role="status" class="only-heard">
        {gone !== null && t("device_revoked_done", { name: gone })}
      </p>
      <ul class="sheet-list">
        {active.map((device) => (
          <DeviceItem
            key={device.deviceId}
            accountKey={accountKey}
            device={device}
            onRevoked={(value) => {
              setGone(device.name);
              followed.put(value);
            }}
          />
        ))}
      </ul>
      {active.length === 1 && <p class="soft">{t("devices_only_one")}</p>}
      {revoked.length > 0 && (
        <details class="sheet">
          <summary>{plural("devices_revoked", revoked.length)}</summary>
          <ul class="stack">
            {revoked.map((device) => (
              <li key={device.deviceId} class="stack-tight">
                <bdi class="strong">{device.name}</bdi>
                <DeviceFacts device={device} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
