// Signs in with each of @azure/identity's credentials that need nobody, and says whose tokens they got.
import { readFileSync } from "node:fs";
import { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential } from "@azure/identity";

const told = JSON.parse(readFileSync(0, "utf8"));
const scope = "https://management.azure.com/.default";
const options = { authorityHost: told.https, disableInstanceDiscovery: true };

function claims(token) {
  return JSON.parse(Buffer.from(token.token.split(".")[1], "base64url").toString());
}

process.env.IDENTITY_ENDPOINT = told.identity_endpoint;
process.env.IDENTITY_HEADER = told.identity_header;

const secret = new ClientSecretCredential(told.tenant_id, told.client_id, told.client_secret, options);
const certificate = new ClientCertificateCredential(told.tenant_id, told.app_id, { certificate: told.pem }, options);
const managed = new ManagedIdentityCredential();

console.log(
  JSON.stringify({
    secret: claims(await secret.getToken(scope)).appid,
    certificate: claims(await certificate.getToken(scope)).appid,
    managed: claims(await managed.getToken(scope)).xms_mirid,
  }),
);
