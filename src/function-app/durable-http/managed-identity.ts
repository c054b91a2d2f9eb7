/**
 * Tokens of the app's managed identity, or of whoever is signed in on a developer's machine, through `@azure/identity`. Few apps
 * need it, so the package is the app's: it is loaded at the first token.
 */
import { createRequire } from 'node:module';
import { NotSupportedError } from '../../core/errors.ts';
import { describeThrown } from '../failure-text.ts';
import type { TokenProvider, TokenRequest } from './token-source.ts';

const PACKAGE = '@azure/identity';

/** What is used of the package; the same in its versions 1 to 4. */
interface IdentityPackage {
  readonly DefaultAzureCredential: new (options: {
    readonly authorityHost?: string;
    readonly tenantId?: string;
  }) => Credential;
}

interface Credential {
  getToken(
    scope: string,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly token: string } | null>;
}

/** @param folders where the package is looked for, in this order: absolute paths of folders with their node_modules. */
export function managedIdentityTokens(folders: readonly string[]): TokenProvider {
  // They keep their tokens until shortly before those expire.
  const credentials = new Map<string, Credential>();
  return async (request, signal) => {
    const key = JSON.stringify([request.authorityHost, request.tenantId]);
    const credential = credentials.get(key) ?? newCredential(folders, request);
    credentials.set(key, credential);
    try {
      const token = await credential.getToken(request.scope, { abortSignal: signal });
      if (token === null) throw new Error('There is none.');
      return token.token;
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(
        `There is no managed identity token for '${request.scope}': ${describeThrown(error).message}`,
        { cause: error },
      );
    }
  };
}

function newCredential(
  folders: readonly string[],
  { authorityHost, tenantId }: TokenRequest,
): Credential {
  const { DefaultAzureCredential } = loadPackage(folders);
  return new DefaultAzureCredential({
    ...(authorityHost !== undefined && { authorityHost }),
    ...(tenantId !== undefined && { tenantId }),
  });
}

function loadPackage(folders: readonly string[]): IdentityPackage {
  for (const folder of folders) {
    const require = createRequire(`${folder}/`);
    if (isThere(require)) return require(PACKAGE) as IdentityPackage;
  }
  throw new NotSupportedError(
    `A tokenSource of callHttp needs the package ${PACKAGE}. Install it in the app: npm install ${PACKAGE}`,
  );
}

function isThere(require: NodeJS.Require): boolean {
  try {
    require.resolve(PACKAGE);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')
      return false;
    throw error;
  }
}
