/** The yardstick: an Express application that sends bytes that it was given, and files as Express sends files. */
import express, { type RequestHandler } from "express";
import { serveForBench } from "./serve.ts";

const app = express();
const whole = express.raw({ type: () => true, limit: "1mb" });

serveForBench(app, (order) => {
  if (order.order !== "answer") return;
  for (const { method, path, status, type, body } of order.answers) {
    const bytes = typeof body === "string" ? undefined : Buffer.from(body);
    const answer: RequestHandler = (_request, response) => {
      response.status(status).type(type);
      if (typeof body === "string") response.sendFile(body, { dotfiles: "allow" });
      else response.send(bytes);
    };
    if (method === "GET") app.get(path, answer);
    else app.post(path, whole, answer);
  }
  app.use("/files", express.static(order.directory));
});
