// Follows a server with the npm clients graphql-ws and graphql-sse, while it creates jobs through them:
//   node clients.mjs NODE_MODULES_FOLDER SERVER_URL graphql-ws|graphql-sse
// Prints what it saw as one line of JSON. Anything unforeseen is an exit code other than 0.
import { createRequire } from 'node:module';

const [folder, server, client] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const name = (number) => `npm-${client}-${number}`;
const create = (number) => ({
  query: 'mutation ($name: String!) { createJob(input: { project: "npm", name: $name, kind: SQL }) { job { name } } }',
  variables: { name: name(number) },
});

function connect() {
  if (client === 'graphql-sse') {
    return require('graphql-sse').createClient({ url: `${server}/graphql`, retryAttempts: 0 });
  }
  return require('graphql-ws').createClient({
    url: `${server.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: require('ws'),
    connectionParams: { 'X-Xuanwu-User': 'npm' },
    keepAlive: 50, // pings of the client's own, which the server has to answer
    retryAttempts: 0,
  });
}

async function single(connection, request) {
  for await (const response of connection.iterate(request)) return response;
  throw new Error('The operation ended without a response.');
}

const connection = connect();
const seen = [];
const answer = await single(connection, { query: '{ __typename }' });
let after = (await single(connection, { query: '{ events(last: 1) { nodes { sequence } } }' }))
  .data.events.nodes[0].sequence;

const query = 'subscription ($after: Long) { events(after: $after, types: ["job_created"]) { sequence data } }';
for (let number = 0; number < 6; number += 2) {
  await single(connection, create(number)); // while nobody is subscribed
  const events = connection.iterate({ query, variables: { after } });
  for await (const response of events) {
    if (response.errors) throw new Error(JSON.stringify(response.errors));
    after = response.data.events.sequence;
    seen.push(response.data.events.data.Name);
    if (seen.length === number + 2) break; // the client completes the subscription
    await single(connection, create(number + 1));
  }
}

let refused;
try {
  refused = (await single(connection, { query: 'subscription { nope }' })).errors;
} catch (errors) {
  refused = errors; // graphql-ws throws the payload of an error message
}
await connection.dispose();
console.log(JSON.stringify({ typename: answer.data.__typename, seen, refused: refused[0].message }));
