class Greeter {
  greeting = 'Hello';

  async handle(context, name) {
    return `${this.greeting} ${name}`;
  }

  other() {}
}

module.exports = new Greeter();
module.exports.handle = Greeter.prototype.handle;
