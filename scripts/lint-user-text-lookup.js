/**
 * Finds look-ups by a text in plain objects: `table[name]` answers `constructor` and `toString` with what every object inherits,
 * and `table[name] = …` with `__proto__` changes the object. A key that can only be one of a few known words is fine.
 */
import ts from 'typescript';

const TEXT = ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping;

export const userTextLookup = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      read: 'A text may be `constructor` or `__proto__`: use ownMember(object, name) of src/base/own-member.ts, or a Map.',
      write:
        'A text may be `__proto__`: make the object with Object.fromEntries, or use setOwnMember(object, name, value) or a Map.',
      has: '`in` finds `constructor` in every object: use Object.hasOwn.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();
    const typesOf = (node) => {
      const type = services.getTypeAtLocation(node);
      return (type.isUnion() ? type.types : [type]).map(
        (each) => checker.getBaseConstraintOfType(each) ?? each,
      );
    };
    const isText = (node) =>
      typesOf(node)
        .flatMap((type) => (type.isUnion() ? type.types : [type]))
        .some((type) => (type.flags & TEXT) !== 0);
    return {
      MemberExpression(node) {
        if (!node.computed || !isText(node.property)) return;
        const { parent } = node;
        const isWritten =
          (parent.type === 'AssignmentExpression' && parent.left === node) ||
          (parent.type === 'UnaryExpression' && parent.operator === 'delete');
        context.report({ node, messageId: isWritten ? 'write' : 'read' });
      },
      "BinaryExpression[operator='in']"(node) {
        if (node.left.type !== 'PrivateIdentifier' && isText(node.left)) {
          context.report({ node, messageId: 'has' });
        }
      },
    };
  },
};
