/** `npm run prepack`: what the npm package runs. Node refuses to strip types below node_modules, so the
 *  package carries JavaScript, bundled into few files because reading hundreds costs 100 ms at start. */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  legalComments: 'none',
})
