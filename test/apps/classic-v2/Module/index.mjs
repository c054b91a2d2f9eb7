export const unused = 1;

export async function run(context, name) {
  return `module ${name}`;
}
