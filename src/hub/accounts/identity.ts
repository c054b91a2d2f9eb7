/**
 * Who asks for tokens for a connection by identity, through the app's `@azure/identity`. Mirrors
 * AzureComponentFactory.CreateTokenCredential.
 */
import type { TokenCredential } from '../../azure-storage/clients/storage-access.ts';
import type { Identity } from '../../config/identity-connection.ts';
import { BackendUnavailableError } from '../../core/errors.ts';
import { loadOptionalPackage } from '../../function-app/optional-package.ts';
import { errorText } from '../../telemetry/log-events.ts';

/** What is used of `@azure/identity`; the same in its versions 3 and 4, and in 1 and 2 but for `resourceId`. */
interface IdentityPackage {
  readonly DefaultAzureCredential: new (options: {
    readonly tenantId?: string;
    readonly managedIdentityClientId?: string;
  }) => TokenCredential;
  readonly ManagedIdentityCredential: new (
    identity?: string | { readonly resourceId: string },
  ) => TokenCredential;
  readonly ClientSecretCredential: new (
    tenantId: string,
    clientId: string,
    clientSecret: string,
  ) => TokenCredential;
}

/** @throws {NotSupportedError} when `@azure/identity` is not installed. */
export function openIdentity(
  identity: Identity,
  settingName: string,
  scriptRoot: string,
): TokenCredential {
  const identityPackage = loadOptionalPackage({
    name: '@azure/identity',
    neededBy: `The connection '${settingName}', which is one by identity,`,
    folders: [scriptRoot, import.meta.dirname],
  }) as IdentityPackage;
  return explained(credentialOf(identity, identityPackage), settingName);
}

/** Says what to do when there is no token; the package's own errors go over many lines. */
function explained(credential: TokenCredential, settingName: string): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') throw error;
        const reason = errorText(error).replaceAll(/\s+/g, ' ');
        throw new BackendUnavailableError(
          `There is no token for the connection '${settingName}', which is one by identity. Sign in on this machine (az login), or see that the app's identity is set up: ${reason}`,
          { cause: error },
        );
      }
    },
  };
}

function credentialOf(identity: Identity, identityPackage: IdentityPackage): TokenCredential {
  switch (identity.kind) {
    case 'default': {
      const { tenantId, clientId } = identity;
      return new identityPackage.DefaultAzureCredential({
        ...(tenantId !== undefined && { tenantId }),
        ...(clientId !== undefined && { managedIdentityClientId: clientId }),
      });
    }
    case 'managedIdentity': {
      const { clientId, resourceId } = identity;
      const which = clientId ?? (resourceId === undefined ? undefined : { resourceId });
      return new identityPackage.ManagedIdentityCredential(which);
    }
    case 'clientSecret': {
      const { tenantId, clientId, clientSecret } = identity;
      return new identityPackage.ClientSecretCredential(tenantId, clientId, clientSecret);
    }
  }
}
