/** What a browser sees at `/`: that the host runs, as the Functions host shows it too. */
const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Function app</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem}</style>
</head>
<body>
<h1>Your function app is up and running</h1>
<p>Functions: <a href="/admin/functions">/admin/functions</a>. State of the host: <a href="/admin/host/status">/admin/host/status</a>.</p>
</body>
</html>
`;

export function homePage(): Response {
  return new Response(HTML, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}
