/**
 * One function per kind of span, with its name, kind and attributes: those of the .NET extension with tracing V2, so that
 * dashboards and queries made for it find ours. Inputs and outputs are never attributes. Mirrors DurableTask.Core TraceHelper and
 * Schema, and the extension's Correlation/TraceHelper.
 */
import type { SpanSubject } from './tracing.ts';

const CORE = 'DurableTask.Core';
const EXTENSION = 'WebJobs.Extensions.DurableTask';

interface Named {
  readonly name: string;
  readonly version: string | null;
  readonly instanceId: string;
}

/** A client starts an instance. */
export function creationSpan({
  name,
  version,
  instanceId,
  executionId,
}: Named & { readonly executionId: string }): SpanSubject {
  return {
    source: EXTENSION,
    name: `create_orchestration:${version ? `${name}@${version}` : name}`,
    kind: 'producer',
    attributes: {
      'durabletask.type': 'orchestration',
      'durabletask.task.operation': 'create_orchestration',
      'durabletask.task.name': name,
      'durabletask.task.instance_id': instanceId,
      'durabletask.task.execution_id': executionId,
      ...versionOf(version),
    },
  };
}

/** An instance from its first step to its end. */
export function orchestrationSpan(instance: Named & { readonly status: string }): SpanSubject {
  return {
    source: CORE,
    name: versioned('orchestration', instance),
    kind: 'server',
    attributes: {
      ...taskOf('orchestration', instance),
      'durabletask.task.status': instance.status,
    },
  };
}

/** A sub-orchestration as its parent sees it. @param call.instanceId of the parent. */
export function subOrchestrationSpan(call: Named): SpanSubject {
  return {
    source: CORE,
    name: versioned('orchestration', call),
    kind: 'client',
    attributes: taskOf('orchestration', call),
  };
}

/** An activity: as its orchestration sees it, or its run. */
export function activitySpan(
  kind: 'client' | 'server',
  task: Named & { readonly taskId: number },
): SpanSubject {
  return {
    source: CORE,
    name: versioned('activity', task),
    kind,
    attributes: { ...taskOf('activity', task), 'durabletask.task.task_id': task.taskId },
  };
}

/** @param timer.name of the orchestration. */
export function timerSpan(
  timer: Omit<Named, 'version'> & { readonly taskId: number; readonly fireAt: string },
): SpanSubject {
  return {
    source: CORE,
    name: `orchestration:${timer.name}:timer`,
    kind: 'internal',
    attributes: {
      ...taskOf('timer', { ...timer, version: null }),
      'durabletask.fire_at': timer.fireAt,
      'durabletask.task.task_id': timer.taskId,
    },
  };
}

/** A client raises an event. */
export function eventSpan(event: {
  readonly name: string;
  readonly instanceId: string;
}): SpanSubject {
  return {
    source: CORE,
    name: `orchestration_event:${event.name}`,
    kind: 'producer',
    attributes: {
      'durabletask.type': 'event',
      'durabletask.task.name': event.name,
      'durabletask.event.target_instance_id': event.instanceId,
    },
  };
}

interface EntityOperation {
  /** `@name@key` */
  readonly entityId: string;
  readonly operation: string;
  readonly isSignal: boolean;
}

/** A request to an entity as its sender sees it. */
export function entityRequestSpan(request: EntityOperation): SpanSubject {
  return {
    source: EXTENSION,
    name: entitySpanName(request),
    kind: request.isSignal ? 'producer' : 'client',
    attributes: {
      ...entityOf(request),
      'durabletask.event.target_instance_id': request.entityId,
    },
  };
}

/** An entity runs an operation. */
export function entityRunSpan(request: EntityOperation): SpanSubject {
  return {
    source: EXTENSION,
    name: entitySpanName(request),
    kind: request.isSignal ? 'consumer' : 'server',
    attributes: { ...entityOf(request), 'durabletask.task.instance_id': request.entityId },
  };
}

export const ENTITY_ERROR = 'durabletask.entity.error_message';

function taskOf(type: string, { name, version, instanceId }: Named): SpanSubject['attributes'] {
  return {
    'durabletask.type': type,
    'durabletask.task.name': name,
    'durabletask.task.instance_id': instanceId,
    ...versionOf(version),
  };
}

function entityOf({ isSignal }: EntityOperation): SpanSubject['attributes'] {
  return {
    'durabletask.type': 'entity',
    'durabletask.task.operation': isSignal ? 'signal_entity' : 'call_entity',
  };
}

function entitySpanName({ entityId, operation }: EntityOperation): string {
  return `entity:${entityId.slice(1, entityId.indexOf('@', 1))}:${operation}`;
}

function versioned(type: string, { name, version }: Named): string {
  return version ? `${type}:${name}@(${version})` : `${type}:${name}`;
}

function versionOf(version: string | null): SpanSubject['attributes'] {
  return version ? { 'durabletask.task.version': version } : {};
}
