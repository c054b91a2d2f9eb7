/** The management API as an OpenAPI 3.1 document, for those who generate clients, and for people. */
import { OPERATIONS } from './paths.ts';
import { SCHEMAS } from './schemas.ts';

const HUB = [
  { name: 'taskHub', in: 'query', schema: { type: 'string' } },
  { name: 'connection', in: 'query', schema: { type: 'string' } },
];
const UNAUTHORIZED = { description: 'A key is needed, where keys are on.' };

export const OPENAPI_DOCUMENT: Readonly<Record<string, unknown>> = {
  openapi: '3.1.0',
  info: {
    title: 'Management API of Durable Functions',
    version: '1',
    description:
      'The HTTP API of the Durable Functions extension of Azure Functions, and what docs/api.md adds to it.',
  },
  // Beside this document.
  servers: [{ url: '.' }],
  security: [{ header: [] }, { query: [] }, {}],
  paths: Object.fromEntries(
    Object.entries(OPERATIONS).map(([path, operations]) => [
      path,
      {
        parameters: HUB,
        ...Object.fromEntries(
          Object.entries(operations).map(([method, { answers, ...operation }]) => [
            method,
            { ...operation, responses: { ...answers, 401: UNAUTHORIZED } },
          ]),
        ),
      },
    ]),
  ),
  components: {
    schemas: SCHEMAS,
    securitySchemes: {
      header: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
      query: { type: 'apiKey', in: 'query', name: 'code' },
    },
  },
};
