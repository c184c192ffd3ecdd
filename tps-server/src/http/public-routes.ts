/** What anybody may read: the issuer's keys, and the pages for people. */
import { ACTIVATION_PAGE_PATH, JWKS_PATH, KEY_LIST_PATH } from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import { homePage } from "../activation/home-page.ts";
import { ACTIVATION_ASSETS, ACTIVATION_PAGE_HEADERS, activationPage } from "../activation/page.ts";
import type { PaymentDeps } from "../payment/process.ts";

const HOME_PATH = "/";

export function addPublicRoutes(app: FastifyInstance, deps: PaymentDeps): void {
  // Wallets and merchants cache the list by its own dates; proxies must not.
  app.get(KEY_LIST_PATH, async (_request, reply) =>
    reply.header("content-type", "application/jwt").send(deps.keyRings.current().keyList.document),
  );
  app.get(JWKS_PATH, async (_request, reply) =>
    reply
      .header("content-type", "application/jwk-set+json")
      .send(deps.keyRings.current().keyList.jwks),
  );
  app.get(HOME_PATH, async (request, reply) =>
    reply
      .headers(ACTIVATION_PAGE_HEADERS)
      .send(homePage(deps.keyRings.current(), request.headers["accept-language"])),
  );
  app.get(ACTIVATION_PAGE_PATH, async (request, reply) =>
    reply
      .headers(ACTIVATION_PAGE_HEADERS)
      .send(activationPage(deps.keyRings.current().issuer, request.headers["accept-language"])),
  );
  for (const [path, { mediaType, content }] of Object.entries(ACTIVATION_ASSETS)) {
    app.get(path, async (_request, reply) =>
      reply.headers({ "content-type": mediaType, "cache-control": "no-cache" }).send(content),
    );
  }
}
