const { app } = require('@azure/functions');

globalThis.v4HookCalls = [];
const note = (text) => globalThis.v4HookCalls.push(text);

app.hook.appStart((context) => {
  context.hookData.started = true;
  note('appStart');
});
app.hook.appTerminate((context) => note(`appTerminate ${context.hookData.started}`));
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName !== 'Hooked') return;
  context.hookData.seen = context.inputs[0];
  context.inputs = [`${context.inputs[0]}+pre`];
  const handler = context.functionHandler;
  context.functionHandler = (...args) => handler(...args);
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'Hooked') {
    context.result = `${context.result}+post(${context.hookData.seen})`;
  }
  if (context.invocationContext.functionName === 'Forgiven') {
    context.error = null;
    context.result = 'forgiven';
  }
});
app.hook.log((context) => {
  if (context.message.startsWith('secret')) {
    context.level = 'warning';
    context.message = 'hidden by a log hook';
  }
});
