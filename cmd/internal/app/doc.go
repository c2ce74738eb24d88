// Package app is the command line that both programs share.
//
// A program is a table: commands, each with its options. From that one table come the parser, the environment variables,
// the configuration file, the help, the manual page and the completions, so that none of them can tell of something that
// another does not know. An option's value comes from the command line, else from its ACIP_… variable, else from the
// configuration file, else it is the default.
//
// Errors from below are known by two small interfaces, Hint and ExitCode; no room needs another's error type.
package app
