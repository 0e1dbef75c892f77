// A real OpenID provider on a free port of loopback, for tests of signing in. Whoever starts it names the redirect address
// as its argument, reads the issuer from the first line of standard output, and ends it by closing standard input.
//
// Everybody is let in under the name that is typed; what stands behind a + in it are the groups, as in `ada+staff+root`.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' };
}

const configuration = {
  clients: [
    {
      client_id: 'muster',
      client_secret: 'a secret with spaces & signs',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [new URL('/', redirectUri).href],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      // No TLS on loopback, and the test is no browser that would insist on it.
      application_type: 'native',
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
  // Claims stand in the ID token, where the server looks for them.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  findAccount(_, accountId) {
    const [name, ...groups] = accountId.split('+');
    return { accountId, claims: () => ({ sub: `subject of ${name}`, preferred_username: name, groups }) };
  },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(issuer, configuration).callback());
  process.stdout.write(`${issuer}\n`);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
