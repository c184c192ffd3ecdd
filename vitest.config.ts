import { defineConfig } from "vitest/config";

/** One project a package, so that `npm run unit -- --project protocol` runs that package alone. */
const project = (name: string, globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include: [`${name}/test/**/*.test.{ts,tsx}`], globalSetup },
});

export default defineConfig({
  test: {
    projects: [
      project("protocol"),
      project("extension"),
      project("merchant-sdk"),
      // One embedded database for all of its test files.
      project("tps-server", ["tps-server/test/support/global-setup.ts"]),
      project("demo"),
      // One for the simulation, whose seeds have a database each.
      project("simulation", ["simulation/test/support/global-setup.ts"]),
      project("bench"),
      project("scripts"),
    ],
    // Two processors, and a database or an `npm install` in some tests: be patient, hide no hang.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    unstubGlobals: true,
    restoreMocks: true,
  },
});
