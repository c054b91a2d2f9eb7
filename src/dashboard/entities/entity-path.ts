/** Where the API has one entity. It has a name for the empty key. */
export function pathOfEntity(name: string, key: string): readonly string[] {
  return ['entities', name, key === '' ? '$' : key];
}
