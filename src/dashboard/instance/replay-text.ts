/** What GET /instances/{instanceId}/replay has said, for people who have never heard of a replay. Pure. */

/** A step, or an end: of which `message` is that of the exception. */
export interface ReplayedStep {
  readonly kind:
    | 'activity'
    | 'subOrchestration'
    | 'timer'
    | 'sendEvent'
    | 'completed'
    | 'failed'
    | 'continuedAsNew';
  readonly name?: string;
  readonly message?: string;
}

export interface ReplayAnswer {
  readonly isFinished: boolean;
  readonly eventCount: number;
  readonly verdict: 'same' | 'changed' | 'cannotContinue' | 'notReplayed';
  readonly reason: string | null;
  readonly step: {
    readonly eventId: number | null;
    /** Place in the history of the event that says otherwise. */
    readonly index: number | null;
    readonly recorded: ReplayedStep | null;
    readonly asked: ReplayedStep | null;
  } | null;
}

/** The outcome in a few words, and what follows from it. */
export function verdictText({ verdict, isFinished }: ReplayAnswer): {
  readonly title: string;
  readonly text: string;
} {
  switch (verdict) {
    case 'same':
      return {
        title: 'The same',
        text: isFinished
          ? 'Today’s code does all that is in the history, and would end the same way.'
          : 'Today’s code does all that is in the history: the instance goes on with it.',
      };
    case 'changed':
      return {
        title: 'Different',
        text: isFinished
          ? 'Today’s code would not have ended the same way.'
          : 'Today’s code does something else from here on. The history has nothing against it: the instance goes on, the new way.',
      };
    case 'cannotContinue':
      return {
        title: isFinished ? 'Contradicts the history' : 'Cannot go on',
        text: isFinished
          ? 'Today’s code does not do what the history says. The instance has ended, so that nothing happens to it; a rewind would fail.'
          : 'Today’s code does not do what the history says: the instance fails with its next message, unless the former code is put back.',
      };
    case 'notReplayed':
      return { title: 'Not replayed', text: 'Nothing can be said about it.' };
  }
}

export function recordedText({ recorded, index }: NonNullable<ReplayAnswer['step']>): string {
  if (recorded === null) return 'nothing yet';
  const text = stepText(recorded);
  return index === null ? text : `${text} (event ${index.toLocaleString('en')})`;
}

export function askedText({ asked }: NonNullable<ReplayAnswer['step']>): string {
  return asked === null ? 'nothing: it waits' : stepText(asked);
}

function stepText({ kind, name = '', message }: ReplayedStep): string {
  switch (kind) {
    case 'activity':
      return `the activity ${name}`;
    case 'subOrchestration':
      return `the sub-orchestration ${name}`;
    case 'timer':
      return 'a timer';
    case 'sendEvent':
      return name === 'op' ? 'a request to an entity' : `the event ${name}, sent to others`;
    case 'completed':
      return 'the end, with an output';
    case 'failed':
      return message === undefined ? 'the end, by a failure' : `a failure: ${message}`;
    case 'continuedAsNew':
      return 'a new beginning (continue as new)';
  }
}
