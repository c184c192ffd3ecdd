/** One PostgreSQL for the run. */
import type { TestProject } from "vitest/node";
import { startPostgres } from "../../src/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the simulation's database server. */
    simulationPostgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, release } = await startPostgres();
  project.provide("simulationPostgresUrl", url);
  return release;
}
