// The activity of E2_FanOutFanIn: counts the words of one text. Activities are started by orchestrators:
//
//   curl -X POST http://localhost:7071/api/orchestrators/E2_FanOutFanIn/wait
module.exports = async function (context, text) {
  return String(text).split(/\s+/).filter(Boolean).length;
};
