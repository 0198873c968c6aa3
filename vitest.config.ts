import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', testTimeout: 60_000, include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/config-errors/**/*.test.ts', 'test/golden/**/*.test.ts', 'test/property/**/*.test.ts'] } },
      // Everything that starts real processes: one file at a time, two cores.
      { test: { name: 'process', include: ['test/process/**/*.test.ts', 'test/cli/**/*.test.ts', 'test/conformance/{fake,process}.test.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 } },
      // Needs a container engine and the images that .ci/run builds; skips loudly without, fails when DEVCLUSTER_REQUIRE_DOCKER=1.
      { test: { name: 'docker', include: ['test/docker/**/*.test.ts', 'test/conformance/docker.test.ts'], fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
})
