// Calls a Clutch worker with nothing but its .proto files.
// Usage: node client.js HOST:PORT PROTO_FOLDER ERROR_DETAILS_PROTO [CA_PEM TOKEN]
// With CA_PEM and TOKEN it connects over TLS and shows the token with each call.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const [address, protos, errorDetails, authorities, token] = process.argv.slice(2);
const { clutch } = grpc.loadPackageDefinition(
  protoLoader.loadSync('clutch/v1/worker.proto', { includeDirs: [protos], keepCase: true }));
const rpc = protobuf.loadSync(errorDetails);
const connection = authorities
  ? grpc.credentials.createSsl(fs.readFileSync(authorities))
  : grpc.credentials.createInsecure();
const worker = new clutch.v1.Worker(address, connection);

const bearer = (secret) => {
  const metadata = new grpc.Metadata();
  if (secret) metadata.set('authorization', `Bearer ${secret}`);
  return metadata;
};

const invoke = (method, request, options = {}, secret = token) => new Promise((resolve, reject) =>
  worker[method](request, bearer(secret), options,
    (error, response) => error ? reject(error) : resolve(response)));

// The reason of a failed call and what else the worker tells.
function errorInfo(error) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = rpc.lookupType('google.rpc.Status').decode(bytes);
  const detail = status.details.find((any) => any.type_url.endsWith('/google.rpc.ErrorInfo'));
  return rpc.lookupType('google.rpc.ErrorInfo').decode(detail.value);
}

async function main() {
  const echoed = await invoke('Call', { function: 'echo', payload: { json: JSON.stringify('hello from node') } });
  console.log('echo:', JSON.parse(echoed.payload.json));

  const value = { list: [1, 2.5, null, true], text: 'grüße 漢字 😀' };
  const same = await invoke('Call', { function: 'identity', payload: { json: JSON.stringify(value) } });
  assert.deepStrictEqual(JSON.parse(same.payload.json), value);
  console.log('identity: the same');

  const bytes = await invoke('Call', { function: 'identity', payload: { data: Buffer.from([0, 255]) } });
  assert.deepStrictEqual([...bytes.payload.data], [0, 255]);

  const accepted = await invoke('Enqueue', { function: 'sleep', payload: { json: '1' } });
  console.log('accepted:', accepted.call_id);

  const unknown = await invoke('Call', { function: 'nosuch' }).catch((error) => error);
  assert.strictEqual(unknown.code, grpc.status.NOT_FOUND);
  const info = errorInfo(unknown);
  console.log('error:', info.domain, info.reason, 'started', info.metadata.started);
  console.log('functions:', info.metadata.functions);

  const late = await invoke('Call', { function: 'sleep', payload: { json: '60000' } },
    { deadline: Date.now() + 300 }).catch((error) => error);
  assert.strictEqual(late.code, grpc.status.DEADLINE_EXCEEDED);
  console.log('deadline: exceeded');

  for (const secret of token ? ['wrong-token-0123456789', ''] : []) {
    const refused = await invoke('Call', { function: 'echo' }, {}, secret).catch((error) => error);
    assert.strictEqual(refused.code, grpc.status.UNAUTHENTICATED);
    const why = errorInfo(refused);
    console.log('refused:', why.domain, why.reason, 'started', why.metadata.started);
  }

  const description = await invoke('Describe', {});
  console.log('pid:', String(description.process_id));
}

main().then(() => worker.close(), (error) => {
  console.error(error);
  process.exit(1);
});
