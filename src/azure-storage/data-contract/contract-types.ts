/** The types that members of DurableTask.Core's data contracts have. An absent member is null. */
import type {
  FailureDetails,
  OrchestrationInstance,
  OrchestrationStatus,
  ParentInstance,
  Tags,
  TraceContext,
} from '../../core/history-event.ts';

export interface ContractTypes {
  text: string;
  optionalText: string | null;
  integer: number;
  optionalInteger: number | null;
  flag: boolean;
  time: string;
  optionalTime: string | null;
  status: OrchestrationStatus;
  instance: OrchestrationInstance;
  parent: ParentInstance | null;
  traceContext: TraceContext | null;
  failure: FailureDetails | null;
  tags: Tags | null;
  json: unknown;
}

export type ContractKind = keyof ContractTypes;
