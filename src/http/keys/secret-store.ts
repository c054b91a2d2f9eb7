/**
 * Where keys are kept, as the key ring sees it: small texts by name, each replaced as a whole and only by who has read the last
 * version. So hosts that start at once agree on one set of keys, and none undoes the rotation of another.
 */
export interface SecretStore {
  /** For people: `/app/data/Functions/secrets`. */
  readonly place: string;
  /** @returns undefined when there is none of that name. @throws {Error} when the store cannot be read. */
  read(name: string): Promise<StoredSecrets | undefined>;
  /**
   * @param version that was read; undefined when there was none.
   * @returns false, with nothing written, when there is another version meanwhile.
   * @throws {Error} when the store cannot be written.
   */
  write(name: string, text: string, version: string | undefined): Promise<boolean>;
}

export interface StoredSecrets {
  readonly text: string;
  readonly version: string;
}
