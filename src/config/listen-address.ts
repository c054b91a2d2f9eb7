/**
 * Where platforms that run containers want the host to listen: `PORT`, and `ASPNETCORE_URLS` as the images of Azure Functions have it.
 * Both win over local.settings.json, which is for a developer's machine.
 */
import type { Environment } from './app-setting.ts';
import type { Findings } from './config-error.ts';

export interface ListenAddress {
  readonly port?: number;
  readonly address?: string;
}

const MAX_PORT = 65_535;

export function listenAddress(environment: Environment, findings: Findings): ListenAddress {
  const { PORT: port, ASPNETCORE_URLS: urls } = environment;
  return {
    ...(urls !== undefined && urls.trim() !== '' && fromUrls(urls, findings)),
    ...(port !== undefined && port.trim() !== '' && fromPort(port, findings)),
  };
}

function fromPort(text: string, findings: Findings): ListenAddress {
  const port = Number(text);
  if (/^\s*\d+\s*$/.test(text) && port <= MAX_PORT) return { port };
  report('PORT', text, `a whole number from 0 to ${MAX_PORT}`, findings);
  return {};
}

/** The first one without TLS: `http://+:80;https://+:443`. */
function fromUrls(text: string, findings: Findings): ListenAddress {
  const [, host = '', port = '80'] =
    /(?:^|;)\s*http:\/\/(\[[^\]]*\]|[^:/;[\]]+)(?::(\d+))?/i.exec(text) ?? [];
  if (host !== '' && Number(port) <= MAX_PORT)
    return { address: addressOf(host), port: Number(port) };
  report('ASPNETCORE_URLS', text, 'a URL without TLS, such as http://+:8080', findings);
  return {};
}

function addressOf(host: string): string {
  if (host === '+' || host === '*') return '0.0.0.0';
  return host.toLowerCase() === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
}

function report(path: string, value: string, wanted: string, { problems }: Findings): void {
  problems.push({
    file: 'environment',
    path,
    value: `'${value}'`,
    message: `It has to be ${wanted}.`,
  });
}
