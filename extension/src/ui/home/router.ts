/** The home page's screens and the fragments that name them (`home.html#/purchases/<id>`). Pure. */
export type Route =
  | { readonly name: "home" }
  | { readonly name: "setup"; readonly link: string }
  | { readonly name: "history" }
  | { readonly name: "purchase"; readonly purchaseId: string }
  /** Asks the shop for a purchase's money. */
  | { readonly name: "refund"; readonly purchaseId: string }
  | { readonly name: "account"; readonly accountKey: string }
  | { readonly name: "devices"; readonly accountKey: string }
  | { readonly name: "statements"; readonly accountKey: string }
  | { readonly name: "statement"; readonly accountKey: string; readonly month: string }
  | { readonly name: "funding"; readonly accountKey: string }
  | { readonly name: "addresses" }
  | { readonly name: "settings" }
  | { readonly name: "backup" }
  | { readonly name: "restore" }
  /** Connects an account that a backup brought. */
  | { readonly name: "connect"; readonly accountKey: string };

const MONTH = /^[0-9]{4}-(0[1-9]|1[0-2])$/;
const IDENTIFIER = /^[A-Za-z0-9_-]{1,64}$/;

/** The route of a fragment; what is not known leads home. */
export function parseRoute(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split("?", 2);
  const [, first = "", id = "", part = "", more = ""] = path.split("/");
  switch (first) {
    case "setup":
      return { name: "setup", link: new URLSearchParams(query).get("link") ?? "" };
    case "purchases":
      if (id === "") return { name: "history" };
      if (!IDENTIFIER.test(id)) return { name: "history" };
      return { name: part === "refund" ? "refund" : "purchase", purchaseId: id };
    case "accounts":
      if (!IDENTIFIER.test(id)) return { name: "home" };
      return accountRoute(id, part, more);
    case "addresses":
      return { name: "addresses" };
    case "settings":
      return { name: "settings" };
    case "backup":
      return { name: "backup" };
    case "restore":
      return { name: "restore" };
    case "connect":
      return IDENTIFIER.test(id) ? { name: "connect", accountKey: id } : { name: "home" };
    default:
      return { name: "home" };
  }
}

function accountRoute(accountKey: string, part: string, more: string): Route {
  switch (part) {
    case "devices":
      return { name: "devices", accountKey };
    case "statements":
      return MONTH.test(more)
        ? { name: "statement", accountKey, month: more }
        : { name: "statements", accountKey };
    case "add-money":
      return { name: "funding", accountKey };
    default:
      return { name: "account", accountKey };
  }
}

/** The link to a route. */
export function href(route: Route): string {
  switch (route.name) {
    case "home":
      return "#/";
    case "setup":
      return route.link === "" ? "#/setup" : `#/setup?link=${encodeURIComponent(route.link)}`;
    case "history":
      return "#/purchases";
    case "purchase":
      return `#/purchases/${route.purchaseId}`;
    case "refund":
      return `#/purchases/${route.purchaseId}/refund`;
    case "account":
      return `#/accounts/${route.accountKey}`;
    case "devices":
      return `#/accounts/${route.accountKey}/devices`;
    case "statements":
      return `#/accounts/${route.accountKey}/statements`;
    case "statement":
      return `#/accounts/${route.accountKey}/statements/${route.month}`;
    case "funding":
      return `#/accounts/${route.accountKey}/add-money`;
    case "addresses":
      return "#/addresses";
    case "settings":
      return "#/settings";
    case "backup":
      return "#/backup";
    case "restore":
      return "#/restore";
    case "connect":
      return `#/connect/${route.accountKey}`;
  }
}
