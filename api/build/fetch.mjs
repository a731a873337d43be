// Fetches three pinned npm packages with `npm pack`, checks each against its integrity, and writes the few files that
// the playground needs into the folder given as first argument. Anything unexpected ends it with one line on stderr.
// The second argument is how many seconds npm may take, 120 when absent.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const packages = [
  {
    name: 'graphiql',
    version: '3.9.0',
    sha512: 'rJYFlHdBbug9+YbFSwRVvgfPjCayC7wHecZkx/qB4XLuQPFQZw/yB9pmHFtOJV6RiNBBHro3u1GdocKa3YcGRA==',
    files: ['graphiql.min.js', 'graphiql.min.css'],
  },
  {
    name: 'react',
    version: '18.3.1',
    sha512: 'wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==',
    files: ['umd/react.production.min.js'],
  },
  {
    name: 'react-dom',
    version: '18.3.1',
    sha512: '5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==',
    files: ['umd/react-dom.production.min.js'],
  },
];

const [out, seconds = '120'] = process.argv.slice(2);
const folder = mkdtempSync(join(out, 'npm-'));
try {
  pack();
  packages.forEach(extract);
} catch (error) {
  console.error(error.message.split('\n')[0]);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// One call for all three. It gives up soon rather than hold a build up where there is no network: npm waits 10 to 60
// seconds before it tries again unless it is told both bounds, and refuses a longest wait below the shortest.
function pack() {
  const wanted = packages.map(({ name, version }) => `${name}@${version}`);
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'];
  const asked = ['pack', ...wanted, ...patience, '--fetch-timeout=30000', '--loglevel=error', '--color=false'];
  const windows = process.platform === 'win32';
  const options = { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', shell: windows };
  const npm = spawnSync(windows ? 'npm.cmd' : 'npm', asked, { ...options, timeout: Number(seconds) * 1000 });
  if (npm.error?.code === 'ETIMEDOUT') throw new Error(`npm took more than ${seconds} seconds`);
  if (npm.error) throw new Error(`npm cannot be started (${npm.error.code})`);
  if (npm.status !== 0) throw new Error(`npm: ${reason(npm.stderr)}`);
}

// What npm said, in one short line: without the prefix of each line, the stack, which is indented, and the log's place.
function reason(stderr) {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, ''));
  const needless = /^$|^\s|^\}|^(syscall|errno) |^A complete log of this run/;
  const told = lines.filter((line) => !needless.test(line)).join('; ');
  return told.length > 300 ? `${told.slice(0, 300)}…` : told || 'it failed without a word';
}

function extract({ name, version, sha512, files }) {
  const packed = readFileSync(join(folder, `${name}-${version}.tgz`));
  if (createHash('sha512').update(packed).digest('base64') !== sha512) {
    throw new Error(`${name} ${version} is not what it was when it was pinned`);
  }
  const entries = untar(gunzipSync(packed));
  for (const file of files) {
    const content = entries.get(`package/${file}`);
    if (content === undefined) throw new Error(`${name} ${version} has no ${file}`);
    writeFileSync(join(out, file.replace(/^.*\//, '')), content);
  }
}

// A tar file is a row of headers of 512 bytes, each with its content padded to 512 bytes. The names wanted here are
// short, so that no extended header is needed to read them.
function untar(tar) {
  const entries = new Map();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from, length) => tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 12), 8);
    entries.set(text(0, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}
