'use strict'
/*
 * What has to be true before any TypeScript of the project can run: a Node of at least 24, and, in a
 * checkout, the dependencies of `package-lock.json`. Plain CommonJS that any Node from 20 on reads,
 * because it is what brings the newer one. Used by `bin/moldau` and `scripts/node.cjs`.
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

/** A checkout has sources; the published package has only what was built from them. */
const isCheckout = fs.existsSync(path.join(root, 'src', 'cli', 'main.ts'))

/** Ends with a sentence instead of a stack trace. */
function fail(message) {
  process.stderr.write(`moldau: ${message}\n`)
  process.exit(1)
}

/** Where a brought Node lives: inside the checkout, else in the user's cache. */
function nodeHome() {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const home = isCheckout ? path.join(root, '.node') : path.join(cache, 'moldau')
  return path.join(home, `node-${NODE_VERSION}-${process.platform}-${process.arch}`)
}

/** The program npm itself, so that it can be run by a chosen Node. */
function npmProgram() {
  const candidates = [process.env.npm_execpath]
  for (const folder of (process.env.PATH || '').split(path.delimiter)) {
    candidates.push(path.join(folder, 'npm'), path.join(folder, 'node_modules/npm/bin/npm-cli.js'))
  }
  for (const candidate of candidates) {
    if (!candidate) continue
    try {
      const real = fs.realpathSync(candidate)
      if (path.basename(real) === 'npm-cli.js') return real
    } catch {
      // Not there: the next folder may have it.
    }
  }
  return fail('npm was not found on PATH; install Node.js with npm, then run this again')
}

/** Runs npm under `node`, with that Node first on PATH for whatever npm starts. */
function npm(node, args, cwd) {
  const env = { ...process.env }
  env.PATH = path.dirname(node) + path.delimiter + (env.PATH || '')
  delete env.npm_config_prefix
  const done = spawnSync(node, [npmProgram(), ...args, '--no-audit', '--no-fund'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (done.status !== 0) {
    const output = `${done.stdout || ''}${done.stderr || ''}`.trim().split('\n').slice(-15).join('\n')
    fail(`npm ${args.join(' ')} failed in ${cwd}:\n${output}`)
  }
}

/** Runs `work` in one process at a time; the others wait for it. */
function exclusively(lockPath, work) {
  const deadline = Date.now() + INSTALL_WAIT_MS
  fs.mkdirSync(path.dirname(lockPath), { recursive: true })
  for (;;) {
    try {
      fs.writeFileSync(lockPath, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') {
        return fail(`${path.dirname(lockPath)} is not writable (${error.code}); nothing was installed`)
      }
    }
    if (!isOwnerAlive(lockPath)) fs.rmSync(lockPath, { force: true })
    else if (Date.now() > deadline) return fail(`another installation still holds ${lockPath}`)
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
  try {
    work()
  } finally {
    fs.rmSync(lockPath, { force: true })
  }
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

/** @returns the path of a Node of at least `NEEDED_MAJOR`: this one, or one that is brought. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath
  const home = nodeHome()
  const isWindows = process.platform === 'win32'
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const node = path.join(home, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node')
  if (fs.existsSync(node)) return node
  exclusively(`${home}.lock`, () => {
    if (fs.existsSync(node)) return
    process.stderr.write(
      `moldau: this is Node ${process.versions.node}; bringing Node ${NODE_VERSION} (once)\n`,
    )
    const fresh = `${home}.${process.pid}`
    fs.mkdirSync(fresh, { recursive: true })
    fs.writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }\n')
    npm(process.execPath, ['install', '--no-save', `${name}@${NODE_VERSION}`], fresh)
    fs.rmSync(home, { recursive: true, force: true })
    fs.renameSync(fresh, home)
  })
  if (!fs.existsSync(node)) {
    fail(`no Node ${NODE_VERSION} is published for ${process.platform}-${process.arch}; install Node 24`)
  }
  return node
}

/** Installs the dependencies of a checkout when they are absent or another lock file's. */
function ensureDependencies(node) {
  if (!isCheckout) return
  const lockFile = fs.readFileSync(path.join(root, 'package-lock.json'))
  const wanted = createHash('sha256').update(lockFile).digest('hex')
  const mark = path.join(root, 'node_modules', '.moldau-installed')
  const installed = () => {
    try {
      return fs.readFileSync(mark, 'utf8') === wanted
    } catch {
      return false
    }
  }
  if (installed()) return
  exclusively(path.join(root, '.node', 'install.lock'), () => {
    if (installed()) return
    process.stderr.write('moldau: installing dependencies (once)\n')
    npm(node, ['ci'], root)
    fs.writeFileSync(mark, wanted)
  })
}

/**
 * Continues in another Node. Replaces this process where the platform can; elsewhere the child is
 * given a pipe on descriptor 3, and ends with it, so that even `kill -9` leaves nothing behind.
 */
function continueIn(node, args) {
  const env = { ...process.env }
  env.PATH = path.dirname(node) + path.delimiter + (env.PATH || '')
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...args], env)
  }
  env.MOLDAU_PARENT_PIPE = '3'
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

module.exports = { root, isCheckout, ensureNode, ensureDependencies, continueIn, fail }
