/** Leads to the page of an instance; an entity is one whose id says so. */
import { routeHref } from '../route.ts';

export function InstanceLink({ id }: { readonly id: string }) {
  const [, name, key = ''] = /^@([^@]+)@(.*)$/s.exec(id) ?? [];
  return (
    <a href={name === undefined ? routeHref(['instances', id]) : entityHref(name, key)}>
      <code>{id}</code>
    </a>
  );
}

/** @param key may be empty. */
export function entityHref(name: string, key: string): string {
  return routeHref(key === '' ? ['entities', name] : ['entities', name, key]);
}
