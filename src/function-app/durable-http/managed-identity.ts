/**
 * Tokens of the app's managed identity, or of whoever is signed in on a developer's machine, through `@azure/identity`. Few apps
 * need it, so the package is the app's: it is loaded at the first token.
 */
import { describeThrown } from '../failure-text.ts';
import { loadOptionalPackage } from '../optional-package.ts';
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
  const { DefaultAzureCredential } = loadOptionalPackage({
    name: PACKAGE,
    neededBy: 'A tokenSource of callHttp',
    folders,
  }) as IdentityPackage;
  return new DefaultAzureCredential({
    ...(authorityHost !== undefined && { authorityHost }),
    ...(tenantId !== undefined && { tenantId }),
  });
}
