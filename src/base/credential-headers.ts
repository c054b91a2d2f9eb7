/** Which headers prove who the caller is: they never follow a durable HTTP request to another origin. */
const CREDENTIAL_HEADERS: readonly string[] = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-functions-key',
  'x-api-key',
  'api-key',
  'ocp-apim-subscription-key',
];

/** @param name in any case. */
export function isCredentialHeader(name: string): boolean {
  return CREDENTIAL_HEADERS.includes(name.toLowerCase());
}
