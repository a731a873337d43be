// Fetches three pinned npm packages with `npm pack`, checks each against its integrity, and writes the few files that
// the playground needs into the folder given as argument. Anything unexpected ends it with one line on stderr.
import { execFileSync } from 'node:child_process';
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

const out = process.argv[2];
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

// One call for all three; gives up after half a minute rather than hold a build up without network.
function pack() {
  const wanted = packages.map(({ name, version }) => `${name}@${version}`);
  const patience = ['--fetch-retries=1', '--fetch-retry-maxtimeout=2000', '--fetch-timeout=30000'];
  const options = { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'], timeout: 120_000 };
  const windows = process.platform === 'win32';
  execFileSync(windows ? 'npm.cmd' : 'npm', ['pack', ...wanted, ...patience], { ...options, shell: windows });
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
