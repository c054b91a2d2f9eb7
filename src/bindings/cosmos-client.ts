/** What is used of `@azure/cosmos`, which is the app's own package; the same in all of its versions 4. */

export interface CosmosClient {
  readonly databases: Creatable<{ readonly id: string }>;
  database(id: string): CosmosDatabase;
}

export interface CosmosContainer {
  readonly items: { upsert(document: Readonly<Record<string, unknown>>): Promise<unknown> };
}

interface CosmosDatabase {
  readonly containers: Creatable<{
    readonly id: string;
    readonly partitionKey?: { readonly paths: string[] };
    readonly throughput?: number;
  }>;
  container(id: string): CosmosContainer;
}

interface Creatable<Definition> {
  createIfNotExists(definition: Definition): Promise<unknown>;
}
