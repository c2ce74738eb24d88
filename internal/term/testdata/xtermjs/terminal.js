// A terminal of xterm.js between standard input, which is what a program draws, and standard output, which is what the
// terminal answers. The argument names the dependency to use.
const { Terminal } = require(process.argv[2]);
const terminal = new Terminal({ cols: 80, rows: 24, allowProposedApi: true });
terminal.onData((answer) => process.stdout.write(answer));
process.stdin.on("data", (drawn) => terminal.write(drawn));
process.stdin.on("end", () => process.exit(0));
