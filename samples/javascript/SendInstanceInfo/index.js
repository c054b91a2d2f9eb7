// Tells another system how to manage an instance: posts the management URLs to the URL in the setting `InstanceInfoUrl`.
//
//   InstanceInfoUrl=http://localhost:8080/instances func start --script-root samples/javascript
//   curl -i -X POST http://localhost:7071/api/instances/holiday/send-info
const df = require('durable-functions');

module.exports = async function (context, req) {
  const url = process.env.InstanceInfoUrl;
  if (!url) {
    return failed(
      500,
      'The setting InstanceInfoUrl is missing: add it to Values of local.settings.json.',
    );
  }

  const client = df.getClient(context);
  const payload = client.createHttpManagementPayload(req.params.instanceId);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: req.params.instanceId, payload }),
    });
    if (!response.ok) return failed(502, `${url} answered ${response.status}.`);
  } catch (error) {
    return failed(502, `${url} cannot be reached: ${error.cause?.message ?? error.message}`);
  }
  return { status: 202 };
};

function failed(status, error) {
  return { status, body: { error } };
}
