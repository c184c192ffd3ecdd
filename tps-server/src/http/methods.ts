/** What is answered at an address that exists to a method that it does not take, and to a browser that asks first. */
import { createProblem } from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import { sendProblem } from "./reply.ts";

/** Answers whatever no route takes. To be called before the routes are added, which it notes. */
export function answerOtherMethods(app: FastifyInstance): void {
  const routes = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = routes.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    routes.set(url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const [, methods] = [...routes].find(([url]) => matches(url, path)) ?? [];
    if (methods === undefined) {
      return sendProblem(reply, createProblem("not-found", "Check the address."));
    }
    const allow = [...methods].join(", ");
    reply.header("allow", `${allow}, OPTIONS`);
    if (request.method !== "OPTIONS") {
      return sendProblem(reply, createProblem("method-not-allowed", `Use ${allow}.`));
    }
    return reply
      .headers({
        "access-control-allow-methods": `${allow}, OPTIONS`,
        "access-control-allow-headers": "*",
        "access-control-max-age": "86400",
      })
      .code(204)
      .send();
  });
}

/** Whether a path is one of a route's, whose address may have parameters: `/v1/applications/:id`. */
function matches(url: string, path: string): boolean {
  const expected = url.split("/");
  const actual = path.split("/");
  return (
    expected.length === actual.length &&
    expected.every((segment, index) => segment.startsWith(":") || segment === actual[index])
  );
}
