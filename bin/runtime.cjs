'use strict'
/*
 * What has to be true before any TypeScript of the project can run: a Node of at least 24, and, in a
 * checkout, the dependencies of `package-lock.json`. Plain CommonJS that any Node from 20 on reads,
 * because it is what brings the newer one. Used by `bin/moldau` and `scripts/node.cjs`; why it is
 * done so is in docs/decisions/0005-the-launcher-brings-node.md.
 */
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const root = path.dirname(__dirname)
const NEEDED_MAJOR = 24
/** The Node that is brought where the machine's own is older. npm carries one package per platform. */
const NODE_VERSION = '24.21.0'
/** How long one process waits for another that is installing. */
const INSTALL_WAIT_MS = 600_000
/** Ms between two looks whether npx is still there. */
const NPX_LOOK_MS = 1_000
/** Lines of npm's output that are shown when it fails. */
const SHOWN_LINES = 15

/** A checkout has sources; the published package has only what was built from them. */
const isCheckout = fs.existsSync(path.join(root, 'src', 'cli', 'main.ts'))

/** The set-up cannot be done. The message is a sentence for whoever started the program. */
class SetUpError extends Error {}

/**
 * Does all set-up that is missing.
 * @returns the path of the Node to go on with. Where none can be had, it says why and ends the process.
 */
function prepare() {
  try {
    const node = ensureNode()
    if (isCheckout) ensureDependencies(node)
    return node
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    process.stderr.write(`moldau: ${error.message}\n`)
    return process.exit(1)
  }
}

/** The path of a Node of at least `NEEDED_MAJOR`: this one, or one that is brought. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath
  const home = nodeHome()
  const name = `node-${process.platform}-${process.arch}`
  const node = path.join('node_modules', name, 'bin', 'node')
  if (!fs.existsSync(path.join(home, node))) {
    exclusively(`${home}.lock`, () => {
      if (!fs.existsSync(path.join(home, node))) bringNode(home, name, node)
    })
  }
  return path.join(home, node)
}

/** Where a brought Node lives: inside the checkout, else in the user's cache. */
function nodeHome() {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const home = isCheckout ? path.join(root, '.node') : path.join(cache, 'moldau')
  return path.join(home, `node-${NODE_VERSION}-${process.platform}-${process.arch}`)
}

/** Installs npm's package of Node beside `home`, tries it, and only then gives it its place. */
function bringNode(home, name, node) {
  const own = `this is Node ${process.versions.node}`
  process.stderr.write(`moldau: ${own}; bringing Node ${NODE_VERSION} into ${home} (once)\n`)
  const fresh = `${home}.${process.pid}`
  try {
    fs.mkdirSync(fresh, { recursive: true })
    fs.writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }\n')
    npm(process.execPath, ['install', '--no-save', `${name}@${NODE_VERSION}`], fresh)
    const tried = spawnSync(path.join(fresh, node), ['--version'], { encoding: 'utf8' })
    if (tried.status !== 0) {
      throw new SetUpError(
        `${own}, and the Node ${NODE_VERSION} that npm has for ${process.platform}-${process.arch} ` +
          `does not run here; install Node ${NEEDED_MAJOR} or newer`,
      )
    }
    fs.rmSync(home, { recursive: true, force: true })
    fs.renameSync(fresh, home)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
  }
}

/** Installs the dependencies of a checkout when they are absent or another lock file's. */
function ensureDependencies(node) {
  const lockFile = fs.readFileSync(path.join(root, 'package-lock.json'))
  const wanted = createHash('sha256').update(lockFile).digest('hex')
  const mark = path.join(root, 'node_modules', '.moldau-installed')
  const isInstalled = () => fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted
  if (isInstalled()) return
  exclusively(path.join(root, '.node', 'install.lock'), () => {
    if (isInstalled()) return
    process.stderr.write('moldau: installing dependencies (once)\n')
    // Said outright, because a machine's own settings may leave these out.
    npm(node, ['ci', '--include=dev', '--include=optional'], root)
    fs.writeFileSync(mark, wanted)
  })
}

/**
 * Runs npm under `node`, with that Node first on PATH for whatever npm starts: npm leaves native
 * packages out silently whose `engines` ask for a newer Node than the one it runs in.
 */
function npm(node, args, cwd) {
  const env = withNode(node)
  delete env.npm_config_prefix
  const done = spawnSync(node, [npmProgram(), ...args, '--no-audit', '--no-fund'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (done.status === 0) return
  const output = `${done.stdout || ''}${done.stderr || ''}`.trim().split('\n').slice(-SHOWN_LINES)
  throw new SetUpError(`npm ${args.join(' ')} failed in ${cwd}:\n${output.join('\n')}`)
}

/** The program npm itself, so that it can be run by a chosen Node. */
function npmProgram() {
  const candidates = [process.env.npm_execpath]
  for (const folder of (process.env.PATH || '').split(path.delimiter)) {
    candidates.push(path.join(folder, 'npm'))
  }
  for (const candidate of candidates) {
    if (!candidate || !fs.existsSync(candidate)) continue
    const real = fs.realpathSync(candidate)
    if (path.basename(real) === 'npm-cli.js') return real
  }
  throw new SetUpError('npm was not found on PATH; install Node.js with npm, then run this again')
}

/** Runs `work` in one process at a time; the others wait for it. */
function exclusively(lockPath, work) {
  const deadline = Date.now() + INSTALL_WAIT_MS
  while (!takeLock(lockPath)) {
    if (Date.now() > deadline) throw new SetUpError(`another installation still holds ${lockPath}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
  try {
    work()
  } finally {
    fs.rmSync(lockPath, { force: true })
  }
}

/** Takes the lock if it is free, and clears it away if its owner is dead. */
function takeLock(lockPath) {
  try {
    fs.mkdirSync(path.dirname(lockPath), { recursive: true })
    fs.writeFileSync(lockPath, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') {
      const where = path.dirname(lockPath)
      throw new SetUpError(`nothing can be installed in ${where} (${error.code})`)
    }
  }
  if (!isOwnerAlive(lockPath)) fs.rmSync(lockPath, { force: true })
  return false
}

function isOwnerAlive(lockPath) {
  try {
    const pid = Number(fs.readFileSync(lockPath, 'utf8'))
    if (pid) process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** This process's environment with `node` first on PATH. */
function withNode(node) {
  const found = process.env.PATH || ''
  return { ...process.env, PATH: path.dirname(node) + path.delimiter + found }
}

/**
 * Stops with npx, which starts a command through a shell that passes no signal on: when that shell is
 * gone, so is whoever wanted the command. Looking is the only way to notice.
 */
function followNpx() {
  if (process.env.npm_command !== 'exec') return
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, NPX_LOOK_MS)
  timer.unref()
}

/**
 * Continues in another Node. Replaces this process where Node can do that; elsewhere this process
 * stays, passes signals on and ends as its child ends. The child follows it through a pipe
 * (`follow-launcher.cjs`), so that even `kill -9` leaves nothing behind.
 */
function continueIn(node, args) {
  const env = withNode(node)
  process.execve?.(node, [node, ...args], env)
  const follow = path.join(__dirname, 'follow-launcher.cjs')
  const child = spawn(node, ['--require', follow, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...env, MOLDAU_LAUNCHER: String(process.pid) },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => {
    process.stderr.write(`moldau: ${node} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

module.exports = { root, isCheckout, prepare, continueIn, followNpx }
