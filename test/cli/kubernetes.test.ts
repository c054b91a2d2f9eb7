/** The manifests of docs/kubernetes.md, checked against the schemas of Kubernetes and of KEDA, and against each other. */
import { readFileSync } from 'node:fs';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const page = readFileSync(new URL('../../docs/kubernetes.md', import.meta.url), 'utf8');

const MODELS = { Secret, Deployment, Service, TriggerAuthentication, ScaledObject } as const;
type Kind = keyof typeof MODELS;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: Kind;
}

const manifests = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(
  ([, text = '']) => parse(text, { strict: true, uniqueKeys: true }) as Manifest,
);

function only(kind: Kind): Manifest | undefined {
  return manifests.find((each) => each.kind === kind);
}

function check(manifest: Manifest): void {
  const Model = MODELS[manifest.kind];
  new Model(manifest as never).validate();
}

describe('the manifests for Kubernetes', () => {
  it('are of all the kinds that an app needs', () => {
    expect(new Set(manifests.map(({ kind }) => kind))).toEqual(new Set(Object.keys(MODELS)));
  });

  it.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    'has a %s as its schema wants it',
    (_kind, manifest) => {
      const { apiVersion, kind } = MODELS[manifest.kind] as unknown as Manifest;
      expect(manifest).toMatchObject({ apiVersion, kind });
      check(manifest);
      expect(() => {
        check({ ...manifest, metadata: 'none' } as never);
      }).toThrow('metadata');
    },
  );

  it('belong together', () => {
    const secret = only('Secret') as unknown as Secret;
    const deployment = only('Deployment') as unknown as Deployment;
    const service = only('Service') as unknown as Service;
    const authentication = only('TriggerAuthentication') as unknown as TriggerAuthentication;
    const { template, selector } = deployment.spec ?? {};
    const [container] = template?.spec?.containers ?? [];
    const keys = Object.keys(secret.stringData ?? {});

    expect(template?.metadata?.labels).toMatchObject(selector?.matchLabels ?? {});
    expect(service.spec?.selector).toEqual(selector?.matchLabels);
    const names = container?.ports?.map(({ name }) => name);
    expect(names).toContain(service.spec?.ports?.[0]?.targetPort);
    const used = [
      ...(container?.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
      ...(authentication.spec.secretTargetRef ?? []),
    ];
    expect(used.length).toBeGreaterThan(1);
    for (const { name, key } of used) {
      expect(name).toBe(secret.metadata?.name);
      expect(keys).toContain(key);
    }
    for (const scaled of manifests.filter(({ kind }) => kind === 'ScaledObject')) {
      const { spec } = scaled as unknown as ScaledObject;
      expect(spec.scaleTargetRef.name).toBe(deployment.metadata?.name);
      const [trigger] = spec.triggers;
      expect(trigger?.authenticationRef?.name).toBe(authentication.metadata?.name);
      const { hostname, pathname } = new URL(trigger?.metadata['url'] ?? '');
      expect([hostname.split('.')[0], pathname]).toEqual([
        service.metadata?.name,
        '/admin/host/scale',
      ]);
      expect(trigger?.metadata).toMatchObject({
        valueLocation: 'wantedWorkers',
        keyParamName: 'x-functions-key',
      });
    }
  });
});
