/** Leads to the page of an instance; an entity is one whose id says so. */
import { routeHref } from '../route.ts';

export function InstanceLink({ id }: { readonly id: string }) {
  const [, name, key] = /^@([^@]+)@(.*)$/s.exec(id) ?? [];
  const path = name === undefined ? ['instances', id] : ['entities', name, key ?? ''];
  return (
    <a href={routeHref(path)}>
      <code>{id}</code>
    </a>
  );
}
