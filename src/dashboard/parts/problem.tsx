/** What went wrong with what was asked of the host, told also to who does not see it. Nothing where nothing has. */
export function Problem({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
