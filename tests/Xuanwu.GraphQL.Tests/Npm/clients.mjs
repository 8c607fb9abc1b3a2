// node clients.mjs FILE: asks a server as urql and Apollo Client do; FILE is {url}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const find = createRequire(process.env.XUANWU_NPM + '/x.js');
const load = async (name) => {
  const module = await import(pathToFileURL(find.resolve(name)));
  return module.default?.gql || module.default?.Client ? module.default : module;
};
const { Client, cacheExchange, fetchExchange } = await load('@urql/core');
const { ApolloClient, HttpLink, InMemoryCache, gql } = await load('@apollo/client');
const { url } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const document = 'query ($first: Int) { plans(first: $first) { totalCount nodes { id name } } }';
const variables = { first: 2 };

const urql = new Client({ url, exchanges: [cacheExchange, fetchExchange], preferGetMethod: false });
const posted = await urql.query(document, variables).toPromise();
const got = await urql.query(document, variables, { preferGetMethod: 'force', requestPolicy: 'network-only' }).toPromise();
const refused = await urql.query('{ nope }', {}).toPromise();

const apollo = new ApolloClient({ link: new HttpLink({ uri: url, fetch }), cache: new InMemoryCache() });
const asked = await apollo.query({ query: gql(document), variables });
const fault = await apollo.query({ query: gql('{ nope }') }).catch((it) => it);

const names = (data) => data.plans.nodes.map((it) => it.name);
console.log(JSON.stringify({
  urql: names(posted.data), get: names(got.data), apollo: names(asked.data),
  refused: refused.error.graphQLErrors[0].message, fault: fault.message,
}));
