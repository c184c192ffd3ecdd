/** One step up. */
import { Icon } from "../components/icon.tsx";
import { href, type Route } from "./router.ts";

export function BackLink({ to, label }: { readonly to: Route; readonly label: string }) {
  return (
    <a class="back" href={href(to)}>
      <Icon name="back" />
      <span>{label}</span>
    </a>
  );
}
