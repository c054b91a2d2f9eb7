/**
 * Who may do what at the public address of the management API: whoever has the system key of the extension or the master key, does
 * everything; a signed link opens its operation on its instance. The API may be read-only for all of them. The SDK's own port asks
 * for no key. The key rule mirrors the policy SystemKeyAuthLevel of the Functions host.
 */
import { presentedKey } from '../auth.ts';
import type { LocalCallers } from '../local-callers.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { SignedLinks } from '../keys/signed-links.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import type { LinkTarget } from './management-urls.ts';
import type { Query } from './query.ts';

export interface AccessRequest {
  readonly request: Request;
  readonly query: Query;
  /** False for what only reads. */
  readonly changes: boolean;
  /** What the request is about, where a signed link can allow it. */
  readonly target?: LinkTarget | undefined;
}

export interface ManagementAccess {
  /** Whether nobody may change anything. */
  readonly isReadOnly: boolean;
  /** The answer to a request that may not go on; undefined for one that may. */
  refuse(asked: AccessRequest): Promise<Response | undefined>;
  /** The same for what tells nothing of the hub, and needs no key. */
  refusePage(request: Request): Response | undefined;
}

/** System key of the extension: its webhooks ask for it, by the naming rule of the Functions host. */
export const WEBHOOK_KEY = 'durabletask_extension';

export interface ManagementAccessOptions {
  /** undefined: open to everybody. */
  readonly keys: KeyRing | undefined;
  /** undefined: links carry the key. */
  readonly signedLinks: SignedLinks | undefined;
  readonly isReadOnly: boolean;
  /** Who may come where no key is asked for. @default everybody */
  readonly callers?: LocalCallers | undefined;
}

export function createManagementAccess(options: ManagementAccessOptions): ManagementAccess {
  const { keys, isReadOnly, callers } = options;
  return {
    isReadOnly,
    refusePage: (request) => callers?.refuse(request, false),
    refuse: async (asked) => {
      const stranger = callers?.refuse(asked.request, asked.changes);
      if (stranger !== undefined) return stranger;
      if (keys !== undefined && !(await hasKey(asked.request, keys))) {
        const refusal = refusalOfLink(asked, options.signedLinks);
        if (refusal !== undefined) return refusal;
      }
      return isReadOnly && asked.changes ? readOnlyAnswer() : undefined;
    },
  };
}

async function hasKey(request: Request, keys: KeyRing): Promise<boolean> {
  const key = presentedKey(request);
  const match = key === undefined ? undefined : await keys.match(key);
  return match?.level === 'admin' || (match?.level === 'system' && isWebhookKey(match.name));
}

function isWebhookKey(name: string): boolean {
  return name.toLowerCase() === WEBHOOK_KEY;
}

function refusalOfLink(
  { query, target }: AccessRequest,
  signedLinks: SignedLinks | undefined,
): Response | undefined {
  if (signedLinks === undefined || target === undefined) return emptyResponse(401);
  switch (signedLinks.verify(query, target)) {
    case 'unsigned':
      return emptyResponse(401);
    case 'forged':
      return messageResponse(
        401,
        'The signature of this link is not valid for this operation on this instance. Use a link as it was given, and ask for a new one if keys were rotated.',
      );
    case 'expired':
      return messageResponse(403, 'This link has expired. Ask for a new one.');
    case 'valid':
      return query.flag('recursive') === true
        ? messageResponse(
            403,
            'A signed link is for one instance: recursive=true, which is for those below it too, needs the key.',
          )
        : undefined;
  }
}

function readOnlyAnswer(): Response {
  return messageResponse(
    403,
    "The management API is read-only here (extensions.durableTask.managementApi is 'readOnly'): status and lists can be read, nothing can be started or changed.",
  );
}
