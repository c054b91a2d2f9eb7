// The last step of E3_Approval: tells the result. A real app would send a message here. Activities are started by orchestrators:
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E3_Approval?instanceId=holiday'
module.exports = async function (context, { title, decision }) {
  const message = `${title}: ${decision}`;
  context.log(message);
  return message;
};
