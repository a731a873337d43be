// Runs every audit of graphql-http against the address given as argument; what is not passed ends it with 1.
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2] });
for (const { id, name, status, reason } of results) {
  console.log(`${status} ${id} ${name}${reason ? `: ${reason}` : ''}`);
}
process.exitCode = results.every(({ status }) => status === 'ok') ? 0 : 1;
