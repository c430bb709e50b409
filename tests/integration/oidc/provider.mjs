// SPDX-License-Identifier: Apache-2.0
//
// A real OpenID Connect provider for tests: client credentials, access tokens
// as JWTs, its keys at /jwks. The only argument is a JSON file:
//   port, certificate, key   where it listens (https)
//   modules                  the node_modules folder with oidc-provider
//   folder                   where it keeps keys between runs
//   keys                     names "KTY-NUMBER", e.g. RSA-1, EC-2, OKP-1; the
//                            first one signs
//   clients                  {id: {claims}}; the secret is "secret of ID"
//   lifetime                 of tokens, seconds
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:https';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const setup = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { default: Provider } = await import(
  pathToFileURL(join(setup.modules, 'oidc-provider/lib/index.js')).href);

const ALGORITHMS = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' };

function keyNamed(name) {
  const file = join(setup.folder, `${name}.json`);
  if (!existsSync(file)) {
    const kind = name.split('-')[0];
    const { privateKey } =
      kind === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : kind === 'EC' ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('ed25519');
    const jwk = privateKey.export({ format: 'jwk' });
    writeFileSync(file, JSON.stringify({ ...jwk, kid: name, use: 'sig' }));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const issuer = `https://127.0.0.1:${setup.port}`;
const algorithm = ALGORITHMS[setup.keys[0].split('-')[0]];
const provider = new Provider(issuer, {
  jwks: { keys: setup.keys.map(keyNamed) },
  clients: Object.keys(setup.clients).map((id) => ({
    client_id: id,
    client_secret: `secret of ${id}`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: algorithm,
  })),
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'],
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'sql',
        audience: resource,
        accessTokenTTL: setup.lifetime,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: algorithm, kid: setup.keys[0] } },
      }),
    },
  },
  scopes: ['sql'],
  extraTokenClaims: (ctx, token) => setup.clients[token.clientId],
});

createServer({
  cert: readFileSync(setup.certificate),
  key: readFileSync(setup.key),
}, provider.callback()).listen(setup.port, '127.0.0.1', () => {
  console.log('listening');
});
