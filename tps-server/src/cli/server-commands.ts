/** `init` and `serve`. */
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS, type LogLevel } from "../http/log.ts";
import { initialiseIssuer } from "../issuer/issuer.ts";
import { publishKeyList } from "../keys/key-list.ts";
import { LIMITS } from "../limits.ts";
import { startTps } from "../start.ts";
import { startWorkers, type WorkersOptions } from "../workers/serve.ts";
import { isWorkerProcess } from "../workers/supervise.ts";
import { type CliContext, existingStorage, type GlobalOptions, withNewStorage } from "./context.ts";
import { wholeNumber } from "./numbers.ts";
import { fields, json } from "./output.ts";

interface InitOptions extends GlobalOptions {
  readonly issuer: string;
  readonly operator: string;
  readonly telephone: string;
  readonly currency: string;
  readonly scale: number;
}

interface ServeOptions extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly workers: number;
  readonly metricsPort?: number;
  readonly settleEvery?: number;
}

/** Adds the commands. */
export function addServerCommands(program: Command, context: CliContext): void {
  program
    .command("init")
    .description("set up the issuer and its keys (again to change name or telephone number)")
    .requiredOption("--issuer <origin>", "web origin under which wallets reach this server")
    .requiredOption("--operator <name>", "name of the operator as wallets show it")
    .requiredOption("--telephone <number>", "number of the telephone service")
    .option("--currency <code>", "currency of all accounts", "EUR")
    .option("--scale <decimals>", "decimals of the smallest unit", wholeNumber, 4)
    .action((_options, command: Command) => init(context, command.optsWithGlobals<InitOptions>()));
  program
    .command("serve")
    .description("run the server until it is told to stop")
    .addOption(
      new Option("--host <address>", "address to listen on").env("CHIT_HOST").default("127.0.0.1"),
    )
    .addOption(
      new Option("--port <number>", "port to listen on")
        .env("CHIT_PORT")
        .argParser(wholeNumber)
        .default(8420),
    )
    .addOption(
      new Option("--workers <number>", 'processes that serve, or "cores" for one each')
        .env("CHIT_WORKERS")
        .argParser(workerNumber)
        .default(1),
    )
    .addOption(
      new Option("--metrics-port <number>", "port for /metrics, for your monitoring alone")
        .env("CHIT_METRICS_PORT")
        .argParser(wholeNumber),
    )
    .addOption(
      new Option("--settle-every <hours>", 'settle by itself; else "settle" does, by hand or cron')
        .env("CHIT_SETTLE_EVERY")
        .argParser(hours),
    )
    .addOption(
      new Option("--log-level <level>").choices(LOG_LEVELS).env("CHIT_LOG_LEVEL").default("info"),
    )
    .action((_options, command: Command) =>
      serve(context, command.optsWithGlobals<ServeOptions>()),
    );
}

async function init(context: CliContext, options: InitOptions): Promise<void> {
  const { issuer: origin, operator, telephone, currency, scale } = options;
  await withNewStorage(context, options, async (deps) => {
    const issuer = await initialiseIssuer(deps, { origin, operator, telephone, currency, scale });
    await publishKeyList(deps);
    context.out(
      options.json
        ? json(issuer)
        : fields([
            ["issuer", issuer.origin],
            ["operator", issuer.operator],
            ["telephone", issuer.telephone],
            ["currency", `${issuer.currency} with ${issuer.scale} decimals`],
          ]),
    );
  });
}

async function serve(context: CliContext, options: ServeOptions): Promise<void> {
  const { host, port, logLevel, workers, metricsPort, settleEvery } = options;
  const storage = existingStorage(context, options);
  const settleEverySeconds = settleEvery === undefined ? undefined : settleEvery * 3_600;
  const { platform } = context;
  const common = { ...storage, host, port, logLevel, settleEverySeconds, platform };
  if (isWorkerProcess()) {
    const tps = await startTps(common);
    await context.untilStopped();
    return tps.close();
  }
  if (workers > 1) return serveWithWorkers(context, { ...common, workers, metricsPort });
  const tps = await startTps({ ...common, metricsPort });
  context.say(`Chit TPS of ${tps.issuer} listens on ${tps.address}. Ctrl-C stops it.`);
  await context.untilStopped();
  context.say("Stopping: answering what is under way.");
  await tps.close();
}

async function serveWithWorkers(
  context: CliContext,
  options: Omit<WorkersOptions, "args" | "say">,
): Promise<void> {
  const { args, say } = context;
  const running = await startWorkers({ ...options, args, say });
  say(
    `Chit TPS of ${running.issuer} listens on ${running.address} with ${options.workers} workers. SIGUSR2 replaces them, Ctrl-C stops them.`,
  );
  context.onReplace(() => {
    say("Replacing the workers, one after another.");
    running.replaceAll().then(
      () => say("All workers are new."),
      (error: unknown) =>
        say(`Not all workers were replaced: ${error instanceof Error ? error.message : error}`),
    );
  });
  await context.untilStopped();
  say("Stopping: answering what is under way.");
  await running.close();
}

function workerNumber(text: string): number {
  const value = text === "cores" ? availableParallelism() : wholeNumber(text);
  if (value >= 1 && value <= LIMITS.workers) return value;
  if (text === "cores") return LIMITS.workers;
  throw new InvalidArgumentError(`Expected a number from 1 to ${LIMITS.workers}, or "cores".`);
}

/** Up to a month. */
function hours(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1 && value <= 744) return value;
  throw new InvalidArgumentError("Expected whole hours, 1 to 744.");
}
