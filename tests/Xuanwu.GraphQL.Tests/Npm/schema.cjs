// node schema.cjs FILE: what npm graphql makes of our introspection and our SDL; FILE is {introspection, sdl}.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const load = createRequire(process.env.XUANWU_NPM + '/x.js');
const { buildClientSchema, buildSchema, validateSchema, lexicographicSortSchema, printSchema } = load('graphql');
const { introspection, sdl } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const client = buildClientSchema(introspection);
const text = buildSchema(sdl);
const faults = [...validateSchema(client), ...validateSchema(text)].map((it) => it.message);
const print = (schema) => printSchema(lexicographicSortSchema(schema));
console.log(JSON.stringify({ faults, same: print(client) === print(text), client: print(client), text: print(text) }));
