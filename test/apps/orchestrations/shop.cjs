// A small shop, whose orders are in every state that the dashboard shows.
module.exports = (df) => {
  const { EntityId, RetryOptions } = df;
  const { setTimeout: pause } = require('node:timers/promises');
  const attempts = new Map();

  const orchestrators = {
    *ProcessOrder(context) {
      const order = context.df.getInput();
      context.df.setCustomStatus({ step: 'checking stock', items: order.items.length });
      yield context.df.Task.all(
        order.items.map((item) => context.df.callActivity('ReserveItem', item)),
      );
      context.df.setCustomStatus({ step: 'charging' });
      if (!context.df.isReplaying) context.log(`charging ${order.total}`);
      const retry = new RetryOptions(200, 3);
      const receipt = yield context.df.callActivityWithRetry('ChargeCard', retry, order);
      if (order.needsApproval) {
        context.df.setCustomStatus({ step: 'waiting for approval', total: order.total });
        yield context.df.waitForExternalEvent('Approval');
      }
      context.df.setCustomStatus({ step: 'shipping' });
      const parcel = yield context.df.callSubOrchestrator(
        'ShipParcel',
        order,
        `${context.df.instanceId}-parcel`,
      );
      yield context.df.callEntity(new EntityId('Revenue', 'shop'), 'add', order.total);
      context.df.setCustomStatus({ step: 'done' });
      return { receipt, parcel };
    },
    *ShipParcel(context) {
      const order = context.df.getInput();
      const label = yield context.df.callActivity('PrintLabel', order);
      yield context.df.createTimer(
        new Date(context.df.currentUtcDateTime.getTime() + (order.pickUpInMs ?? 100)),
      );
      return label;
    },
    // Changed while instances of it run: see the replay of the dashboard.
    *RefundOrder(context) {
      const order = context.df.getInput();
      if (process.env['SHOP_REFUNDS_LATER'] === order.id) {
        yield context.df.createTimer(
          new Date(context.df.currentUtcDateTime.getTime() + 86_400_000),
        );
      } else yield context.df.callActivity('RefundCard', order.id);
      yield context.df.waitForExternalEvent('Confirmed');
      return 'refunded';
    },
    // Has the books to itself until somebody says that it is done.
    *AuditBooks(context) {
      const lock = yield context.df.lock(new EntityId('Revenue', context.df.getInput()));
      yield context.df.waitForExternalEvent('Audited');
      lock.release();
    },
    // Says and does whatever texts it is given.
    *RepeatTexts(context) {
      const texts = context.df.getInput();
      for (const text of texts) {
        if (!context.df.isReplaying) context.log(text);
        context.df.setCustomStatus(text.slice(0, 5_000));
        yield context.df.callActivity('RepeatText', text);
        yield context.df.waitForExternalEvent(text);
      }
      yield context.df.callSubOrchestrator(
        'RepeatNothing',
        texts,
        `${context.df.instanceId}-child`,
      );
      throw new Error(texts.join(' '));
    },
    *RepeatNothing(context) {
      return context.df.getInput();
    },
    *ImportCatalog(context) {
      return yield context.df.callActivity('ReadCatalog', context.df.getInput());
    },
  };

  const activities = {
    ReserveItem: async (item) => {
      await pause(5 + item.length * 5);
      return `reserved ${item}`;
    },
    ChargeCard: async (order) => {
      console.log(`calls the bank for ${order.id}`);
      const tries = (attempts.get(order.id) ?? 0) + 1;
      attempts.set(order.id, tries);
      await pause(order.bankTakesMs ?? 20);
      if (order.card === 'declined') throw new Error(`Card of order ${order.id} was declined`);
      if (order.card === 'slow' && tries < 3) throw new Error('The bank does not answer');
      return { id: 90071992547409931n.toString(), charged: order.total };
    },
    RefundCard: async (id) => `refund of ${id}`,
    RepeatText: async (text) => text,
    PrintLabel: async (order) => `label of ${order.id}`,
    ReadCatalog: async (file) => {
      throw new TypeError(`Cannot read line ${file.line} of ${file.name}`);
    },
  };

  const entities = {
    Revenue(context) {
      const total = context.df.getState(() => 0) + context.df.getInput();
      context.df.setState(total);
      context.df.return(total);
    },
  };

  return { orchestrators, activities, entities };
};
