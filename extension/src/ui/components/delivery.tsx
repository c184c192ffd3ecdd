/** How physical goods come. */
import type { PurchaseView } from "../../messages.ts";
import { formatDays } from "../format.ts";
import { language, t } from "../i18n.ts";
import { addressLines } from "../present/address.ts";
import { countryNames } from "../present/countries.ts";
import { LinkButton } from "./button.tsx";
import { Icon } from "./icon.tsx";

export function Delivery({ purchase }: { readonly purchase: PurchaseView }) {
  const { delivery, address } = purchase;
  if (delivery === null) return null;
  const days = formatDays(language(), delivery.expectedFrom, delivery.expectedUntil);
  return (
    <section aria-labelledby="delivery-title" class="stack-tight">
      <h2 id="delivery-title" class="row">
        <Icon name="truck" /> {t("delivery")}
      </h2>
      <p>
        <bdi>{delivery.text}</bdi>
      </p>
      <dl class="facts facts-wide">
        {days !== "" && <Fact name={t("delivery_expected")} value={days} />}
        {delivery.carrier !== null && (
          <Fact name={t("delivery_carrier")} value={delivery.carrier} />
        )}
        {address !== null && (
          <>
            <dt>{t("delivery_address")}</dt>
            <dd>
              {addressLines(address, countryNames(language())).map((line) => (
                <span key={line} class="address-line">
                  {line}
                </span>
              ))}
            </dd>
          </>
        )}
      </dl>
      {delivery.trackingUrl !== null && (
        <LinkButton href={delivery.trackingUrl} away icon="open">
          {t("delivery_track")}
        </LinkButton>
      )}
    </section>
  );
}

/** One line of a list of facts. */
export function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}
