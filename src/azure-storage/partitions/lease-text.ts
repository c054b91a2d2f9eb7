/** What a lease blob says, as .NET engines write it. Mirrors Lease, whose members Newtonsoft writes in this order. */

export interface LeaseText {
  /** The name of the worker that took the lease; undefined when it was given back, or never taken. */
  readonly owner: string | undefined;
  /** The id of the owner's lease: who knows it can take it over. */
  readonly token: string | undefined;
  /** How often it was taken. */
  readonly epoch: number;
}

export const NOBODYS: LeaseText = { owner: undefined, token: undefined, epoch: 0 };

export function formatLease(controlQueue: string, { owner, token, epoch }: LeaseText): string {
  return JSON.stringify({
    PartitionId: controlQueue,
    Owner: owner ?? null,
    Token: token ?? null,
    Epoch: epoch,
  });
}

/** A text that cannot be understood is nobody's: whoever takes the lease writes a new one. */
export function parseLease(text: string): LeaseText {
  const { Owner: owner, Token: token, Epoch: epoch } = membersOf(text);
  return {
    owner: typeof owner === 'string' && owner.trim() !== '' ? owner : undefined,
    token: typeof token === 'string' && token !== '' ? token : undefined,
    epoch: typeof epoch === 'number' ? epoch : 0,
  };
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
