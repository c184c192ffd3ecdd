/** The home page's screens and the fragments that name them (`home.html#/purchases/<id>`). Pure. */
export type Route =
  | { readonly name: "home" }
  | { readonly name: "setup"; readonly link: string }
  | { readonly name: "history" }
  | { readonly name: "purchase"; readonly purchaseId: string }
  | { readonly name: "account"; readonly accountKey: string }
  | { readonly name: "addresses" }
  | { readonly name: "settings" };

const IDENTIFIER = /^[A-Za-z0-9_-]{1,64}$/;

/** The route of a fragment; what is not known leads home. */
export function parseRoute(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split("?", 2);
  const [, first = "", id = ""] = path.split("/");
  switch (first) {
    case "setup":
      return { name: "setup", link: new URLSearchParams(query).get("link") ?? "" };
    case "purchases":
      if (id === "") return { name: "history" };
      return IDENTIFIER.test(id) ? { name: "purchase", purchaseId: id } : { name: "history" };
    case "accounts":
      return IDENTIFIER.test(id) ? { name: "account", accountKey: id } : { name: "home" };
    case "addresses":
      return { name: "addresses" };
    case "settings":
      return { name: "settings" };
    default:
      return { name: "home" };
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
    case "account":
      return `#/accounts/${route.accountKey}`;
    case "addresses":
      return "#/addresses";
    case "settings":
      return "#/settings";
  }
}
