/** The orchestrator was not run, as it has ended the process too often: its messages were tried often enough, at once. */
export class RunRefusedError extends Error {}
